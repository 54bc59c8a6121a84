"""A trace says of one document what a run says of it, and by which numbers."""

from pathlib import Path

import pytest

from catalog.errors import NotComputable, NotFound
from catalog.parquet import write_parquet
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import Recipe, load_recipe, parse_recipe
from curation.trace import trace

RECIPE = """
name: mine
version: 1
title: t
cite: c
stages:
  - {stage: gopher_quality@1, min_words: 4}
  - {stage: exact_dedup@1}
  - {stage: min_votes@1, min_votes: 2}
"""
TEXT = "the cats with the dogs"


@pytest.fixture
def recipe() -> Recipe:
    return parse_recipe(RECIPE, origin="mine")


@pytest.fixture
def catalog(tmp_path: Path, pools) -> Catalog:
    first, second = sorted((1, 2), key=pools.doc_id)
    rows = [
        pools.document(first, TEXT, votes=5, source="winner.example", url="https://a.example/1"),
        pools.document(second, TEXT, votes=1),
        pools.document(3, "too short"),
    ]
    tables = {"documents": pools.documents_table(rows), "measures": pools.measures_table(rows)}
    for name, table in tables.items():
        write_parquet(table, tmp_path / f"{name}.parquet", table.schema)
    catalog = Catalog(tmp_path)
    catalog.publish("mini", {name: [tmp_path / f"{name}.parquet"] for name in tables}, {})
    return catalog


def test_a_rule_is_told_with_its_measure_its_threshold_and_its_citation(
    catalog, recipe, pools
) -> None:
    found = trace(catalog, pools.doc_id(3).hex(), "mini", recipe)

    rulings = {ruling.rule: ruling for ruling in found.stages[0].rulings}
    short = rulings["gopher_too_few_words"]
    assert (short.outcome, dict(short.values)) == ("broken", {"gopher.word_count@1": 2})
    assert [(limit.name, limit.value) for limit in short.thresholds] == [("min_words", 4)]
    assert "Rae et al. 2021" in short.thresholds[0].cite
    mean = rulings["gopher_words_too_long"]
    assert (mean.outcome, set(mean.values)) == (
        "passed",
        {"gopher.word_count@1", "gopher.word_chars@1"},
    )
    assert [limit.name for limit in mean.thresholds] == ["max_mean_word_chars"]
    assert (found.removed_by, found.kept_weight) == ("gopher_quality@1", 0)
    assert [stage.reached for stage in found.stages] == [True, False, False]
    assert found.stages[2].rulings[0].outcome == "not computable"


def test_a_choice_that_asks_for_another_column_is_told_of_its_rules(catalog, pools) -> None:
    found = trace(catalog, pools.doc_id(3).hex(), "mini", load_recipe("c4"))

    [page] = [stage for stage in found.stages if stage.stage == "c4_page@1"]
    depend = [ruling for ruling in page.rulings if "c4.lorem_ipsum_lines@1" in ruling.values]
    assert depend
    for ruling in depend:
        assert "terminal_punctuation" in [limit.name for limit in ruling.thresholds]


def test_a_duplicate_is_told_with_its_winner(catalog, recipe, pools) -> None:
    first, second = sorted((1, 2), key=pools.doc_id)

    found = trace(catalog, pools.doc_id(second).hex(), "mini", recipe)

    assert found.removed_by == "exact_dedup@1"
    assert found.duplicate_of == pools.doc_id(first).hex()
    assert found.winner_source == "winner.example"
    assert [stage.removes for stage in found.stages] == [False, True, False]
    assert found.stages[2].rulings[0].outcome == "broken"  # judged all the same


def test_a_document_is_found_by_its_place_and_by_its_url(catalog, recipe, pools) -> None:
    first = min((1, 2), key=pools.doc_id)

    by_url = trace(catalog, "https://a.example/1", recipe=recipe)
    by_place = trace(catalog, f"a.jsonl:{first}", recipe=recipe)

    assert by_url == by_place
    assert by_url.doc_id == pools.doc_id(first).hex()
    assert (by_url.removed_by, by_url.kept_weight, by_url.n_bytes_kept) == ("", 1, len(TEXT))


def test_the_recipe_that_was_run_need_not_be_named(catalog, recipe, pools) -> None:
    with pytest.raises(NotComputable, match="no recipe was run over mini"):
        trace(catalog, pools.doc_id(3).hex())
    curate(catalog, "mini", recipe)

    assert trace(catalog, pools.doc_id(3).hex()).recipe == "mine@1"


@pytest.mark.parametrize("name", ["0" * 32, "b.jsonl:1", "https://nowhere.example"])
def test_a_document_that_is_not_there_is_said(name: str, catalog, recipe) -> None:
    with pytest.raises(NotFound, match="no document"):
        trace(catalog, name, "mini", recipe)
