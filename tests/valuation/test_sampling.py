"""What a sample says of its corpus: intervals that hold what a count of everything gives."""

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t as student

from catalog.nouns import Unit
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import parse_recipe
from ingest.job import run
from ingest.spec import Spec
from valuation import answers
from valuation.moments import LEFT, Moments
from valuation.owners import load_owners
from valuation.results import Row
from valuation.sampling import Drawn, proportion_interval
from valuation.strata import Ends, Strata, Stratum

SITES = 6


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """4,000 pages: larger sites are likelier, and lengths differ by a lot."""
    draw, path = random.Random(3), tmp_path_factory.mktemp("corpus") / "pages.jsonl"
    with path.open("w") as file:
        for n in range(4_000):
            site = min(int(draw.expovariate(0.5)), SITES - 1)
            words = "weighs whose content " * int(1 + draw.lognormvariate(1.5, 1))
            page = {
                "text": f"{n} {words}",
                "timestamp": "2019-04-25",
                "url": f"http://s{site}.org/",
            }
            file.write(json.dumps(page) + "\n")
    return path


@pytest.fixture(scope="module")
def catalog(tmp_path_factory, corpus) -> Catalog:
    made = Catalog(tmp_path_factory.mktemp("home"))
    for name, rate in (("whole", 1.0), ("tenth", 0.1)):
        run(made, Spec(name, (str(corpus),), sample=rate))
    return made


def shown(catalog: Catalog, name: str, unit: Unit, by: str = "source") -> dict[str, Row]:
    return {row.key: row for row in answers.show(catalog, f"corpus/{name}", by=by, unit=unit).rows}


@pytest.mark.parametrize("unit", [Unit.DOCUMENTS, Unit.BYTES, Unit.WORDS], ids=str)
@pytest.mark.parametrize("by", ["source", "contributor"])
def test_the_shares_of_a_sample_have_intervals_around_those_of_the_whole(catalog, unit, by):
    whole, tenth = (shown(catalog, name, unit, by) for name in ("whole", "tenth"))

    assert {row.pool_interval for row in whole.values()} == {None}
    for key, row in tenth.items():
        found = row.pool_interval
        assert found is not None
        assert found.value == row.pool_share
        assert found.low < found.value < found.high
        assert not found.exact
        assert found.high - found.low < 0.25
        assert abs(found.value - whole[key].pool_share) < 2 * (found.high - found.low)


def test_whatever_is_answered_from_a_sample_says_so(catalog):
    answer = answers.show(catalog, "tenth", by="source")
    n = catalog.latest("tenth").tables["documents"].rows

    assert answer.basis.sample == f"a sample of 10 % ({n} of 4,000 documents)"
    assert any(answer.basis.sample in warning for warning in answer.warnings)
    assert {row.basis.sample for row in answer.rows} == {answer.basis.sample}
    assert answers.show(catalog, "whole", by="source").basis.sample is None
    compared = answers.compare(catalog, "whole", "tenth", by="source")
    assert compared.basis.sample == f"{answer.basis.sample} against all documents"


def moments(f: np.ndarray, *v: np.ndarray) -> Moments:
    """Of documents (columns of `f`: whose they are) with a size in the pool, the mix, and left."""
    s, k, left = (*v, v[-1], v[-1])[:3]
    sizes = {"s": s, "k": k, "l": left}
    sums = {name: (f.T @ size)[:, None] for name, size in sizes.items()}
    for pair in ("ss", "sk", "kk", "sl", "kl", "ll"):
        product = sizes[pair[0]] * sizes[pair[1]]
        sums[pair] = (f.T @ product)[:, None]
        sums[f"ff_{pair}"] = ((f * f).T @ product)[:, None]
    n_levels = min(len(v), 2)
    wide = {name: np.repeat(column, n_levels, axis=1) for name, column in sums.items()}
    return Moments(tuple((str(key), "") for key in range(f.shape[1])), n_levels, wide)


def drawn_from(n_all: int, f: np.ndarray, *v: np.ndarray) -> Strata:
    found = moments(f, *v)
    levels = tuple(range(found.n_levels))
    said = tuple(float(size.sum()) for size in v[:2])
    one = Stratum(found, len(f), n_all, levels, (1.0,) * len(levels), said)
    return Strata(np.stack([found.one(level) for level in levels], axis=1), [one])


def ends(found: Ends, key: int = 0) -> tuple[float, float]:
    return float(found.low[key]), float(found.high[key])


def test_a_sample_of_everything_leaves_nothing_open():
    draw = np.random.default_rng(2)
    f = np.eye(2)[draw.integers(0, 2, 50)]
    s, k = draw.lognormal(3, 1, 50), draw.lognormal(3, 1, 50)

    strata = drawn_from(50, f, s, k)

    assert proportion_interval(0.3, Drawn(1.0, 50, 50)) == pytest.approx((0.3, 0.3), abs=1e-15)
    share, mix = f[:, 0] @ s / s.sum(), f[:, 0] @ k / k.sum()
    assert ends(strata.share(0)) == pytest.approx((share, share))
    assert ends(strata.factor(0, 1)) == pytest.approx((mix / share,) * 2)


def test_the_interval_of_a_proportion_is_wilsons():
    # Wilson 1927 for 8 of 10 without a finite population, z = 1.96: (0.4902, 0.9433)
    low, high = proportion_interval(0.8, Drawn(rate=1e-9, n_drawn=10, n_all=10**10))

    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def freedom(parts: tuple[float, float], f: np.ndarray, size: np.ndarray) -> float:
    """Satterthwaite's, over a key's own documents and the others, each worth Kish's number."""
    worth = [size[of].sum() ** 2 / (size[of] @ size[of]) for of in (f > 0, f == 0)]
    return sum(parts) ** 2 / sum(part**2 / of for part, of in zip(parts, worth, strict=True))


def test_the_residuals_are_those_of_the_textbook_and_the_width_is_students():
    """The closed form of the sums is the sum over documents of the squared residual."""
    draw = np.random.default_rng(8)
    s, weight = draw.lognormal(3, 1, 60), draw.uniform(0, 1, 60)
    f, k = np.eye(2)[draw.integers(0, 2, 60)], draw.lognormal(3, 1, 60) * weight
    own = f[:, 0]
    share, mix = own @ s / s.sum(), own @ k / k.sum()
    strata = drawn_from(600, f, s, k)
    factor = (1 - 0.1) * 60 / 59

    u = (own - share) * s / s.sum()
    deviation = math.sqrt(factor * u @ u) / (share * (1 - share))
    low, high = ends(strata.share(0))
    parts = u[own > 0] @ u[own > 0], u[own == 0] @ u[own == 0]
    wide = student.ppf(0.975, freedom(parts, own, s)) * deviation
    assert math.log(high / (1 - high)) - math.log(share / (1 - share)) == pytest.approx(wide)
    assert math.log(share / (1 - share)) - math.log(low / (1 - low)) == pytest.approx(wide)

    u = own * k / (own @ k) - k / k.sum() - own * s / (own @ s) + s / s.sum()
    worth, kept = (own @ s) ** 2 / (own @ (s * s)), own @ k / (own @ s)
    kept = (worth * min(kept, 1) + 2) / (worth + 4)
    least = (1 - kept) / (worth * kept)
    parts = max(u[own > 0] @ u[own > 0], least), u[own == 0] @ u[own == 0]
    deviation = math.sqrt(factor * sum(parts))
    low, high = ends(strata.factor(0, 1))
    wide = student.ppf(0.975, freedom(parts, own, k)) * deviation
    assert math.log(high / (mix / share)) == pytest.approx(wide)
    assert math.log((mix / share) / low) == pytest.approx(wide)


@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_in_300_seeded_samples_the_intervals_hold_the_truth_as_often_as_they_say(rate):
    draw = np.random.default_rng(1992)
    n = 3_000
    site = np.minimum(draw.exponential(2, n).astype(int), SITES - 1)
    s = draw.lognormal(7, 1, n)
    k = s * (draw.uniform(0, 1, n) < 0.3 + 0.1 * site)
    f = np.eye(SITES)[site]
    true, mix = float(s[site == 1].sum() / s.sum()), float(k[site == 1].sum() / k.sum())
    held = {"documents": 0, "bytes": 0, "amplification": 0}

    for _ in range(300):
        taken = draw.uniform(0, 1, n) < rate
        strata = drawn_from(n, f[taken], s[taken], k[taken])
        proportion = float((site[taken] == 1).mean())
        truths = {
            "documents": (
                float((site == 1).mean()),
                proportion_interval(proportion, Drawn(rate, int(taken.sum()), n)),
            ),
            "bytes": (true, ends(strata.share(0), 1)),
            "amplification": (mix / true, ends(strata.factor(0, 1), 1)),
        }
        for what, (truth, (low, high)) in truths.items():
            held[what] += low <= truth <= high

    assert all(0.93 * 300 <= times <= 0.99 * 300 for times in held.values()), held


@pytest.mark.parametrize(
    ("sigma", "expected", "least"),
    [
        *((sigma, expected, 0.95) for sigma in (0.5, 1.0) for expected in (2, 5, 15, 60)),
        *(
            (1.5, expected, least)
            for expected, least in ((2, 0.98), (5, 0.95), (15, 0.88), (60, 0.92))
        ),
    ],
)
def test_shares_that_rest_on_few_documents_are_as_unsure_as_they_say(sigma, expected, least):
    draw, n = np.random.default_rng(5), 4_000
    s, own = draw.lognormal(7, sigma, n), np.arange(n) < expected * 10
    true, f = float(s[own].sum() / s.sum()), np.eye(2)[(~own).astype(int)]
    held = seen = 0

    for _ in range(1_000):
        taken = draw.uniform(0, 1, n) < 0.1
        if own[taken].any():
            low, high = ends(drawn_from(n, f[taken], s[taken]).share(0))
            seen, held = seen + 1, held + (low <= true <= high)

    assert held >= (least - 2 * math.sqrt(least * (1 - least) / seen)) * seen, held / seen


@pytest.mark.parametrize(
    ("sigma", "expected", "keep", "least"),
    [
        *(
            (sigma, n, keep, 0.95)
            for sigma in (0.5, 1.0)
            for n in (2, 5, 15, 60)
            for keep in (0.5, 0.9)
        ),
        *((1.5, n, 0.9, 0.95) for n in (2, 5, 15, 60)),
        (1.5, 60, 0.5, 0.92),
    ],
)
def test_factors_that_rest_on_few_documents_are_as_unsure_as_they_say(sigma, expected, keep, least):
    """Of others half is kept; that all of a few were kept does not say that all would be."""
    draw, n = np.random.default_rng(7), 4_000
    s, own = draw.lognormal(7, sigma, n), np.arange(n) < expected * 10
    k = s * (draw.uniform(0, 1, n) < np.where(own, keep, 0.5))
    true = float((k[own].sum() / k.sum()) / (s[own].sum() / s.sum()))
    f, held, seen = np.eye(2)[(~own).astype(int)], 0, 0

    for _ in range(400):
        taken = draw.uniform(0, 1, n) < 0.1
        if k[taken & own].any():
            low, high = ends(drawn_from(n, f[taken], s[taken], k[taken]).factor(0, 1))
            seen, held = seen + 1, held + (low <= true <= high)

    assert held >= (least - 2 * math.sqrt(least * (1 - least) / seen)) * seen, held / seen


@pytest.mark.parametrize("part", [0.2, 0.7, 0.98], ids=str)
def test_the_factor_of_what_alone_is_left_is_as_unsure_as_the_share_it_had(part):
    """It is 1 / (share before): a sample that holds less of it than the corpus bounds nothing."""
    draw, n = np.random.default_rng(9), 4_000
    s, own = draw.lognormal(7, 1, n), np.arange(n) < part * n
    k, f, held = s * own, np.eye(2)[(~own).astype(int)], 0

    for _ in range(300):
        taken = draw.uniform(0, 1, n) < 0.1
        low, high = ends(drawn_from(n, f[taken], s[taken], k[taken]).factor(0, 1))
        held += low <= s.sum() / k.sum() <= high

    assert held >= 0.92 * 300, held / 300


def test_samples_of_two_corpora_hold_the_truth_of_their_weighed_mixture():
    """Rates differ by four, and the weights are in documents while shares are in bytes."""
    draw, n = np.random.default_rng(46), 2_000
    corpora = []
    for seed_share in (0.3, 0.6):
        s = draw.lognormal(7, 1, n)
        f = np.eye(2)[(draw.uniform(0, 1, n) > seed_share).astype(int)]
        k = s * (draw.uniform(0, 1, n) < 0.3 + 0.4 * f[:, 0])
        corpora.append((f, s, k, (k > 0).astype(float)))
    weights, rates = (3.0, 1.0), (0.1, 0.4)
    mixed = sum(
        w * (f.T @ k) / left.sum() for w, (f, _, k, left) in zip(weights, corpora, strict=True)
    )
    pooled = sum(f.T @ s for f, s, _, _ in corpora)
    truths = (
        pooled[0] / pooled.sum(),
        mixed[0] / mixed.sum(),
        (mixed[0] / mixed.sum()) / (pooled[0] / pooled.sum()),
    )
    held = [0, 0, 0]

    for _ in range(300):
        strata, sizes = [], np.zeros((2, 2))
        for (f, *v), weight, rate in zip(corpora, weights, rates, strict=True):
            taken = draw.uniform(0, 1, n) < rate
            found = moments(f[taken], *(size[taken] for size in v))
            times = n / taken.sum()
            epochs = weight / (times * float(found.one(LEFT).sum()))
            said = tuple(float(size[taken].sum()) for size in v[:2])
            one = Stratum(
                found, int(taken.sum()), n, (0, 1), (times, times * epochs), said, weighed=True
            )
            strata.append(one)
            sizes += np.stack([found.one(0) * times, found.one(1) * times * epochs], axis=1)
        of = Strata(sizes, strata)
        assert of.told(0)
        assert of.told(1)
        for place, found in enumerate((of.share(0), of.share(1), of.factor(0, 1))):
            low, high = ends(found)
            held[place] += low <= truths[place] <= high

    assert all(times >= 0.92 * 300 for times in held), held
    assert max(held[:2]) <= 0.985 * 300, held  # a factor's is a little wide by intention


def test_a_share_of_all_or_nothing_in_a_sample_is_not_certain() -> None:
    drawn = Drawn(0.1, 10, 100)

    low, high = proportion_interval(1.0, drawn)
    none, some = proportion_interval(0.0, drawn)

    assert (high, none) == (1, 0)
    assert low < 0.8
    assert some == pytest.approx(1 - low)
    assert proportion_interval(1.0, Drawn(1.0, 10, 10)) == (1.0, 1.0)


OWNED = "name,owner\ns0.org,First\ns1.org,First\ns2.org,Second\n"


@pytest.mark.parametrize("by", ["source", "contributor"])
def test_shares_by_owner_have_intervals_around_those_of_the_whole(catalog, tmp_path, by):
    table = tmp_path / "owners.csv"
    table.write_text(OWNED)
    owners = load_owners(table)

    rows = {
        name: {row.key: row for row in answers.show(catalog, name, by=by, rollup=owners).rows}
        for name in ("whole", "tenth")
    }

    assert {"First", "Second", "s3.org"} <= rows["tenth"].keys()
    for key, row in rows["tenth"].items():
        found = row.pool_interval
        assert found is not None
        assert found.low < row.pool_share < found.high
        assert abs(row.pool_share - rows["whole"][key].pool_share) < 2 * (found.high - found.low)


def test_an_owner_of_all_names_is_as_sure_as_one_name_would_be(catalog, tmp_path):
    """s0 and s1 of one owner: its interval is narrower than that of two added up."""
    table = tmp_path / "owners.csv"
    table.write_text(OWNED)
    shares = shown(catalog, "tenth", Unit.BYTES)
    owned = answers.show(catalog, "tenth", by="source", rollup=load_owners(table), unit=Unit.BYTES)
    first = next(row for row in owned.rows if row.key == "First").pool_interval
    alone = [shares[site].pool_interval for site in ("s0.org", "s1.org")]

    assert first.value == pytest.approx(sum(one.value for one in alone))
    widths = [one.high - one.low for one in alone]
    assert first.high - first.low < sum(widths)


RECIPE = """
name: liked
version: 1
title: Liked twice
cite: a test
stages:
  - {stage: min_votes@1, min_votes: 3}
  - {stage: exact_dedup@1}
"""
MIXTURE = """
id: both
title: Both
cite: {work: mine}
unit: documents
components:
  - {name: Sampled, corpus: PART, recipe: liked@1, weight: 3}
  - {name: Whole, corpus: other, weight: 1}
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory) -> Catalog:
    """Pages with votes, whole and a quarter of them, through a recipe; and a mixture with each."""
    draw, folder = random.Random(4), tmp_path_factory.mktemp("voted")
    for name, n_pages in (("pages", 2_000), ("other", 500)):
        with (folder / f"{name}.jsonl").open("w") as file:
            for n in range(n_pages):
                site = min(int(draw.expovariate(0.5)), SITES - 1)
                page = {
                    "text": f"{name} {n} " + "words " * int(1 + draw.lognormvariate(1.5, 1)),
                    "url": f"http://s{site}.org/{n}",
                    "votes": draw.randint(0, 3 + site),
                }
                file.write(json.dumps(page) + "\n")
    made = Catalog(tmp_path_factory.mktemp("home"))
    names = {"text": "text", "url": "url", "votes": "votes"}
    for name, source, rate in (
        ("all", "pages", 1),
        ("quarter", "pages", 0.25),
        ("other", "other", 1),
    ):
        path = str(folder / f"{source}.jsonl")
        run(made, Spec(name, (path,), format="named", names=names, sample=rate))
    for name in ("all", "quarter"):
        curate(made, name, parse_recipe(RECIPE, origin="liked"))
        path = made.home / "mixtures" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(MIXTURE.replace("both", name).replace("PART", name))
    return made


def test_every_factor_of_a_waterfall_has_an_interval_around_that_of_the_whole(judged):
    whole, quarter = (
        answers.waterfall(judged, f"corpus/{name}", unit=Unit.BYTES) for name in ("all", "quarter")
    )
    true = {fall.key: fall for fall in whole.falls}

    assert all(step.factor_low is None for fall in whole.falls for step in fall.steps)
    for fall in quarter.falls:
        first, second = fall.steps
        assert first.factor_low < first.factor < first.factor_high
        assert abs(first.factor - true[fall.key].steps[0].factor) < 2 * (
            first.factor_high - first.factor_low
        )
        assert (second.factor_low, second.factor_high) == pytest.approx((1, 1))  # nothing is twice
    rows = {
        row.key: row.amplification
        for row in answers.show(judged, "corpus/quarter", unit=Unit.BYTES).rows
    }
    for fall in quarter.falls:
        ends_of = (fall.amplification_low, fall.amplification_high)
        assert ends_of == pytest.approx((rows[fall.key].low, rows[fall.key].high))


def test_a_mixture_of_a_sample_weighs_it_as_the_whole_corpus_and_says_how_unsure_it_is(judged):
    whole, quarter = (
        answers.show(judged, f"mixture/{name}", unit=Unit.BYTES) for name in ("all", "quarter")
    )

    assert {row.pool_interval for row in whole.rows} == {None}
    assert any("stands for" in warning for warning in quarter.warnings)
    assert quarter.summary.pool_total == pytest.approx(whole.summary.pool_total, rel=0.2)
    true = {row.key: row for row in whole.rows}
    for row in quarter.rows:
        pool, mix, amplified = row.pool_interval, row.mix_interval, row.amplification
        assert pool.method == mix.method == "share.sample@2"
        assert amplified.method == "amplification.sample@2"
        assert not amplified.exact
        for found, of in ((pool, "pool_share"), (mix, "mix_share")):
            assert found.low < found.value < found.high
            assert abs(found.value - getattr(true[row.key], of)) < 2 * (found.high - found.low)
    last = answers.waterfall(judged, "mixture/quarter", unit=Unit.BYTES).falls[0]
    assert all(step.factor_low <= step.factor <= step.factor_high for step in last.steps)


def test_a_level_that_documents_do_not_add_up_to_is_not_told():
    f, s = np.eye(2)[[0, 1, 1]], np.array([4.0, 5.0, 6.0])
    found = moments(f, s, s / 2)

    levels, sizes = (0, 1), np.stack([found.one(0), found.one(1)], axis=1)
    cut = Strata(sizes, [Stratum(found, 3, 30, levels, (1.0, 1.0), (15.0, 6.0))])

    assert cut.told(0)
    assert not cut.told(1)
