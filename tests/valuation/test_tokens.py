"""Tokens of a corpus of which a sample was tokenised: what is estimated, and how surely."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from catalog.nouns import Basis, Estimate, State, Unit
from catalog.parquet import write_parquet
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import load_recipe
from valuation import answers
from valuation.calibrated import Around, Errors, Sides
from valuation.results import Row, Weighing
from valuation.tokens import (
    EVERYTHING,
    METHOD,
    MIN_COUNTED,
    Calibration,
    Counted,
    Domain,
    calibration,
    estimated,
)

LANGUAGE = "language.top@1"
Document = tuple[str, str, int, int | None]  # source, language, bytes, tokens


def publish(catalog: Catalog, corpus: str, table: list[Document]) -> None:
    rows = [
        {
            "doc_id": b"%16d" % number,
            "source": source,
            "contributors": [{"kind": "author", "name": source, "fraction": Decimal(1)}],
            "votes": number % 5,
            "n_bytes": n_bytes,
            "n_words": n_bytes // 6,
            "n_tokens": n_tokens,
        }
        for number, (source, _, n_bytes, n_tokens) in enumerate(table)
    ]
    spoken = pa.table(
        {
            "doc_id": pa.array([row["doc_id"] for row in rows], pa.binary()),
            LANGUAGE: pa.array([one[1] for one in table], pa.string()),
        }
    )
    paths = {name: catalog.home / f"{corpus}.{name}.parquet" for name in ("documents", "measures")}
    documents = pa.Table.from_pylist(rows, schema=DOCUMENTS)
    write_parquet(documents, paths["documents"], DOCUMENTS)
    write_parquet(spoken, paths["measures"], spoken.schema)
    staged = {name: [path] for name, path in paths.items()}
    catalog.publish(corpus, staged, {"title": corpus, "tokenizer": "cl100k (rs-bpe 0.1.0)"})


def drawn(rng: np.random.Generator, rate: float, n: int = 3000) -> tuple[list[Document], ...]:
    """Return a corpus, and the same one where a sample alone was counted."""
    whole: list[Document] = []
    for number in range(n):
        source = "abc"[number % 3]
        language = "en" if source == "a" or number % 2 else "de"
        n_bytes = int(rng.lognormal(6, 1)) + 1
        per_byte = {"a": 0.22, "b": 0.25, "c": 0.4}[source] + (0.05 if language == "de" else 0)
        whole.append((source, language, n_bytes, int(n_bytes * per_byte * rng.normal(1, 0.1)) + 1))
    kept = rng.random(n) < rate
    part = [(*one[:3], one[3] if k else None) for one, k in zip(whole, kept, strict=True)]
    return whole, part


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path)


def row(weighing: Weighing, key: str) -> Row:
    return next(row for row in weighing.rows if row.key == key)


def test_where_tokens_are_in_proportion_to_bytes_a_sample_says_all(catalog: Catalog) -> None:
    table = [("a", "en", n, n // 4) for n in range(400, 800, 4)]
    table += [("b", "de", n, n // 2) for n in range(400, 800, 4)]
    publish(catalog, "whole", table)
    publish(catalog, "part", [(*one[:3], one[3] if i % 2 else None) for i, one in enumerate(table)])

    whole, part = (answers.show(catalog, name, unit=Unit.TOKENS) for name in ("whole", "part"))

    for key in "ab":
        assert row(part, key).pool_size == pytest.approx(row(whole, key).pool_size, rel=1e-9)
        interval = row(part, key).pool_interval
        assert interval
        assert interval.high - interval.low < 1e-6
        assert (interval.exact, interval.method) == (False, METHOD)


def test_every_ratio_comes_from_the_closest_documents_of_which_enough_were_counted() -> None:
    enough = Counted(MIN_COUNTED, 100, 400, 500, 1500, 6000)
    few = Counted(MIN_COUNTED - 1, 90, 200, 500, 1500, 6000)
    found = Calibration(1000, {("a", "en"): enough, ("b", "en"): few, ("c", "de"): few})

    assert found.domain_of("a", "en") == Domain("a", "en")
    assert found.domain_of("b", "en") == found.domain_of("new", "en") == Domain(None, "en")
    assert found.domain_of("c", "de") == found.domain_of("c", "") == EVERYTHING
    assert found.domains[Domain(None, "en")].ratio == pytest.approx(190 / 600)
    assert found.domains[EVERYTHING].ratio == pytest.approx(280 / 800)


def test_documents_take_the_ratio_that_the_calibration_says(catalog: Catalog) -> None:
    table: list[Document] = [("a", "en", 400, 100)] * 40 + [("b", "en", 100, 50)] * 3
    table += [("b", "en", 100, None), ("c", "xx", 100, None), ("a", "en", 80, None)]
    publish(catalog, "c", table)
    engine = catalog.engine(catalog.latest("c"))

    found = engine.run(estimated(engine, engine.table("documents"), Unit.TOKENS)).to_pylist()

    of_all = (40 * 100 + 3 * 50) / (40 * 400 + 3 * 100)
    sizes = {one["doc_id"]: float(one["n_tokens"]) for one in found}
    assert sizes[b"%16d" % 43] == pytest.approx(100 * of_all)  # English
    assert sizes[b"%16d" % 44] == pytest.approx(100 * of_all)  # of all: the same documents
    assert sizes[b"%16d" % 45] == pytest.approx(80 / 4)


@pytest.mark.parametrize("counted", [0, 6], ids=["none", "all"])
def test_nothing_is_estimated_where_all_or_none_were_counted(
    catalog: Catalog, counted: int
) -> None:
    publish(catalog, "c", [("a", "en", 400, 100 if i < counted else None) for i in range(6)])
    engine = catalog.engine(catalog.latest("c"))

    assert calibration(engine, Unit.TOKENS) is None
    assert calibration(engine, Unit.BYTES) is None


def test_what_is_estimated_says_so(catalog: Catalog) -> None:
    _, part = drawn(np.random.default_rng(5), 0.2)
    publish(catalog, "part", part)
    curate(catalog, "part", load_recipe("webtext"))
    n_counted = sum(one[3] is not None for one in part)

    shown = answers.show(catalog, "part", unit=Unit.TOKENS)

    assert any(f"{n_counted:,} of 3,000 documents were tokenised" in w for w in shown.warnings)
    assert shown.basis.sample
    assert f"tokens of {n_counted:,} of 3,000" in shown.basis.sample
    for one in shown.rows:
        assert one.amplification
        assert not one.amplification.exact
        assert one.amplification.low < one.amplification.value < one.amplification.high


def test_the_tokens_of_stages_add_up(catalog: Catalog) -> None:
    _, part = drawn(np.random.default_rng(6), 0.2)
    publish(catalog, "part", part)
    curate(catalog, "part", load_recipe("webtext"))
    engine = catalog.engine(catalog.latest("part"))

    flows = engine.run(estimated(engine, engine.table("flows"), Unit.TOKENS)).to_pylist()

    for flow in flows:
        left = flow["tokens_removed"] + flow["tokens_out"]
        assert float(flow["tokens_in"]) == pytest.approx(float(left), abs=1e-6)


def test_the_variance_of_a_ratio_is_that_of_the_textbook() -> None:
    rng = np.random.default_rng(7)
    b = rng.lognormal(5, 1, 200)
    t = b * 0.3 * rng.normal(1, 0.2, 200)
    sums = Counted(200, t.sum(), b.sum(), (t * t).sum(), (t * b).sum(), (b * b).sum())
    errors = Errors(Calibration(2000, {("a", "en"): sums}))

    own = {Domain("a", "en"): 1.0}

    residual = t - t.sum() / b.sum() * b
    expected = (1 - 200 / 2000) / (200 * b.mean() ** 2) * (residual**2).sum() / 199
    assert errors.product(own, own) == pytest.approx(expected)  # Cochran 1977, equation 6.13
    assert errors.product(own, {EVERYTHING: 1.0}) == pytest.approx(expected)


PER_BYTE = {"a": 0.22, "b": 0.25, "c": 0.4}


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(8)
    source = np.array(list("abc") * 1000)
    n_bytes = rng.lognormal(6, 1, len(source))
    tokens = n_bytes * np.vectorize(PER_BYTE.get)(source) * rng.normal(1, 0.15, len(source))
    held, n_trials = {"pool": 0, "mix": 0, "amplification": 0}, 0
    for _ in range(300):
        kept = rng.random(len(source)) < np.vectorize({"a": 0.2, "b": 0.5, "c": 0.8}.get)(source)
        counted = rng.random(len(source)) < 0.1
        found = Calibration(
            len(source), {(s, "en"): sums(n_bytes, tokens, counted & (source == s)) for s in "abc"}
        )
        sides = {s: sides_of(n_bytes, source, kept, s) for s in "abc"}
        whole = Sides(
            *({d: n for side in sides.values() for d, n in side[i].items()} for i in (0, 1))
        )
        around = Around(Errors(found), whole)
        for key in "abc":
            told = around.row(estimate(Errors(found), key, sides[key], whole), sides[key])
            pool = tokens[source == key].sum() / tokens.sum()
            mix = tokens[kept & (source == key)].sum() / tokens[kept].sum()
            held["pool"] += holds(told.pool_interval, pool)
            held["mix"] += holds(told.mix_interval, mix)
            held["amplification"] += holds(told.amplification, mix / pool)
            n_trials += 1

    for n_held in held.values():
        assert n_held / n_trials == pytest.approx(0.95, abs=0.03)


def sums(n_bytes: np.ndarray, tokens: np.ndarray, of: np.ndarray) -> Counted:
    t, b = tokens[of], n_bytes[of]
    return Counted(len(t), t.sum(), b.sum(), (t * t).sum(), (t * b).sum(), (b * b).sum())


def sides_of(n_bytes: np.ndarray, source: np.ndarray, kept: np.ndarray, key: str) -> Sides:
    domain, own = Domain(key, "en"), source == key
    return Sides({domain: n_bytes[own].sum()}, {domain: n_bytes[own & kept].sum()})


def estimate(errors: Errors, key: str, sides: Sides, whole: Sides) -> Row:
    pool, mix = (errors.size(sides[i]) / errors.size(whole[i]) for i in (0, 1))
    basis = Basis(Unit.TOKENS)
    amplification = Estimate(mix / pool, mix / pool, mix / pool, METHOD, exact=False, basis=basis)
    return Row(key, 0.0, 0.0, pool, mix, State.PRESENT, amplification, basis)


def holds(interval: Estimate | None, truth: float) -> bool:
    assert interval
    return interval.low <= truth <= interval.high
