"""Runs that left counters and samples alone: DCLM's shards, Data-Juicer's log and tracer."""

from pathlib import Path
from typing import Any

import pytest

from catalog.errors import BadInput, NotFound
from curation.imports import KINDS, import_run
from valuation.answers import compare, show, waterfall

SETUP = {"name": "process_setup", "jsonl_path": "a.jsonl", "workers": 1, "first_run": True}
END = [{"name": "process_finished", "total_secs": 1.0}, {"name": "commit", "secs": 0.1}]


def step(name: str, came: int, left: int, **counts: int) -> dict[str, Any]:
    told = {"errors": 0, "removed": came - left, "kept": left, "split": 0, **counts}
    return {"name": name, "pages_in": came, "pages_out": left, "secs": 0.2, **told}


def shard(source: str, *steps: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**SETUP, "source_name": source}, *steps, *END]


def test_the_shards_are_added_up_source_by_source(write, imported, flows) -> None:
    write("stats/0_stats.jsonl", shard("cc", step("url", 10, 8), step("gopher", 8, 5)))
    write("stats/1_stats.jsonl", shard("cc", step("url", 20, 15), step("gopher", 15, 10)))
    write("stats/2_stats.jsonl", shard("wiki", step("url", 5, 5), step("gopher", 5, 4)))

    done = imported("dclm")

    assert flows() == {
        (1, "cc"): (30, 7, 23), (1, "wiki"): (5, 0, 5),
        (2, "cc"): (23, 8, 15), (2, "wiki"): (5, 1, 4),
    }  # fmt: skip
    assert flows("tokens")[1, "cc"] == (None, None, None)
    assert done.warnings == ()


def test_sources_are_amplified_from_page_counts_alone(write, catalog, imported) -> None:
    write("stats/0_stats.jsonl", shard("cc", step("gopher", 30, 10)))
    write("stats/1_stats.jsonl", shard("wiki", step("gopher", 10, 10)))
    imported("dclm")

    found = {row.key: row.amplification for row in show(catalog, "mini").rows}

    assert {key: one and one.value for key, one in found.items()} == {
        "wiki": pytest.approx(2.0, abs=1e-12),  # (10/20) / (10/40)
        "cc": pytest.approx(2 / 3, abs=1e-12),  # (10/20) / (30/40)
    }
    assert waterfall(catalog, "mini").totals == (40, 20)


def test_a_ledger_alone_can_be_compared_with_another_corpus(
    write, folder, catalog, imported
) -> None:
    write("stats/0_stats.jsonl", shard("cc", step("gopher", 30, 10)))
    write("stats/1_stats.jsonl", shard("wiki", step("gopher", 10, 10)))
    imported("dclm")
    write("stats/0_stats.jsonl", shard("cc", step("gopher", 10, 10)))
    import_run(catalog, KINDS["dclm"], folder, "other", "run")

    found = {row.key: row.amplification for row in compare(catalog, "mini", "other").rows}

    assert {key: one and one.value for key, one in found.items()} == {
        "wiki": pytest.approx(2.0, abs=1e-12),  # (10/20) / (10/40)
        "cc": pytest.approx(2 / 3, abs=1e-12),
    }


def test_pages_lost_to_errors_are_booked_as_removed_and_said(write, imported, flows) -> None:
    write("0_stats.jsonl", shard("cc", step("gopher", 10, 7, removed=2, errors=1)))

    done = imported("dclm")

    assert flows() == {(1, "cc"): (10, 3, 7)}
    assert done.warnings == ("gopher: 1 pages were lost to errors and are booked as removed",)


def test_pages_that_were_split_may_leave_in_greater_number(write, imported, flows) -> None:
    write("0_stats.jsonl", shard("cc", step("splitter", 10, 12, removed=1, kept=6, split=3)))

    done = imported("dclm")

    assert flows() == {(1, "cc"): (10, 1, 12)}
    assert "3 pages were split" in done.warnings[0]


def test_pages_that_a_step_cannot_account_for_are_said(write, imported) -> None:
    write("0_stats.jsonl", shard("cc", step("url", 10, 8, removed=1), step("gopher", 7, 7)))

    assert imported("dclm").warnings == (
        "url: 10 came, 1 were removed, 8 left: 1 off",
        "url lets 8 documents through, gopher is given 7",
    )


def test_a_step_over_all_shards_has_no_pages(write, imported, flows) -> None:
    write("0_stats.jsonl", shard("cc", step("url", 10, 8), {"name": "exact_dedup", "secs": 9.0}))

    done = imported("dclm")

    assert flows()[2, "cc"] == (None, None, None)
    assert "exact_dedup: its pages are not recorded" in done.warnings


def test_the_shards_are_held_against_the_run_s_own_sum(write, imported) -> None:
    write("stats/0_stats.jsonl", shard("cc", step("url", 10, 8)))
    chunk = {"name": "local", "num_successes": 1, "num_failures": 2, "failed_shards": ["b", "c"]}
    write("global_stats.jsonl", [{**chunk, "pages_in": 30, "pages_out": 8}])

    assert imported("dclm").warnings == (
        "global_stats.jsonl states pages_in 30, the shards add up to 10",
        "global_stats.jsonl: 2 shards failed: their pages are in no number",
    )


def test_shards_of_another_configuration_are_an_error(write, imported) -> None:
    write("0_stats.jsonl", shard("cc", step("url", 10, 8), step("gopher", 8, 8)))
    write("1_stats.jsonl", shard("cc", step("gopher", 10, 8)))

    with pytest.raises(BadInput, match="not those of the other shards"):
        imported("dclm")


def test_a_count_that_is_none_is_an_error(write, imported, folder: Path) -> None:
    with pytest.raises(NotFound, match="no files called"):
        imported("dclm")
    write("0_stats.jsonl", shard("cc", {"name": "url", "pages_in": "many"}))
    with pytest.raises(BadInput, match="expected a count"):
        imported("dclm")


LOG = """2024 | INFO | There are 100 sample(s) in the original dataset.
2024 | INFO | 98 samples left after filtering empty text.
2024 | INFO | [1/3] OP [clean_links_mapper] Done in 0.123s. Left 98 samples.
2024 | INFO | [2/3] OP [text_length_filter] Done in 1.5s. Left 90 samples.
2024 | INFO | [3/3] OP [document_deduplicator] Done in 2.000s. Left 60 samples.
"""


def sample(n: int) -> dict[str, Any]:
    return {"text": f"t{n}", "__dj__stats__": {"text_len": n}}


def change(n: int) -> dict[str, str]:
    return {"original_text": f"http://x {n}", "processed_text": f"{n}"}


def test_the_log_counts_what_every_operator_left(folder, write, imported, flows) -> None:
    (folder / "log").mkdir()
    (folder / "log" / "export_run.txt").write_text(LOG)
    write("trace/sample_trace-text_length_filter.jsonl", map(sample, range(8)))
    write("trace/sample_trace-clean_links_mapper.jsonl", map(change, range(10)))

    done = imported("data-juicer")

    assert [stage.stage for stage in done.stages] == ["text_length_filter", "document_deduplicator"]
    assert flows() == {(1, "(not recorded)"): (98, 8, 90), (2, "(not recorded)"): (90, 30, 60)}
    assert done.warnings == ()


def test_the_tracer_alone_shows_samples_of_an_unknown_number(
    folder, write, catalog, imported, flows
) -> None:
    write("trace/filter-words_num_filter.jsonl", map(sample, range(10)))
    write("trace/duplicate-document_deduplicator.jsonl", [{"dup1": sample(1), "dup2": sample(2)}])
    write("trace/mapper-clean_links_mapper.jsonl", map(change, range(3)))
    config = folder / "process.yaml"
    config.write_text(
        "process:\n  - clean_links_mapper:\n  - words_num_filter: {min_num: 5}\n"
        "  - document_deduplicator:\n"
    )

    done = imported("data-juicer", config)

    assert [stage.stage for stage in done.stages] == ["words_num_filter", "document_deduplicator"]
    assert set(flows().values()) == {(None, None, None)}
    assert done.warnings == (
        "words_num_filter: how many it removed is not recorded; 10 samples of them were kept",
        "document_deduplicator: how many it removed is not recorded; 1 samples of them were kept",
    )
    (row,) = show(catalog, "mini").rows
    assert row.state.value == "not_computable"


def test_without_log_and_configuration_the_order_is_said_to_be_unknown(write, imported) -> None:
    write("trace/filter-b_filter.jsonl", [sample(1)])
    write("trace/filter-a_filter.jsonl", [sample(1)])

    done = imported("data-juicer")

    assert [stage.stage for stage in done.stages] == ["a_filter", "b_filter"]
    assert done.warnings[0].startswith("the order of operators is not recorded")


def test_a_work_folder_without_either_is_an_error(imported) -> None:
    with pytest.raises(NotFound, match="no files of the tracer"):
        imported("data-juicer")
