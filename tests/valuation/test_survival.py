"""What a recipe left of every group adds up to what its flows say."""

import math
from decimal import Decimal

import pyarrow as pa
import pytest

from catalog.errors import NotComputable, UsageError
from catalog.parquet import write_parquet
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import load_recipe
from valuation import answers

LINKS = [  # host, registered domain, votes, words
    ("a.example.de", "example.de", 5, 10),
    ("b.example.de", "example.de", 1, 20),
    ("example.com", "example.com", 3, 30),
    ("example.org", "example.org", 9, 40),
    ("lost.fr", "lost.fr", 0, 50),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    home = tmp_path_factory.mktemp("home")
    rows = [
        {
            "doc_id": f"{number:>16}".encode(),
            "source": domain,
            "host": host,
            "registered_domain": domain,
            "contributors": [{"kind": "domain", "name": domain, "fraction": Decimal(1)}],
            "votes": votes,
            "n_bytes": 6 * words,
            "n_words": words,
        }
        for number, (host, domain, votes, words) in enumerate(LINKS)
    ]
    path = home / "links.parquet"
    write_parquet(pa.Table.from_pylist(rows, schema=DOCUMENTS), path, DOCUMENTS)
    catalog = Catalog(home)
    catalog.publish("links", {"documents": [path]}, {"title": "Links"})
    curate(catalog, "links", load_recipe("webtext"))
    return catalog


def test_survival_is_what_is_left_over_what_there_was(catalog: Catalog) -> None:
    found = answers.survival(catalog, "links", by="region")

    rates = {group.group: group.rate for group in found.groups}
    assert rates == {".fr": 0.0, ".de": 0.5, "generic": 1.0}
    assert found.rate == pytest.approx(3 / 5)


def test_a_group_of_which_nothing_is_left_names_the_stage_and_the_rule(catalog: Catalog) -> None:
    found = answers.survival(catalog, "links", by="source")

    (gone,) = found.gone
    assert (gone.group, gone.stage, gone.rule) == ("lost.fr", "min_votes@1", "votes_too_few")


@pytest.mark.parametrize("by", ["source", "language", "license", "kind", "region", "length"])
def test_every_grouping_adds_up_to_the_whole(catalog: Catalog, by: str) -> None:
    found = answers.survival(catalog, "links", by=by)

    assert math.fsum(group.size for group in found.groups) == 5
    assert math.fsum(group.left for group in found.groups) == 3


def test_lengths_are_compared_in_quarters_of_the_documents(catalog: Catalog) -> None:
    found = answers.survival(catalog, "links", by="length")

    assert {group.group: (group.size, group.left) for group in found.groups} == {
        "1 of 4": (2, 1),
        "2 of 4": (1, 1),
        "3 of 4": (1, 1),
        "4 of 4": (1, 0),
    }


def test_small_groups_do_not_decide_the_disparity(catalog: Catalog) -> None:
    assert answers.survival(catalog, "links", by="region", least=2).ratio == pytest.approx(2.0)
    assert answers.survival(catalog, "links", by="region", least=1).ratio is None


def test_another_grouping_is_refused(catalog: Catalog) -> None:
    with pytest.raises(UsageError, match="cannot compare by 'shoe size'"):
        answers.survival(catalog, "links", by="shoe size")


def test_a_mixture_has_no_survivors(catalog: Catalog) -> None:
    with pytest.raises(NotComputable, match="only a recipe"):
        answers.survival(catalog, "gpt3")
