"""Published records: all load, all are cited, and nothing was lost on the way from our notes."""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from catalog.errors import NotFound
from mixtures.checks import check
from mixtures.counts import CountsTable
from mixtures.library import FOLDER, published, published_ids
from mixtures.mixture import Component, Mixture
from mixtures.record import Facts, Pipeline

NOTES = Path(__file__).parents[2].parent / "shared" / "facts"
needs_notes = pytest.mark.skipif(not NOTES.is_dir(), reason="the research notes are not here")

COLUMNS = {
    "raw_size": "size",
    "sampling_weight": "weight",
    "epochs": "epochs",
    "effective_size": "effective_size",
}
ALSO = {  # the notes' column -> our column, and the factor between their units
    "mean_doc_bytes": ("mean_document_KiB", 1 / 1024),
    "documents_derived": ("documents_derived", 1),
    "raw_words": ("words_B", 1e-9),
    "cooldown_effective_teratokens": ("cooldown_effective_size", 1000),
}
REPEATS = {"raw_tokens", "raw_documents", "effective_teratokens", "baseline_256k"}


@cache
def every_note() -> list[dict]:
    texts = [path.read_text("utf-8") for path in sorted(NOTES.glob("*.yaml"))]
    return [yaml.load(text, Loader=yaml.CSafeLoader) for text in texts]


def notes(kind: str) -> list[dict]:
    return [note for note in every_note() if note["type"] == kind]


def mixtures() -> list[Mixture]:
    return [m for name in published_ids() if isinstance(m := published(name), Mixture)]


def by_id(note: dict) -> object:
    return note["id"]


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        for held in value.values():
            yield from numbers(held)
    elif isinstance(value, list):
        for held in value:
            yield from numbers(held)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for held in value.values():
            yield from texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from texts(held)
    elif isinstance(value, str):
        yield value


def holds(found: set[float], wanted: float) -> bool:
    return any(math.isclose(wanted, number, rel_tol=5e-4) for number in found)


@pytest.mark.parametrize("name", published_ids())
def test_every_published_record_loads_and_is_cited(name):
    record = published(name)

    assert record.id == name
    assert record.title
    assert record.citation.work != "(not cited)"
    assert record.citation.trust in {"primary", "transcription", "secondary"}


def test_every_kind_of_record_is_published():
    kinds = {type(published(name)) for name in published_ids()}

    assert kinds == {Mixture, Pipeline, Facts, CountsTable}


def test_numbers_are_written_as_people_write_them():
    for path in FOLDER.glob("*.yaml"):
        text = path.read_text("utf-8")
        assert "0000000001" not in text, path.name
        assert "999999999" not in text, path.name


def test_an_unknown_id_is_not_found_and_the_nearest_is_named():
    with pytest.raises(NotFound) as caught:
        published("gpt-3")

    assert "gpt3" in caught.value.hint


@needs_notes
def test_every_note_became_a_record():
    kinds = ("mixture", "pipeline", "facts", "filter_effects", "quality_references")
    noted = {note["id"] for kind in kinds for note in notes(kind)}

    assert noted == set(published_ids()) - {"dpi_hosts"}


@needs_notes
@pytest.mark.parametrize("note", notes("mixture"), ids=by_id)
def test_every_number_of_a_noted_component_is_in_the_published_one(note):
    mixture = published(note["id"])
    components = {component.name: component for component in mixture.components}

    for row in note["components"]:
        component = components[row["name"]]
        assert component.kind == row["kind"]
        assert component.contributors == row["contributor_kind"]
        assert component.license == (row["license_note"] or "")
        assert component.quality_reference == row["quality_reference"]
        for key, value in row.items():
            _assert_carried(component, key, value, note["raw_scale"] or 1)


def _assert_carried(component: Component, key: str, value: object, scale: float) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or key in REPEATS:
        return
    if key in COLUMNS:
        assert getattr(component, COLUMNS[key]).value == pytest.approx(value, rel=1e-12)
    elif key == "documents":
        assert component.documents == value
    elif key == "raw_bytes":  # the size itself, or a column of its own in TB or GB
        ours = [component.also.get("disk_TB", 0) * 1e12, component.also.get("bytes_GB", 0) * 1e9]
        sizes = [component.size.value * scale] if component.size else []
        assert any(math.isclose(value, candidate) for candidate in [*ours, *sizes])
    elif key == "raw_words" and "words" in component.also:
        assert component.also["words"] == value
    else:
        column, factor = ALSO.get(key, (key, 1))
        assert component.also[column] == pytest.approx(value * factor, abs=5e-3, rel=1e-9)


@needs_notes
@pytest.mark.parametrize("note", notes("mixture"), ids=by_id)
def test_rounding_steps_are_those_noted(note):
    mixture = published(note["id"])
    steps = note["rounding_step"]

    for row in note["components"]:
        component = next(c for c in mixture.components if c.name == row["name"])
        for column, ours in COLUMNS.items():
            printed = getattr(component, ours)
            step = steps.get(f"{column}_overrides", {}).get(row["name"], steps.get(column, 0))
            if printed is None or not step:
                continue
            finer = component.name in {
                "Project Gutenberg",  # printed with a decimal under a column of whole numbers
                "Wikipedia, Wikibooks",
                "Wikipedia, Wikibooks (en, simple)",
            }
            assert printed.half_step == pytest.approx(0.05 if finer else step / 2)


@needs_notes
@pytest.mark.parametrize("note", notes("mixture") + notes("pipeline"), ids=by_id)
def test_every_other_figure_and_remark_is_carried(note):
    record = published(note["id"])
    text = (FOLDER / f"{note['id']}.yaml").read_text("utf-8")
    carried = yaml.safe_load(text)
    figures = set(numbers(carried))
    figures |= {figure * factor for figure in figures for factor in (1e-9, 1e-6, 1e-3)}
    rest = {
        "totals": note.get("totals_reported"),
        "facts": note.get("facts"),
        "stages": note["stages"] if note["type"] == "pipeline" else None,
    }

    assert len(record.disagreements) == len(note.get("disagreements", []))
    assert len(record.pitfalls) == len(note.get("naive_pitfalls", []))
    assert len(getattr(record, "notes", ())) >= len(note.get("notes", []))
    said = " ".join(" ".join(texts(carried)).split())
    for remark in [*note.get("disagreements", []), *note.get("naive_pitfalls", [])]:
        assert " ".join(remark.split()) in said
    for wanted in numbers(rest):
        assert holds(figures, wanted) or f"{wanted:.15g}" in said, wanted


@needs_notes
@pytest.mark.parametrize(
    "note", notes("facts") + notes("filter_effects") + notes("quality_references"), ids=by_id
)
def test_every_figure_of_noted_facts_is_carried(note):
    record = published(note["id"])
    carried = set(numbers([entry.figures for entry in record.entries]))
    entries = note.get("studies") or note.get("entries") or []

    assert [entry.id for entry in record.entries] == (
        [e["id"] for e in entries] or ["llama2", "lecture"]
    )
    for wanted in numbers([note.get("facts"), entries]):
        assert holds(carried, wanted), wanted


# The notes' own checks of these kinds: their name there -> the code and subject of our finding.
VERDICTS = {
    ("gpt3", "weights sum"): ("weights-sum", "gpt3"),
    ("gpt3", "CC epochs"): ("epochs-contradict-weight", "gpt3/Common Crawl (filtered)"),
    ("gpt3", "Books1 epochs"): ("epochs-contradict-weight", "gpt3/Books1"),
    ("gpt3", "Books2 epochs"): ("epochs-contradict-weight", "gpt3/Books2"),
    ("gpt3", "WebText2 epochs"): ("epochs-contradict-weight", "gpt3/WebText2"),
    ("gpt3", "Wikipedia epochs"): ("epochs-contradict-weight", "gpt3/Wikipedia"),
    ("gpt3", "tokens seen implied by epochs"): ("budget-differs-from-sum", "gpt3"),
    ("the_pile", "raw total"): ("total-differs-from-sum", "the_pile/size"),
    ("the_pile", "effective total"): ("total-differs-from-sum", "the_pile/effective_size"),
    ("the_pile", "Wikipedia weight"): (
        "weight-contradicts-effective-size",
        "the_pile/Wikipedia (en)",
    ),
    ("llama1", "weights"): ("weights-sum", "llama1"),
    ("chinchilla", "weights"): ("weights-sum", "chinchilla"),
    **{
        ("chinchilla", f"{name} epochs"): ("epochs-contradict-weight", f"chinchilla/{name}")
        for name in ("MassiveWeb", "Books", "C4", "News", "GitHub", "Wikipedia")
    },
    ("gopher", "weights"): ("weights-sum", "gopher"),
    ("gopher", "disk sum"): ("total-differs-from-sum", "gopher/disk_TB"),
    ("gopher", "documents sum (B)"): ("total-differs-from-sum", "gopher/documents"),
    ("palm", "sum"): ("weights-sum", "palm"),
    ("lamda", "sum"): ("weights-sum", "lamda"),
    ("llama3_mix", "sum"): ("weights-sum", "llama3_mix"),
    ("smollm1", "stage 1"): ("weights-sum", "smollm1"),
    ("smollm1", "stage 2"): ("phase-weights-sum", "smollm1/stage 2"),
    ("smollm2", "stage 1"): ("weights-sum", "smollm2"),
    ("nemotron_cc_blend", "weights"): ("weights-sum", "nemotron_cc_blend"),
    ("falcon40b", "weights"): ("weights-sum", "falcon40b"),
    ("falcon40b", "tokens"): ("budget-differs-from-sum", "falcon40b"),
    ("mpt30b", "weights"): ("weights-sum", "mpt30b"),
    ("mpt30b", "mC4 epochs"): (
        "epochs-contradict-weight",
        "mpt30b/mC4 3.1.0 - English (200+ words)",
    ),
    ("olmo2_mix_1124", "tokens"): ("total-differs-from-sum", "olmo2_mix_1124/size"),
    ("olmo2_mix_1124", "words"): ("total-differs-from-sum", "olmo2_mix_1124/words_B"),
    ("olmo2_mix_1124", "bytes"): ("total-differs-from-sum", "olmo2_mix_1124/bytes_GB"),
    ("olmo2_mix_1124", "docs"): ("total-differs-from-sum", "olmo2_mix_1124/documents"),
    ("olmo2_mix_1124", "PT mix shares"): ("weights-sum", "olmo2_mix_1124"),
    ("dolma_v1_0", "gzip GB"): ("total-differs-from-sum", "dolma_v1_0/gzip_GB"),
    ("dolma_v1_0", "tokens"): ("total-differs-from-sum", "dolma_v1_0/size"),
    ("dolma_v1_0", "documents M"): ("total-differs-from-sum", "dolma_v1_0/documents"),
    ("dolma_v1_6", "bytes exact to rounding"): ("total-differs-from-sum", "dolma_v1_6/size"),
    ("dolma_v1_6", "documents"): ("total-differs-from-sum", "dolma_v1_6/documents"),
    ("dolma_v1_6", "words"): ("total-differs-from-sum", "dolma_v1_6/words_B"),
    ("dolma_v1_6", "llama tokens"): ("total-differs-from-sum", "dolma_v1_6/tokens_llama_B"),
    ("dolma_v1_6", "neox tokens"): ("total-differs-from-sum", "dolma_v1_6/tokens_neox_B"),
    ("common_corpus", "documents"): ("total-differs-from-sum", "common_corpus/documents"),
    ("common_corpus", "words"): ("total-differs-from-sum", "common_corpus/words"),
    ("common_corpus", "tokens"): ("total-differs-from-sum", "common_corpus/size"),
    ("redpajama_v1", "sum"): ("total-differs-from-sum", "redpajama_v1/size"),
    ("slimpajama", "after sum"): ("weights-sum", "slimpajama"),
    ("slimpajama", "before sum"): ("pool-shares-sum", "slimpajama"),
    ("doremi_pile", "optimized sum"): ("weights-sum", "doremi_pile"),
    ("doremi_pile", "baseline sum"): ("pool-shares-sum", "doremi_pile"),
    ("comma_v0_1", "main sum"): ("budget-differs-from-sum", "comma_v0_1"),
    ("apertus_longctx_8k", "realised phase 5"): (
        "weight-contradicts-effective-size",
        "apertus_longctx_8k/phase 5 datasets",
    ),
    ("apertus_longctx_8k", "realised books"): (
        "weight-contradicts-effective-size",
        "apertus_longctx_8k/institutional-books-filtered",
    ),
}


@needs_notes
@pytest.mark.parametrize("note", notes("mixture"), ids=by_id)
def test_our_findings_repeat_the_verdicts_of_the_notes(note):
    findings = check(published(note["id"]))
    found = {(finding.code, finding.subject) for finding in findings}

    for noted in note.get("checks", []):
        wanted = VERDICTS.get((note["id"], noted["name"]))
        if wanted is not None:
            assert (wanted not in found) == noted["consistent"], noted["name"]


@needs_notes
def test_every_verdict_listed_here_is_one_of_the_notes():
    noted = {
        (note["id"], check["name"]) for note in notes("mixture") for check in note.get("checks", [])
    }

    assert VERDICTS.keys() <= noted
