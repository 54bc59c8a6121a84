"""Runs of datatrove: folders of what was removed, counters, and both against each other."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import BadInput, NotComputable, NotFound, UsageError
from curation.imports import KINDS, import_run
from curation.imports.datatrove_stats import plain_name
from valuation.answers import orders, show, survival, waterfall

REMOVED = {  # step -> (host, reason) of each document
    "3_gopher_rep": [("a.org", "dup_line_frac"), ("b.com", "top_2_gram")],
    "4_gopher_qual": [("a.org", "gopher_short_doc")],
}
KEPT = ["a.org", "a.org", "a.org", "b.com"]
READER = {"name": "📖 - READER: 🐿 Jsonl", "time_stats": {}, "stats": {"documents": 9}}
WRITER = {"name": "💽 - WRITER: 🐿 Jsonl", "time_stats": {}, "stats": {"total": 4}}


def document(number: int, host: str, reason: str = "") -> dict[str, Any]:
    about = {"url": f"http://{host}/{number}", "dump": "CC-MAIN-2023-50"}
    reasons = {"filter_reason": reason} if reason else {}
    return {"text": f"text {number:04d}", "id": f"<urn:{number}>", "metadata": about | reasons}


def block(name: str, total: int, dropped: int, **reasons: int) -> dict[str, Any]:
    """One filter's counters: what was never counted up is not there, what varies is an object."""
    counts: dict[str, Any] = {"total": total, "forwarded": total - dropped}
    counts |= {"dropped": dropped} if dropped else {}
    counts |= {f"dropped_{reason}": n for reason, n in reasons.items()}
    counts["doc_len"] = {"total": 9 * total, "n": total, "mean": 9.0}
    return {"name": name, "time_stats": {"total": 1.5}, "stats": counts}


EXTRACTOR = block("🛢 - EXTRAC: ⛏ Trafilatura", 9, 2)
REPETITION = block("🔻 - FILTER: 👯 Gopher Repetition", 7, 2, dup_line_frac=1, top_2_gram=1)
QUALITY = block("🔻 - FILTER: 🥇 Gopher Quality", 5, 1, gopher_short_doc=1)


@pytest.fixture
def saved(write: Callable[..., Path]) -> None:
    """What the filters removed and what is left, as exclusion writers and a writer leave it."""
    number = 0
    for step, found in REMOVED.items():
        rows = [document(number + n, *one) for n, one in enumerate(found)]
        write(f"removed/{step}/CC-MAIN-2023-50/00000.jsonl.gz", rows)
        number += len(found)
    write("output/00000.jsonl.gz", [document(100 + n, host) for n, host in enumerate(KEPT)])


@pytest.fixture
def counted(folder: Path) -> Callable[..., None]:
    def write_stats(*blocks: dict[str, Any], name: str = "logs/stats.json") -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([READER, *blocks, WRITER], indent=4))

    return write_stats


def test_documents_are_booked_to_their_sources_and_the_rest_to_nobody(
    saved, counted, folder, ingested, imported, flows
) -> None:
    counted(EXTRACTOR, REPETITION, QUALITY)
    ingested("mini", folder / "removed", folder / "output")

    done = imported("datatrove")

    nobody = "(not recorded)"
    assert [stage.stage for stage in done.stages] == [
        "Trafilatura", "Gopher Repetition", "Gopher Quality",
    ]  # fmt: skip
    assert flows() == {
        (1, "a.org"): (5, 0, 5), (1, "b.com"): (2, 0, 2), (1, nobody): (2, 2, 0),
        (2, "a.org"): (5, 1, 4), (2, "b.com"): (2, 1, 1), (2, nobody): (0, 0, 0),
        (3, "a.org"): (4, 1, 3), (3, "b.com"): (1, 0, 1), (3, nobody): (0, 0, 0),
    }  # fmt: skip
    assert flows("bytes")[1, "a.org"] == (45, 0, 45)
    assert flows("bytes")[1, nobody] == (None, None, None)
    assert "Trafilatura: the 2 documents it removed were not saved" in done.warnings


def test_a_verdict_names_the_first_reason_and_the_step(
    saved, counted, folder, ingested, imported, rows_of
) -> None:
    counted(REPETITION, QUALITY)
    ingested("mini", folder / "removed", folder / "output")

    done = imported("datatrove")

    bits = {1 << bit: rule.rule for bit, rule in enumerate(done.rules)}
    told = sorted(
        (row["removing_stage"], bits[row["failed_rules"]])
        for row in rows_of("verdicts")
        if row["removing_stage"]
    )
    assert {row["recipe"] for row in rows_of("verdicts")} == {"imported/datatrove/run@1"}
    assert told == [
        ("Gopher Quality", "gopher_short_doc"),
        ("Gopher Repetition", "dup_line_frac"),
        ("Gopher Repetition", "top_2_gram"),
    ]
    assert done.n_documents == 7


def test_without_counters_the_folders_are_the_steps(saved, imported, flows) -> None:
    done = imported("datatrove")

    assert [stage.stage for stage in done.stages] == list(REMOVED)
    assert flows() == {(1, "(not recorded)"): (7, 2, 5), (2, "(not recorded)"): (5, 1, 4)}
    assert flows("bytes")[1, "(not recorded)"] == (None, None, None)


def test_without_the_output_what_was_kept_is_not_recorded(write, catalog, imported, flows) -> None:
    write("removed/1_url/00000.jsonl.gz", [document(1, "a.org", "domain")])

    done = imported("datatrove")

    assert flows() == {(1, "(not recorded)"): (None, 1, None)}
    (row,) = show(catalog, "mini").rows
    assert (row.state.value, row.pool_size) == ("not_computable", None)
    assert done.stages[0].left is None


def test_what_minhash_removed_has_no_reason_and_comes_last(saved, write, imported, flows) -> None:
    write("minhash/removed/00000.jsonl.gz", [document(50, "b.com")])

    done = imported("datatrove")

    assert [stage.stage for stage in done.stages] == [*REMOVED, "minhash"]
    assert {(rule.stage, rule.rule): rule.failed for rule in done.rules}[
        "minhash", "reason_not_recorded"
    ] == 1
    assert flows()[3, "(not recorded)"] == (5, 1, 4)


def test_the_counters_of_all_tasks_are_added_up(counted, imported, flows) -> None:
    counted(block("🔻 - FILTER: 🥇 Gopher Quality", 5, 1), name="logs/stats/00000.json")
    counted(block("🔻 - FILTER: 🥇 Gopher Quality", 7, 3), name="logs/stats/00001.json")

    imported("datatrove")

    assert flows() == {(1, "(not recorded)"): (12, 4, 8)}


def test_a_filter_that_saw_nothing_is_a_step_of_zeros(counted, imported, flows) -> None:
    counted({"name": "🔻 - FILTER: 🎤 Language ID", "time_stats": {}, "stats": {}})

    imported("datatrove")

    assert flows() == {(1, "(not recorded)"): (0, 0, 0)}


def test_counters_that_do_not_add_up_are_said_and_stay(counted, imported, flows) -> None:
    counted(
        {
            "name": "FILTER: A",
            "time_stats": {},
            "stats": {"total": 9, "dropped": 2, "forwarded": 6},
        },
        block("FILTER: B", 5, 1),
    )

    done = imported("datatrove")

    assert done.warnings == (
        "A: 9 came, 2 were removed, 6 left: 1 not accounted for",
        "A lets 6 documents through, B is given 5",
    )
    assert flows()[1, "(not recorded)"] == (9, 2, 6)


def test_a_folder_with_more_than_its_counter_says_is_a_contradiction(
    saved, counted, folder, ingested, imported, flows
) -> None:
    counted(block("FILTER: R", 6, 1, dup_line_frac=1), QUALITY)
    ingested("mini", folder / "removed", folder / "output")

    done = imported("datatrove")

    assert any(
        said.startswith("R: its counters (came 6, removed 1, left 5) say less")
        for said in done.warnings
    )
    assert flows()[1, "a.org"] == (5, 1, 4)
    assert not any(source == "(not recorded)" for _, source in flows())


def test_files_that_changed_since_they_were_ingested_match_nothing(
    saved, write, folder, ingested, imported
) -> None:
    ingested("mini", folder / "removed", folder / "output")
    write("output/00000.jsonl.gz", [document(900 + n, host) for n, host in enumerate(KEPT)])

    done = imported("datatrove")

    assert any(
        said.startswith("4 of the run's 7 documents are not in the") for said in done.warnings
    )
    assert done.n_documents == 3


def test_importing_a_run_again_gives_the_same_snapshot(
    saved, counted, folder, ingested, imported
) -> None:
    counted(REPETITION, QUALITY)
    ingested("mini", folder / "removed", folder / "output")

    assert imported("datatrove").snapshot.id == imported("datatrove").snapshot.id


def test_a_corpus_of_a_ledger_alone_can_be_followed_stage_by_stage(
    counted, catalog, imported
) -> None:
    counted(EXTRACTOR, REPETITION, QUALITY)
    imported("datatrove")

    fell = waterfall(catalog, "mini", recipe="imported/datatrove/run")

    assert fell.totals == (9, 7, 5, 4)
    assert fell.basis.unit == "documents"


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "a", "stats": {"total": Infinity}}]',
        "{}",
        "[1]",
        '[{"name": "FILTER: A"}]',
        '[{"name": "a", "stats": {"total": -1}}]',
        "[{",
    ],
    ids=["infinite", "object", "number", "no-stats", "negative", "cut-off"],
)
def test_a_file_that_is_no_counters_is_an_error(text: str, folder: Path, imported) -> None:
    (folder / "stats.json").write_text(text)

    with pytest.raises(BadInput):
        imported("datatrove")


def test_tasks_of_different_pipelines_are_an_error(counted, imported) -> None:
    counted(QUALITY, name="logs/stats/00000.json")
    counted(REPETITION, name="logs/stats/00001.json")

    with pytest.raises(BadInput, match="different pipelines"):
        imported("datatrove")


def test_a_run_needs_a_name_of_its_own(folder: Path, catalog) -> None:
    with pytest.raises(UsageError, match="not a name for a run"):
        import_run(catalog, KINDS["datatrove"], folder, "mini", "My Run")


def test_other_orders_of_steps_are_refused_where_only_first_reasons_are_known(
    saved, folder, catalog, ingested, imported
) -> None:
    ingested("mini", folder / "removed", folder / "output")
    imported("datatrove")

    with pytest.raises(NotComputable, match="first reason"):
        orders(catalog, "mini")


def test_a_group_whose_removals_are_not_recorded_has_no_rate_of_survival(
    write, counted, catalog, imported
) -> None:
    write("removed/9_last/00000.jsonl.gz", [document(1, "a.org")])
    counted(QUALITY)
    imported("datatrove")

    with pytest.raises(NotFound, match="nothing has documents"):
        survival(catalog, "mini")


def test_a_folder_without_a_run_is_an_error(folder: Path, catalog, imported) -> None:
    with pytest.raises(NotFound, match="no counters"):
        imported("datatrove")
    with pytest.raises(NotFound, match="no such folder"):
        imported("datatrove", path=folder / "elsewhere")
    assert catalog.corpora() == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("🔻 - FILTER: 🥇 Gopher Quality", "Gopher Quality"),
        ("🫂 - DEDUP: 🎯 MinHash stage 4", "MinHash stage 4"),
    ],
    ids=["filter", "dedup"],
)
def test_a_step_is_called_what_its_block_is_called(name: str, plain: str) -> None:
    assert plain_name(name) == plain
