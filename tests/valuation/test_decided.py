"""A snapshot remembers the recipes run over it, what broke their rules, and what they removed."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.nouns import Unit
from catalog.parquet import write_parquet
from catalog.schemas import DOCUMENTS
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import parse_recipe, recipes
from valuation.decided import BrokenRule, broken_rules, kinds_of, recipes_of, removed_by

RECIPE = """
name: voted
version: 2
title: t
cite: c
stages:
  - {stage: min_votes@1, min_votes: 4}
  - {stage: exact_dedup@1}
"""
VOTES = (9, 9, 1, 2, 7)  # the first two are copies of each other


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    home: Path = tmp_path_factory.mktemp("home")
    rows = [
        {
            "doc_id": f"{number:>16}".encode(),
            "source": "a.example",
            "contributors": [{"kind": "domain", "name": "a.example", "fraction": Decimal(1)}],
            "votes": votes,
            "n_bytes": 10 * (number + 1),
            "content_hash": f"{max(number, 1):>16}".encode(),
        }
        for number, votes in enumerate(VOTES)
    ]
    table = pa.table(
        {
            field.name: pa.array([row.get(field.name) for row in rows], field.type)
            for field in DOCUMENTS
        },
        schema=DOCUMENTS,
    )
    write_parquet(table, home / "documents.parquet", table.schema)
    catalog = Catalog(home)
    catalog.publish("mini", {"documents": [home / "documents.parquet"]}, {})
    curate(catalog, "mini", parse_recipe(RECIPE, origin="voted"))
    return catalog


def test_a_recipe_that_was_run_comes_first_with_the_thresholds_it_was_run_with(
    catalog: Catalog,
) -> None:
    first, *rest = recipes_of(catalog.latest("mini"))

    assert first == parse_recipe(RECIPE, origin="voted")
    assert rest == list(recipes())


def test_a_recipe_that_another_pipeline_decided_cannot_be_asked_again(catalog: Catalog) -> None:
    about = {"recipes": {"imported/dolma/x@1": {"title": "t", "cite": "c", "stages": []}}}
    snapshot = replace(catalog.latest("mini"), about=about)

    assert recipes_of(snapshot) == recipes()


def test_copies_are_known_by_identity_and_by_what_a_recipe_looked_for(catalog: Catalog) -> None:
    assert kinds_of(catalog.latest("mini")) == ("exact", "url")


@pytest.mark.parametrize(
    ("unit", "few", "same"),
    [(Unit.DOCUMENTS, 2, 1), (Unit.BYTES, 70, 20)],
    ids=["documents", "bytes"],
)
def test_broken_rules_have_the_size_of_what_breaks_them(
    catalog: Catalog, unit: Unit, few: float, same: float
) -> None:
    found = broken_rules(catalog.engine(catalog.latest("mini")), "voted@2", unit)

    assert found == (
        BrokenRule(1, "min_votes@1", "votes_too_few", few),
        BrokenRule(2, "exact_dedup@1", "exact_duplicate", same),
    )


def test_the_example_of_a_stage_is_the_smallest_id_that_it_removed(catalog: Catalog) -> None:
    found = removed_by(catalog.engine(catalog.latest("mini")), "voted@2")

    assert found == {
        "min_votes@1": f"{2:>16}".encode().hex(),
        "exact_dedup@1": f"{1:>16}".encode().hex(),
    }
