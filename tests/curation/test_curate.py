from pathlib import Path

import pyarrow as pa
import pytest

from catalog.errors import BrokenStore, Busy, NotComputable, NotFound
from catalog.parquet import write_parquet
from catalog.schemas import COUNTS
from catalog.store import Catalog
from curation.curate import curate
from curation.recipe import load_recipe, parse_recipe

PROSE = "the cat and the dog have to be with that man of old times. " * 5


@pytest.fixture
def catalog(tmp_path: Path, pools) -> Catalog:
    """A corpus of prose, of one short text, of a copy, and of a link."""
    rows = [
        pools.document(1, PROSE, votes=5),
        pools.document(2, PROSE, votes=1, source="b.example"),
        pools.document(3, "# the end", votes=3),
        pools.document(4, votes=2),
    ]
    return published(tmp_path, pools, rows)


def published(home: Path, pools, rows, *, measures: bool = True) -> Catalog:
    tables = {"documents": pools.documents_table(rows)}
    if measures:
        tables["measures"] = pools.measures_table(rows)
    for name, table in tables.items():
        write_parquet(table, home / f"{name}.parquet", table.schema)
    catalog = Catalog(home)
    catalog.publish("mini", {name: [home / f"{name}.parquet"] for name in tables}, {"title": "t"})
    return catalog


def rows_in(catalog: Catalog, table: str) -> list[dict]:
    engine = catalog.engine(catalog.latest("mini"))
    return engine.run(engine.table(table)).to_pylist()


def test_curate_publishes_verdicts_flows_and_rule_costs(catalog: Catalog) -> None:
    before, told = catalog.latest("mini"), []

    report = curate(catalog, "mini", load_recipe("gopher@1"), told.append)

    assert report.snapshot == catalog.latest("mini")
    made = {"verdicts", "flows", "rule_costs", "clusters"}
    assert set(report.snapshot.tables) == {*before.tables, *made}
    assert report.snapshot.tables["documents"] == before.tables["documents"]
    assert [(s.stage, s.size_in.documents, s.size_out.documents) for s in report.stages] == [
        ("language@1", 4, 4),
        ("gopher_quality@1", 4, 3),
        ("exact_dedup@1", 3, 2),
    ]
    assert len(rows_in(catalog, "verdicts")) == 4
    assert catalog.verify(report.snapshot) == len(report.snapshot.tables)
    assert told == [
        "finding exact duplicates",
        "deciding by gopher@1",
        "adding up",
        "publishing",
    ]


def test_the_same_recipe_again_gives_the_same_snapshot(catalog: Catalog) -> None:
    first = curate(catalog, "mini", load_recipe("gopher@1"))
    again = curate(catalog, "mini", load_recipe("gopher@1"))

    assert again.snapshot.id == first.snapshot.id
    assert again.rules == first.rules


def test_recipes_live_side_by_side_and_in_any_order(catalog: Catalog) -> None:
    for name in ("gopher@1", "webtext@1"):
        one = curate(catalog, "mini", load_recipe(name))
    verdicts = {(row["recipe"], row["doc_id"]) for row in rows_in(catalog, "verdicts")}

    for name in ("webtext@1", "gopher@1"):
        other = curate(catalog, "mini", load_recipe(name))

    assert len(verdicts) == 8
    assert other.snapshot.id == one.snapshot.id
    assert set(other.snapshot.about["recipes"]) == {"gopher@1", "webtext@1"}
    assert {row["recipe"] for row in rows_in(catalog, "flows")} == {"gopher@1", "webtext@1"}


def test_webtext_keeps_exactly_three_votes_and_more(catalog: Catalog) -> None:
    curate(catalog, "mini", load_recipe("webtext"))

    votes = {row["doc_id"]: row["votes"] for row in rows_in(catalog, "documents")}
    kept = {row["doc_id"] for row in rows_in(catalog, "verdicts") if row["kept_weight"] == 1}

    assert kept == {id_ for id_, n_votes in votes.items() if n_votes >= 3}


def test_a_changed_threshold_replaces_the_recipe_s_rows(catalog: Catalog) -> None:
    text = (
        "name: webtext\nversion: 1\ntitle: t\ncite: c\nstages: [{stage: min_votes@1, min_votes: 9}]"
    )
    curate(catalog, "mini", load_recipe("webtext"))

    report = curate(catalog, "mini", parse_recipe(text, origin="mine"))

    assert len(rows_in(catalog, "verdicts")) == 4
    assert report.stages[0].size_out.documents == 0
    stages = report.snapshot.about["recipes"]["webtext@1"]["stages"]
    assert stages == [{"stage": "min_votes@1", "min_votes": 9}]
    assert report.warnings == ("min_votes@1: let none of 4 documents through",)


def test_idle_rules_and_rules_that_cannot_be_computed_are_said(catalog: Catalog) -> None:
    report = curate(catalog, "mini", load_recipe("gopher@1"))

    counts = {rule.rule: (rule.failed, rule.not_computable) for rule in report.rules}
    assert counts["gopher_too_few_words"] == (1, 1)
    assert counts["exact_duplicate"] == (1, 1)
    assert (
        "language@1: matched 0 of 4 documents: language_unwanted, language_uncertain"
    ) in report.warnings
    assert (
        "gopher_quality@1: gopher_too_few_words could not be computed for 1 of 4 documents,"
        " which therefore passed it"
    ) in report.warnings


def test_the_snapshot_remembers_which_bit_is_which_rule(catalog: Catalog) -> None:
    report = curate(catalog, "mini", load_recipe("gopher@1"))

    remembered = catalog.latest("mini").about["recipes"]["gopher@1"]["rules"]

    assert [rule["rule"] for rule in remembered] == [rule.rule for rule in report.rules]
    assert remembered[2]["failed"] == 1


def test_a_missing_measure_is_named(tmp_path: Path, pools) -> None:
    catalog = published(tmp_path, pools, [pools.document(1, PROSE, votes=3)], measures=False)

    with pytest.raises(NotComputable, match=r"language\.top@1, language\.score@1, gopher\.word"):
        curate(catalog, "mini", load_recipe("gopher@1"))

    assert curate(catalog, "mini", load_recipe("webtext")).stages[0].size_out.documents == 1
    assert {row["language"] for row in rows_in(catalog, "flows")} == {None}


def test_a_corpus_of_counts_has_nothing_to_judge(tmp_path: Path) -> None:
    path = tmp_path / "counts.parquet"
    write_parquet(pa.table({name: [None] for name in COUNTS.names}, COUNTS), path, COUNTS)
    catalog = Catalog(tmp_path)
    catalog.publish("mini", {"counts": [path]}, {})

    with pytest.raises(NotComputable, match="known by its counts"):
        curate(catalog, "mini", load_recipe("webtext"))


def test_measures_that_repeat_a_document_are_refused(tmp_path: Path, pools) -> None:
    row = pools.document(1, PROSE)
    documents, measures = pools.documents_table([row]), pools.measures_table([row, row])
    write_parquet(documents, tmp_path / "d.parquet", documents.schema)
    write_parquet(measures, tmp_path / "m.parquet", measures.schema)
    catalog = Catalog(tmp_path)
    staged = {"documents": [tmp_path / "d.parquet"], "measures": [tmp_path / "m.parquet"]}
    catalog.publish("mini", staged, {})

    with pytest.raises(BrokenStore, match=r"1 documents gave \d verdicts"):
        curate(catalog, "mini", load_recipe("gopher@1"))


def test_an_unknown_corpus_and_a_busy_one_are_said(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="no corpus 'maxi'"):
        curate(catalog, "maxi", load_recipe("webtext"))
    with catalog.lock("mini"), pytest.raises(Busy):
        curate(catalog, "mini", load_recipe("webtext"))


def test_a_stage_may_ask_for_what_documents_are_booked_under(tmp_path: Path, pools) -> None:
    rows = [
        pools.document(number, PROSE, host=host, registered_domain=host, private_domain=host)
        for number, host in enumerate(["spam.example", "good.example"])
    ]
    text = (
        "name: mine\nversion: 1\ntitle: t\ncite: c\n"
        "stages: [{stage: url_blocklist@1, domains: [spam.example]}]"
    )

    report = curate(published(tmp_path, pools, rows), "mini", parse_recipe(text, origin="m.yaml"))

    assert [(rule.rule, rule.failed) for rule in report.rules] == [("url_blocked", 1)]
    assert report.warnings == ()
