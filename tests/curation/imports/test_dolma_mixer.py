"""Runs of dolma's mixer: its configuration asked again of documents and their attributes."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import BadInput, NotComputable, NotFound, UsageError
from curation.imports.mixer_rules import Rule, rule_of

TOXIC = "$.attributes[?(@.toxicity > 0.8)]"
SHORT = "$.metadata[?(@.length < 500)]"
LENGTHS = [100, 600, 700, 800]
SCORES = [0.1, 0.9, 0.8, 0.2]


def stream(**filters: Any) -> dict[str, Any]:
    return {
        "name": "cc",
        "documents": ["s3://bucket/v1/documents/*.gz"],
        "attributes": ["tox"],
        "filter": filters,
    }


@pytest.fixture
def config(folder: Path) -> Callable[..., Path]:
    def write_config(*streams: dict[str, Any]) -> Path:
        path = folder / "mixer.json"
        path.write_text(json.dumps({"streams": streams}))
        return path

    return write_config


@pytest.fixture
def documents(write) -> None:
    """Four documents of two sources, each with a length and a toxicity."""
    rows = [
        {"id": f"d{n}", "source": "ab"[n % 2], "text": f"text {n}", "metadata": {"length": length}}
        for n, length in enumerate(LENGTHS)
    ]
    write("documents/0.json.gz", rows)
    said = [{"id": f"d{n}", "attributes": {"toxicity": one}} for n, one in enumerate(SCORES)]
    write("attributes/tox/0.json.gz", said)


def test_every_rule_is_asked_of_every_document_and_the_first_step_removes(
    documents, config, folder, ingested, imported, flows
) -> None:
    ingested("mini", folder / "documents")
    chosen = config(stream(include=["$.metadata[?(@.length < 800)]"], exclude=[SHORT, TOXIC]))

    done = imported("dolma", chosen)

    assert flows() == {
        (1, "a"): (2, 0, 2), (1, "b"): (2, 1, 1),
        (2, "a"): (2, 1, 1), (2, "b"): (1, 1, 0),
    }  # fmt: skip
    assert flows("bytes")[2, "a"] == (12, 6, 6)
    assert {rule.rule: rule.failed for rule in done.rules} == {
        "not_included": 1, SHORT: 1, TOXIC: 1,
    }  # fmt: skip
    assert done.warnings == ()


def test_a_rule_that_matched_nothing_and_an_attribute_that_nobody_wrote_are_named(
    documents, config, folder, ingested, imported
) -> None:
    ingested("mini", folder / "documents")
    never = "$.attributes[?(@.cc__gopher_v1__missing && @.cc__gopher_v1__missing[0][2] > 0.2)]"

    done = imported("dolma", config(stream(exclude=[TOXIC, never])))

    assert "cc: no document has the attribute cc__gopher_v1__missing, so it decides nothing" in (
        done.warnings
    )
    assert f"cc: exclude: matched 0 of 4 documents: {never}" in done.warnings


def test_a_rule_that_is_not_read_removes_nobody_and_is_said(
    documents, config, folder, ingested, imported, flows
) -> None:
    ingested("mini", folder / "documents")

    done = imported("dolma", config(stream(exclude=["$.text.length()", TOXIC])))

    assert sum(row[2] for row in flows().values()) == 3
    assert any("$.text.length() could not be computed for 4 of 4" in one for one in done.warnings)
    assert any("not known what matches: $.text.length()" in one for one in done.warnings)


def test_without_the_documents_in_the_catalog_they_are_counted(
    documents, config, imported, flows
) -> None:
    imported("dolma", config(stream(exclude=[SHORT, TOXIC])))

    assert flows() == {(1, "(not recorded)"): (4, 2, 2)}


def test_files_of_no_stream_are_left_out_and_counted(documents, write, config, imported) -> None:
    write("documents/other/1.json.zst.jsonl", [{"id": "x", "source": "a", "text": "t"}])

    done = imported("dolma", config(stream(exclude=[TOXIC])))

    assert "1 files of documents are of no stream: left out" in done.warnings


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": f"d{n}", "attributes": {}} for n in (1, 0, 2, 3)],
        [{"id": f"d{n}", "attributes": {}} for n in range(3)],
        [{"id": f"d{n}", "attributes": {}} for n in range(5)],
        [{"id": f"d{n}"} for n in range(4)],
    ],
    ids=["swapped", "too-short", "too-long", "no-attributes"],
)
def test_attributes_that_do_not_stand_line_by_line_are_an_error(
    rows, documents, write, config, catalog, imported
) -> None:
    write("attributes/tox/0.json.gz", rows)

    with pytest.raises(BadInput):
        imported("dolma", config(stream(exclude=[TOXIC])))
    assert catalog.corpora() == []


def test_what_cannot_be_asked_is_an_error(documents, config, folder, imported) -> None:
    with pytest.raises(UsageError, match="none was named"):
        imported("dolma")
    with pytest.raises(NotComputable, match="jq"):
        imported("dolma", config(stream(syntax="jq", exclude=[".attributes.toxicity > 1"])))
    (folder / "attributes" / "tox" / "0.json.gz").unlink()
    with pytest.raises(NotFound, match="no such file"):
        imported("dolma", config(stream(exclude=[TOXIC])))
    (folder / "mixer.json").write_text('{"process": []}')
    with pytest.raises(BadInput, match="no mixer configuration"):
        imported("dolma", folder / "mixer.json")


@pytest.mark.parametrize(
    "wrong",
    [
        {"filter": [TOXIC]}, {"documents": "documents/*"}, {"filter": {"exclude": [1]}},
        {"attributes": ["../documents"]}, {"attributes": ["/etc"]},
    ],
    ids=["filter", "documents", "rule", "out-of-the-folder", "absolute"],
)  # fmt: skip
def test_a_stream_of_a_wrong_form_is_an_error(wrong, documents, config, imported) -> None:
    with pytest.raises(BadInput):
        imported("dolma", config({**stream(exclude=[TOXIC]), **wrong}))


DOCUMENT = {
    "text": "t",
    "metadata": {"length": 500, "lang": "en"},
    "attributes": {"a__b__c": [[0, 9, 0.4], [9, 12, 1]], "none": [], "pii": {"much": True}},
}


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        ("$.attributes[?(@.a__b__c && @.a__b__c[0] && @.a__b__c[0][2] >= 0.4)]", True),
        ("$.attributes[?(@.a__b__c[0][2] > 0.4)]", False),
        ("$.attributes[?(@.a__b__c[1][2] == 1.0)]", True),
        ("$.attributes[?(@.gone[0][2] < 9)]", False),
        ("$.attributes[?(@.gone != 3)]", True),
        ("$.attributes[?(@.none && @.none[0])]", False),
        ("$.attributes[?(!(@.none[0]) && (@.pii.much == true || @.gone))]", True),
        ("$.attributes[?(@.pii.much == 1)]", False),
        ("$.metadata[?(@.length < 500)]", False),
        ("$.metadata[?(@.length <= 500 && @.lang == 'en')]", True),
        ("$.attributes.a__b__c[*][?(@ > 11)]", True),
        ("$.attributes['none'][0]", False),
        ("$.gone[?(@.length < 500)]", False),
    ],
)
def test_a_rule_matches_as_the_mixer_has_it(rule: str, matches: bool) -> None:
    assert Rule(rule).matches(DOCUMENT) is matches


@pytest.mark.parametrize(
    "text",
    [
        "$@.attributes[?(@.a > 1)]", "$.a.length()", "attributes", "$.a[?(@.b =~ /x/)]",
        "$.a[?(@.b", "$.a[?(" + "(" * 40 + "@.b" + ")" * 40 + ")]", "$..a", "",
    ],
    ids=["root", "function", "no-root", "regex", "open", "deep", "descent", "empty"],
)  # fmt: skip
def test_what_goes_beyond_the_grammar_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput, match="not read"):
        Rule(text)
    assert rule_of(text).matches(DOCUMENT) is None


@pytest.mark.parametrize(
    ("name", "attributes", "filters"),
    [
        (
            "mixer",
            ["pii", "toxicity"],
            {
                "include": ["$.metadata[?(@.length < 10000)]"],
                "exclude": [SHORT, "$.attributes[?(@.pii.too_much_pii == true)]", TOXIC],
            },
        ),
        (
            "filter-by-spans",
            ["sample"],
            {
                "include": ["$.attributes[?(@.sample__random_number_v1__random[0][2] < 0.5)]"],
                "exclude": ["$.attributes[?(@.dummy && @.dummy[0] && @.dummy[0][2] > 0.5)]"],
            },
        ),
    ],
    ids=["mixer", "filter-by-spans"],
)
def test_the_survivors_are_those_that_the_mixer_itself_wrote(
    name, attributes, filters, dolma_sample, config, ingested, imported, rows_of
) -> None:
    given = dolma_sample / "provided"
    ingested("mini", given / "documents")
    chosen = config({**stream(**filters), "attributes": attributes})

    imported("dolma", chosen, given)

    kept = {row["doc_id"] for row in rows_of("verdicts") if row["removing_stage"] is None}
    lines = {row["doc_id"]: row["location"]["row"] for row in rows_of("documents")}
    read = gzip.decompress((given / "documents" / "000.json.gz").read_bytes()).splitlines()
    survivors = gzip.decompress((dolma_sample / "expected" / f"{name}.json.gz").read_bytes())
    assert {json.loads(read[lines[one]])["id"] for one in kept} == {
        json.loads(line)["id"] for line in survivors.splitlines()
    }
