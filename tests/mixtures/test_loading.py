"""Reading what people write: three formats, one meaning, every fault with its place."""

import contextlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidMixture, NotFound, UnreadableFile
from catalog.nouns import Unit
from mixtures.loading import load_mixture
from mixtures.mixture import Printed

SMALL = """\
components:
  - name: news
    size: 90
    weight: 0.5
  - {name: wiki, size: 10, weight: 0.5}
"""


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path):
    with pytest.raises(InvalidMixture) as caught:
        load_mixture(path)
    assert str(path) in caught.value.message
    return caught.value.faults or (caught.value.message,)


def test_names_sizes_and_weights_are_all_a_file_needs(tmp_path):
    mixture = load_mixture(written(tmp_path, "My Mix.yaml", SMALL))

    assert (mixture.id, mixture.title, mixture.unit) == ("my-mix", "My Mix", Unit.TOKENS)
    assert [c.size for c in mixture.components] == [Printed(90.0), Printed(10.0)]
    assert mixture.citation.trust == "user"


def test_a_corpus_of_the_catalog_is_a_component_too(tmp_path):
    text = "components:\n  - {name: web, corpus: c4@snp_1, recipe: gopher@1, weight: 1}\n"

    mixture = load_mixture(written(tmp_path, "mix.yaml", text))

    assert mixture.in_catalog
    assert mixture.components[0].recipe == "gopher@1"


def test_yaml_json_and_csv_of_the_same_mixture_are_equal(tmp_path):
    rows = [
        {"name": "news", "size": 90, "weight": 0.5, "quality_reference": False},
        {"name": "wiki", "size": 10, "weight": 0.5, "epochs": 2.5, "license": "CC BY-SA"},
    ]
    as_json = written(tmp_path, "mix.json", json.dumps({"components": rows}))
    as_csv = written(
        tmp_path,
        "mix.csv",
        "name,size,weight,epochs,license,quality_reference\n"
        "news,90,0.5,,,no\nwiki,10,0.5,2.5,CC BY-SA,\n",
    )
    as_yaml = written(
        tmp_path,
        "mix.yaml",
        "components:\n  - {name: news, size: 90, weight: 0.5, quality_reference: false}\n"
        "  - {name: wiki, size: 10, weight: 0.5, epochs: 2.5, license: CC BY-SA}\n",
    )

    assert load_mixture(as_json) == load_mixture(as_csv) == load_mixture(as_yaml)


def test_rounding_steps_follow_the_column_unless_the_component_says_otherwise(tmp_path):
    text = (
        "printed: {size: 1, weight: 0.01}\ncomponents:\n"
        "  - {name: a, size: 3300, weight: 1, step: {size: 100}}\n"
        "  - {name: b, size: 12, weight: 0}\n"
    )

    first, second = load_mixture(written(tmp_path, "mix.yaml", text)).components

    assert (first.size, first.weight) == (Printed(3300.0, 50.0), Printed(1.0, 0.005))
    assert second.size == Printed(12.0, 0.5)


def test_each_holds_for_components_that_do_not_say_otherwise(tmp_path):
    text = (
        "each: {kind: web, license: unknown}\ncomponents:\n"
        "  - {name: a, weight: 1}\n  - {name: b, weight: 0, kind: books}\n"
    )

    first, second = load_mixture(written(tmp_path, "mix.yaml", text)).components

    assert (first.kind, second.kind) == ("web", "books")
    assert first.license == second.license == "unknown"


def test_all_unknown_keys_are_named_at_once_with_their_lines(tmp_path):
    text = "titel: x\ncomponents:\n  - name: a\n    wieght: 1\ncite: {work: w, arxive: 1}\n"

    faults = faults_of(written(tmp_path, "mix.yaml", text))

    assert [fault.split(";")[0] for fault in faults] == [
        "line 1: titel: unknown key 'titel' (did you mean 'title'?)",
        "line 4: components[0].wieght: unknown key 'wieght' (did you mean 'weight'?)",
        "line 5: cite.arxive: unknown key 'arxive' (did you mean 'arxiv'?)",
    ]


def test_a_key_written_twice_is_a_fault_in_yaml(tmp_path):
    text = "components:\n  - name: a\n    weight: 1\n    weight: 2\n"

    assert faults_of(written(tmp_path, "mix.yaml", text)) == (
        "line 4: components[0].weight: key 'weight' is written twice, first in line 3",
    )


def test_a_key_written_twice_is_a_fault_in_json(tmp_path):
    text = '{"components": [{"name": "a", "weight": 1, "weight": 2}]}'

    assert "key 'weight' is written twice" in faults_of(written(tmp_path, "mix.json", text))[0]


def test_a_column_written_twice_is_a_fault_in_csv(tmp_path):
    assert faults_of(written(tmp_path, "mix.csv", "name,size,size\na,1,2\n")) == (
        "line 1: column 'size' is there twice",
    )


def test_a_short_row_of_csv_is_a_fault_not_a_blank(tmp_path):
    assert faults_of(written(tmp_path, "mix.csv", "name,size\na\n")) == (
        "line 2: 1 cells, the header has 2",
    )


def test_a_step_for_a_column_that_does_not_exist_is_a_fault(tmp_path):
    text = "printed: {weigth: 0.01}\n" + SMALL

    assert (
        "no such column 'weigth' (did you mean 'weight'?)"
        in faults_of(written(tmp_path, "mix.yaml", text))[0]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("components:\n  - {name: a, size: big}\n", "should be a valid number, found 'big'"),
        ("components:\n  - {name: a, weight: true}\n", "should be a valid number, found True"),
        ("components:\n  - {name: 2023}\n", "found 2023: put it in quotes"),
        ("components:\n  - {size: 3}\n", "'name' is missing"),
        ("components:\n  - just text\n", "should hold keys such as `name:`"),
        ('components:\n  - {name: "a\\e[31m"}\n', "holds control characters"),
        (
            "unit: pages\ncomponents: []\n",
            "'documents', 'bytes', 'characters', 'words' or 'tokens'",
        ),
        ("title: no components\n", "'components' is missing"),
        ("", "found nothing"),
        ("- a\n", "found list"),
        ("kind: recipe\n", "kind 'recipe' is not one of mixture, pipeline, facts, counts"),
        ("kind: facts\nentries: []\n", "holds facts, not a mixture"),
        ("a: &x [1]\nb: *x\n", "anchors and aliases"),
        ("x: !!python/object/apply:os.system [true]\n", "could not determine a constructor"),
        ("components:\n\t- a\n", "not well-formed YAML"),
        ("[" * 100, "nested deeper than 20 levels"),
    ],
)
def test_what_a_file_gets_wrong_is_said(tmp_path, text, said):
    assert said in faults_of(written(tmp_path, "mix.yaml", text))[0]


@pytest.mark.parametrize("text", ['{"a":' + "[" * 60 + "]" * 60 + "}", "[" * 10**5, "{,}"])
def test_json_that_is_broken_or_too_deep_is_refused(tmp_path, text):
    assert faults_of(written(tmp_path, "mix.json", text))


def test_yaml_words_and_numbers_mean_what_they_look_like(tmp_path):
    text = "scale: 1e9\ncomponents:\n  - {name: no, size: 010, license: 2024-05-01}\n"

    mixture = load_mixture(written(tmp_path, "mix.yaml", text))

    assert mixture.scale == 1e9
    assert mixture.components[0].name == "no"
    assert mixture.components[0].size == Printed(10.0)
    assert mixture.components[0].license == "2024-05-01"


def test_files_over_the_limit_are_not_parsed(tmp_path):
    path = written(tmp_path, "mix.yaml", "#" * (4 * 1024 * 1024) + "\n" + SMALL)

    with pytest.raises(UnreadableFile, match="larger than 4 MiB"):
        load_mixture(path)


def test_files_that_are_no_utf8_text_are_refused(tmp_path):
    path = tmp_path / "mix.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(UnreadableFile, match="byte 0 is not UTF-8"):
        load_mixture(path)


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path):
    path = tmp_path / "mix.yaml"
    os.mkfifo(path)

    with pytest.raises(UnreadableFile, match="is not a file"):
        load_mixture(path)


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(NotFound, match="no such file"):
        load_mixture(tmp_path / "mix.yaml")


@given(st.text(max_size=200), st.sampled_from([".yaml", ".json", ".csv"]))
def test_no_text_crashes_the_loader(tmp_path_factory, text, suffix):
    path = tmp_path_factory.mktemp("any") / f"mix{suffix}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    with contextlib.suppress(InvalidMixture, UnreadableFile):
        assert load_mixture(path).components is not None


@pytest.mark.parametrize("size", ["1e308", "1e-320"])
def test_a_size_that_nothing_has_is_a_fault_that_names_it(tmp_path, size):
    path = tmp_path / "mine.yaml"
    path.write_text(f"components:\n  - {{name: a, size: {size}, weight: 1}}\n")

    with pytest.raises(InvalidMixture, match="is no amount"):
        load_mixture(path)


def test_a_manifest_of_files_is_added_up_by_subset_and_category(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text(
        "key,size,subset,category\n"
        "s3://b/web/law/0.npy,100,web,law\n"
        "s3://b/web/law/1.npy,50,web,law\n"
        "s3://b/wiki/0.npy,30,wiki,\n",
        encoding="utf-8",
    )

    mixture = load_mixture(path)

    assert {part.name: part.size.value for part in mixture.components if part.size} == {
        "web/law": 150,
        "wiki": 30,
    }


def test_a_manifest_s_row_without_a_size_is_a_fault_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text("key,size,subset,category\na,1,web,\nb,big,web,\n", encoding="utf-8")

    with pytest.raises(InvalidMixture) as caught:
        load_mixture(path)

    assert (
        "line 3: subset 'web', size 'big'; a subset and a number belong there"
        in caught.value.faults
    )


DOLMA2 = Path(__file__).parents[3] / "shared/data/mixtures/dolma2/dolma2-0625-v01.csv"


@pytest.mark.skipif(not DOLMA2.is_file(), reason="../shared is not there")
def test_dolma2_s_manifest_has_the_sizes_that_its_rows_sum_to() -> None:
    rows = [row.split(",") for row in DOLMA2.read_text(encoding="utf-8").splitlines()[1:]]

    mixture = load_mixture(DOLMA2)

    wiki = next(part for part in mixture.components if part.name == "wikipedia")
    assert wiki.size
    assert wiki.size.value == sum(int(row[1]) for row in rows if row[2] == "wikipedia")
    assert len(mixture.components) == len({(row[2], row[3]) for row in rows})
