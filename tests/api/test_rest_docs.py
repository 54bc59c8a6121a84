import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.problems import MEANINGS

PAGE = (Path(__file__).parents[2] / "docs" / "rest.md").read_text(encoding="utf-8")


def operations(app: FastAPI) -> dict[tuple[str, str], dict]:
    return {
        (method.upper(), path): operation
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_is_on_the_page(app: FastAPI) -> None:
    documented = set(re.findall(r"`(GET|POST) (/[^`\s]*)`", PAGE))

    assert documented == set(operations(app))


def test_every_parameter_is_on_the_page(app: FastAPI) -> None:
    parameters = {
        parameter["name"]
        for operation in operations(app).values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }

    assert {name for name in parameters if f"`{name}" not in PAGE} == set()


def test_every_problem_type_is_on_the_page() -> None:
    documented = set(re.findall(r"`/problems/([a-z-]+)`", PAGE))

    assert documented == set(MEANINGS)


def test_every_address_in_the_examples_answers(client: TestClient) -> None:
    addresses = re.findall(r"localhost:8000(/[^\s'\"]*)", PAGE)

    assert len(addresses) > 5
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_the_description_is_openapi_3_1_with_typed_answers_and_problems(app: FastAPI) -> None:
    described = app.openapi()

    assert described["openapi"].startswith("3.1")
    for (_method, path), operation in operations(app).items():
        assert operation["x-stability"] == "stable", path
        content = operation["responses"]["200"]["content"]
        expected = {"text/csv"} if path.endswith(".csv") else {"application/json"}
        assert set(content) == expected, path
        assert content[expected.pop()]["schema"], path
        assert set(operation["responses"]["422"]["content"]) == {"application/problem+json"}, path


def test_every_reference_of_the_description_leads_somewhere(client: TestClient) -> None:
    text = client.get("/openapi.json").text

    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/([^"]+)"', text)) <= set(schemas)


def test_operation_names_are_unique_so_that_clients_can_be_generated(app: FastAPI) -> None:
    names = [operation["operationId"] for operation in operations(app).values()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_loads_scripts_from_elsewhere(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
