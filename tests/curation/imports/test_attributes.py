"""Attributes of dolma and signals of RedPajama-v2 as measures, and a stage that asks for one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import BadInput, NotComputable, NotFound, UsageError
from curation.curate import curate
from curation.imports.attributes import reduced
from curation.recipe import Recipe
from curation.recipe_check import check
from curation.stages.attribute import Attribute

SPANS = [[[0, 4, 0.5], [6, 8, 0.1]], [], [[0, 6, 0.9]]]


@pytest.fixture
def dolma(write, folder, ingested) -> None:
    """Three documents of which the last has a toxicity."""
    rows = [{"id": f"d{n}", "source": "s", "text": f"text {n}", "metadata": {}} for n in range(3)]
    write("documents/x/0.json.gz", rows)
    write("attributes/t/x/0.json.gz", [
        {"id": f"d{n}", "attributes": {"t__v1__doc": one}} for n, one in enumerate(SPANS)
    ])  # fmt: skip
    write("attributes/u/x/0.json.gz", [
        {"id": f"d{n}", "attributes": {"toxicity": 0.7, "good": True} if n == 2 else {}}
        for n in range(3)
    ])  # fmt: skip
    ingested("mini", folder / "documents")


@pytest.fixture
def measured(rows_of) -> Callable[[], list[dict[str, Any]]]:
    """The measures in the order of the documents, without the ids."""

    def read() -> list[dict[str, Any]]:
        places = {row["doc_id"]: row["location"]["row"] for row in rows_of("documents")}
        rows = sorted(rows_of("measures"), key=lambda row: places[row["doc_id"]])
        return [{k: v for k, v in row.items() if k not in ("doc_id", "corpus")} for row in rows]

    return read


def test_attributes_become_measures_of_their_own_documents(dolma, imported, measured) -> None:
    done = imported("dolma-attributes")

    name = "dolma.t__v1__doc"
    first, spans, chars = f"{name}.first@1", f"{name}.spans@1", f"{name}.chars@1"
    others = ("dolma.good.first@1", "dolma.toxicity.first@1")
    assert [tuple(row[one] for one in (first, spans, chars)) for row in measured()] == [
        (0.5, 2, 6), (None, 0, 0), (0.9, 1, 6),
    ]  # fmt: skip
    assert [tuple(row[one] for one in others) for row in measured()] == [
        (None, None), (None, None), (1.0, 0.7),
    ]  # fmt: skip
    assert set(done.columns) == {first, spans, chars, *others}
    assert (done.recipe, done.stages, done.warnings) == ("", (), ())


def test_what_was_measured_before_stays_and_a_second_import_replaces_its_own(
    dolma, imported, measured, write
) -> None:
    imported("dolma-attributes")
    write("attributes/u/x/0.json.gz", [
        {"id": f"d{n}", "attributes": {"toxicity": n}} for n in range(3)
    ])  # fmt: skip

    imported("dolma-attributes")

    assert [row["dolma.toxicity.first@1"] for row in measured()] == [0.0, 1.0, 2.0]
    assert [row["dolma.good.first@1"] for row in measured()] == [None, None, 1.0]


def test_two_keys_of_one_name_shift_nothing(dolma, imported, measured, write) -> None:
    write("attributes/u/x/0.json.gz", [
        {"id": f"d{n}", "attributes": {"a": {"b": 5}, "a.b": n}} for n in range(3)
    ])  # fmt: skip

    imported("dolma-attributes")

    assert [row["dolma.a.b.first@1"] for row in measured()] == [0.0, 1.0, 2.0]


def test_attributes_that_only_one_file_has_are_null_in_the_others(
    dolma, imported, measured, write, folder, ingested
) -> None:
    write("documents/y/1.json.gz", [{"id": "e", "source": "s", "text": "t", "metadata": {}}])
    for name in ("t", "u"):
        write(f"attributes/{name}/y/1.json.gz", [{"id": "e", "attributes": {"new": 4}}])
    ingested("mini", folder / "documents")

    imported("dolma-attributes")

    found = {(row["dolma.new.first@1"], row["dolma.t__v1__doc.spans@1"]) for row in measured()}
    assert found == {(4.0, None), (None, 2), (None, 0), (None, 1)}


def test_attributes_shifted_by_a_line_are_refused(dolma, imported, write, rows_of) -> None:
    write("attributes/u/x/0.json.gz", [{"id": f"d{n + 1}", "attributes": {}} for n in range(3)])

    with pytest.raises(BadInput, match=r"line 1 is of the document 'd1'"):
        imported("dolma-attributes")
    assert rows_of("measures") == []


def test_without_documents_there_is_nothing_to_measure(write, imported) -> None:
    write("documents/0.json", [{"id": "d", "source": "s", "text": "t"}])
    write("attributes/t/0.json", [{"id": "d", "attributes": {}}])

    with pytest.raises(NotComputable, match="no documents of 'mini'"):
        imported("dolma-attributes")
    with pytest.raises(NotFound, match="no folder quality_signals"):
        imported("redpajama-v2")


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (0.25, {"n.first": 0.25}),
        (True, {"n.first": 1.0}),
        ([], {"n.spans": 0, "n.chars": 0}),
        ([[0, 5, None]], {"n.spans": 1, "n.chars": 5}),
        ({"email": [[2, 4, 0.8]]}, {"n.email.spans": 1, "n.email.chars": 2, "n.email.first": 0.8}),
        ("a text", {}),
        ([1, 2], {}),
    ],
    ids=["number", "truth", "no-span", "no-score", "object", "text", "no-spans"],
)
def test_an_attribute_is_reduced_to_numbers(value: object, columns: dict[str, float]) -> None:
    assert dict(reduced("n", value)) == columns


def test_objects_without_end_are_refused() -> None:
    value: dict[str, Any] = {"a": 1}
    for _ in range(900):
        value = {"a": value}

    with pytest.raises(BadInput, match="nests deeper than 20"):
        dict(reduced("n", value))


@pytest.fixture
def redpajama(write, folder, ingested) -> None:
    rows = [
        {
            "url": f"http://a.org/{n}", "date_download": "2023-02-01T00:00:00Z",
            "digest": f"sha1:{n}", "length": 6, "nlines": 1, "source_domain": "a.org", "title": "t",
            "raw_content": f"text {n}", "cc_segment": "crawl-data/CC-MAIN-2023-06/x.gz",
            "original_nlines": 1, "original_length": 6, "language": "en", "language_score": 0.9,
            "perplexity": 100.0, "bucket": "head",
        }
        for n in range(2)
    ]  # fmt: skip
    write("documents/2023-06/0000/en_head.json.gz", rows)
    ingested("mini", folder / "documents")


def signals(n: int, url: str = "") -> dict[str, Any]:
    said = {"rps_doc_word_count": [[0, 6, 2 + n]], "rps_lines_num_words": [[0, 3, 1], [3, 6, 1]]}
    return {
        "id": f"2023-06/0000/en_head.json.gz/{n}",
        "metadata": {"url": url or f"http://a.org/{n}"},
        "quality_signals": json.dumps(said) if n else said,  # both forms are in use
    }


SIGNALS = "quality_signals/2023-06/0000/en_head.signals.json.gz"


def test_signals_become_measures_and_nothing_is_decided(
    redpajama, write, imported, measured
) -> None:
    write(SIGNALS, [signals(0), signals(1)])

    done = imported("redpajama-v2")

    assert [row["redpajama.rps_doc_word_count.first@1"] for row in measured()] == [2.0, 3.0]
    assert [row["redpajama.rps_lines_num_words.spans@1"] for row in measured()] == [2, 2]
    assert done.stages == ()


@pytest.mark.parametrize(
    "rows",
    [
        [signals(1), signals(0)],
        [signals(0), signals(1, "http://b.org/")],
        [signals(0)],
        [signals(0), signals(1) | {"quality_signals": "{"}],
    ],
    ids=["swapped", "another-page", "too-short", "cut-off"],
)
def test_signals_of_other_lines_are_refused(rows, redpajama, write, imported) -> None:
    write(SIGNALS, rows)

    with pytest.raises(BadInput):
        imported("redpajama-v2")


def recipe(**given: Any) -> Recipe:
    return Recipe("own", 1, "a test", "nobody", (Attribute(**given),))


@pytest.mark.parametrize(
    ("keep", "limit", "kept"),
    [("at_most", 0.5, 2), ("at_most", 0.9, 3), ("at_least", 0.9, 2), ("at_least", 0.91, 1)],
)
def test_a_stage_removes_what_lies_beyond_its_limit_and_spares_what_has_no_number(
    keep: str, limit: float, kept: int, dolma, catalog, imported
) -> None:
    imported("dolma-attributes")

    done = curate(
        catalog, "mini", recipe(column="dolma.t__v1__doc.first@1", keep=keep, limit=limit)
    )

    assert done.stages[0].size_out.documents == kept
    assert any("could not be computed for 1 of 3" in one for one in done.warnings)


def test_an_attribute_that_nobody_wrote_is_an_alarm_and_no_idle_filter(
    dolma, catalog, folder, imported
) -> None:
    imported("dolma-attributes")
    path = folder / "own.yaml"
    path.write_text(
        "name: own\nversion: 1\ntitle: t\ncite: nobody\nstages:\n"
        "  - {stage: attribute@1, column: dolma.t__v2__doc.first@1, limit: 1.0}\n"
        "  - {stage: attribute@1, column: dolma.toxicity.first@1, limit: 1.0}\n"
    )

    with pytest.raises(NotComputable, match=r"columns this snapshot has not: dolma\.t__v2__doc"):
        curate(catalog, "mini", recipe(column="dolma.t__v2__doc.first@1"))
    found = check(path, catalog.engine(catalog.latest("mini")))

    alarms = [one.message for one in found if one.code == "no-such-column"]
    assert alarms == [
        "no column dolma.t__v2__doc.first@1 in this corpus; the nearest is dolma.t__v1__doc.first@1"
    ]
    assert not [one for one in found if one.code == "stage-twice"]


def test_a_side_that_is_neither_is_an_error() -> None:
    with pytest.raises(UsageError, match="at_most, at_least"):
        Attribute(keep="above")


def test_the_real_sample_gives_its_own_numbers(dolma_sample, ingested, imported, measured) -> None:
    given: Path = dolma_sample / "provided"
    ingested("mini", given / "documents")

    imported("dolma-attributes", path=given)

    rows = measured()
    assert [row["dolma.toxicity.first@1"] for row in rows] == [n / 10 for n in range(1, 11)]
    assert [row["dolma.pii.email.spans@1"] for row in rows] == [
        None, None, 2, 1, None, None, 1, None, None, None,
    ]  # fmt: skip
    assert rows[1]["dolma.bff_duplicate_paragraph_spans.spans@1"] == 30
