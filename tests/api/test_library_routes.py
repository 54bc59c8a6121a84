"""Recipes and measures over REST: the numbers with their sources, the same as the library has."""

import csv
import io

import pytest
from starlette.testclient import TestClient

from api.library_routes import MeasureList, MeasureOne, RecipeList, RecipeOne
from curation.measures import DEFINITIONS
from curation.recipe import recipes


def test_every_recipe_is_listed_and_leads_to_its_stages(client: TestClient) -> None:
    found = RecipeList.model_validate_json(client.get("/v1/recipes").content)

    assert [row.id for row in found.data] == [recipe.id for recipe in recipes()]
    for row in found.data:
        one = RecipeOne.model_validate_json(client.get(row.links.self).content).data
        assert (one.id, [stage.stage for stage in one.stages]) == (row.id, row.stages)
        assert all(parameter.cite for stage in one.stages for parameter in stage.parameters)


def test_a_stage_has_its_numbers_with_what_the_source_prints(client: TestClient) -> None:
    [stage] = client.get("/v1/recipes/webtext").json()["data"]["stages"]

    assert (stage["position"], stage["stage"]) == (1, "min_votes@1")
    assert (stage["rules"], stage["needs"]) == (["votes_too_few"], ["votes"])
    [parameter] = stage["parameters"]
    assert (parameter["name"], parameter["value"], parameter["default"]) == ("min_votes", 3, 3)
    assert "Radford et al. 2019" in parameter["cite"]


def test_a_recipe_without_its_version_is_the_highest_one(client: TestClient) -> None:
    ids = [
        client.get(f"/v1/recipes/{name}").json()["data"]["id"] for name in ("gopher", "gopher@1")
    ]

    assert ids == ["gopher@2", "gopher@1"]


def test_every_measure_is_listed_with_its_definition(client: TestClient) -> None:
    found = MeasureList.model_validate_json(client.get("/v1/measures?limit=1000").content)

    assert [row.name for row in found.data] == list(DEFINITIONS)
    for row in found.data:
        told = DEFINITIONS[row.name]
        assert (row.sentence, row.formula, row.source) == (
            told.sentence,
            told.formula,
            told.source,
        )
        assert (row.example.text, row.example.value) == tuple(told.example)


@pytest.mark.parametrize("name", ["gopher.word_count@1", "gopher.word_count"])
def test_one_measure_is_told_with_or_without_its_version(client: TestClient, name: str) -> None:
    found = MeasureOne.model_validate_json(client.get(f"/v1/measures/{name}").content).data

    told = DEFINITIONS["gopher.word_count@1"]
    assert (found.name, found.type, found.pieces) == (told.name, str(told.type), told.pieces)
    assert (found.example.text, found.example.value) == told.example


def test_lists_are_filtered_and_cut_like_any_table(client: TestClient) -> None:
    measures = client.get("/v1/measures?q=language.*").json()
    page = client.get("/v1/recipes?limit=1&sort=-id").json()

    assert {row["name"].partition(".")[0] for row in measures["data"]} == {"language"}
    assert page["data"][0]["id"] == max(recipe.id for recipe in recipes())
    assert page["meta"]["next_cursor"]


def test_the_files_have_one_line_a_parameter_and_one_a_measure(client: TestClient) -> None:
    lines = list(csv.DictReader(io.StringIO(client.get("/v1/recipes.csv").text)))
    measures = list(csv.DictReader(io.StringIO(client.get("/v1/measures.csv").text)))

    webtext = [line for line in lines if line["id"] == "webtext@1"]
    assert [(line["stage"], line["parameter"], line["value"]) for line in webtext] == [
        ("min_votes@1", "min_votes", "3")
    ]
    stages = {(line["id"], line["position"]) for line in lines}
    assert len(stages) == sum(len(recipe.stages) for recipe in recipes())
    assert [line["name"] for line in measures] == list(DEFINITIONS)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("recipes/none", 404),
        ("recipes/gopher@99", 404),
        ("recipes/..%2Fgopher.yaml", 404),
        ("recipes/gopher.yaml", 404),
        ("recipes/gopher?limit=1", 422),
        ("recipes?sort=stages", 422),
        ("measures/none", 404),
        ("measures/gopher", 404),
        ("measures/gopher.word_count@1?q=a", 422),
        ("measures?sort=type", 422),
    ],
)
def test_what_is_not_there_is_a_problem(client: TestClient, path: str, status: int) -> None:
    response = client.get(f"/v1/{path}")

    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("noun", ["recipes", "measures"])
def test_the_routes_are_read_only(client: TestClient, noun: str) -> None:
    paths = (f"/v1/{noun}", f"/v1/{noun}.csv", f"/v1/{noun}/gopher")
    assert {client.post(path).status_code for path in paths} == {405}
