"""What a sample says of its corpus: intervals that hold what a count of everything gives."""

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest

from catalog.nouns import Unit
from catalog.store import Catalog
from ingest.job import run
from ingest.spec import Spec
from valuation import answers
from valuation.results import Row
from valuation.sampling import Drawn, Sums, proportion_interval, ratio_interval, share_interval

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
    return {row.key: row for row in answers.show(catalog, name, by=by, unit=unit).rows}


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


ALL = Drawn(rate=1.0, n_drawn=50, n_all=50)


def test_a_sample_of_everything_leaves_nothing_open():
    assert proportion_interval(0.3, ALL) == pytest.approx((0.3, 0.3), abs=1e-15)
    assert share_interval(3, 10, (9.0, 9.0, 60.0), ALL) == pytest.approx((0.3, 0.3))
    key = Sums(3, 2, 9, 6, 4, 9, 6, 4)
    whole = Sums(10, 5, 60, 30, 20, 60, 30, 20)
    assert ratio_interval(key, whole, ALL) == pytest.approx(((2 / 5) / (3 / 10),) * 2)


def test_the_interval_of_a_proportion_is_wilsons():
    # Wilson 1927 for 8 of 10 without a finite population, z = 1.96: (0.4902, 0.9433)
    low, high = proportion_interval(0.8, Drawn(rate=1e-9, n_drawn=10, n_all=10**10))

    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_the_residuals_are_those_of_the_textbook():
    """The closed form of the sums is the sum over documents of the squared residual."""
    draw = np.random.default_rng(8)
    s, weight = draw.lognormal(3, 1, 60), draw.uniform(0, 1, 60)
    f, k = draw.choice([0, 0.5, 1], 60), draw.lognormal(3, 1, 60) * weight
    drawn = Drawn(rate=0.1, n_drawn=60, n_all=600)
    key = Sums(
        *(float(x.sum()) for x in (f * s, f * k, f * s * s, f * s * k, f * k * k)),
        *(float(x.sum()) for x in (f * f * s * s, f * f * s * k, f * f * k * k)),
    )
    whole = Sums(*(float(x.sum()) for x in (s, k, s * s, s * k, k * k, s * s, s * k, k * k)))
    a = (key.k / whole.k) / (key.s / whole.s)

    low, high = ratio_interval(key, whole, drawn)
    u = f * k / key.k - k / whole.k - f * s / key.s + s / whole.s
    deviation = math.sqrt((1 - 0.1) * 60 / 59 * float((u * u).sum()))

    assert math.log(high / a) == pytest.approx(1.959964 * deviation, rel=1e-6)
    assert math.log(a / low) == pytest.approx(1.959964 * deviation, rel=1e-6)


@pytest.mark.parametrize("rate", [0.1, 0.4])
def test_in_300_seeded_samples_the_intervals_hold_the_truth_as_often_as_they_say(rate):
    draw = np.random.default_rng(1992)
    n = 3_000
    site = np.minimum(draw.exponential(2, n).astype(int), SITES - 1)
    s = draw.lognormal(7, 1, n)
    k = s * (draw.uniform(0, 1, n) < 0.3 + 0.1 * site)
    held = {"documents": 0, "bytes": 0, "amplification": 0}

    for _ in range(300):
        taken = draw.uniform(0, 1, n) < rate
        drawn = Drawn(rate, int(taken.sum()), n)
        f = site == 1
        own, all_ = _sums(s[taken & f], k[taken & f]), _sums(s[taken], k[taken])
        true = float(s[f].sum() / s.sum())
        truths = {
            "documents": (float(f.mean()), proportion_interval(float(f[taken].mean()), drawn)),
            "bytes": (true, share_interval(own.s, all_.s, (own.ff_ss, own.ss, all_.ss), drawn)),
            "amplification": (
                float(k[f].sum() / k.sum()) / true,
                ratio_interval(own, all_, drawn),
            ),
        }
        for what, (truth, (low, high)) in truths.items():
            held[what] += low <= truth <= high

    # a ratio of two ratios is less linear: of 70 documents or so its interval is a little narrow
    least = {"documents": 0.93, "bytes": 0.93, "amplification": 0.90 if rate < 0.2 else 0.93}
    assert all(least[what] * 300 <= times <= 0.99 * 300 for what, times in held.items()), held


def _sums(s: np.ndarray, k: np.ndarray) -> Sums:
    squares = [float((s * s).sum()), float((s * k).sum()), float((k * k).sum())]
    return Sums(float(s.sum()), float(k.sum()), *squares, *squares)


def test_a_share_of_all_or_nothing_in_a_sample_is_not_certain() -> None:
    drawn = Drawn(0.1, 10, 100)

    low, high = share_interval(40, 40, (160.0, 160.0, 160.0), drawn)  # ten documents of 4
    none, some = share_interval(0, 40, (0.0, 0.0, 160.0), drawn)

    assert (low, high) == pytest.approx(proportion_interval(1.0, drawn))
    assert low < 0.8
    assert none == 0
    assert some == pytest.approx(1 - low)
    assert share_interval(40, 40, (160.0, 160.0, 160.0), Drawn(1.0, 10, 10)) == (1.0, 1.0)
