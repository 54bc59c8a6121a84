import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.problems import MEANINGS, Problem
from catalog import errors
from catalog.errors import SteelyardError

TABLES = [
    *(
        f"/v1/{noun}{view}"
        for noun in ("corpora", "mixtures")
        for view in ("", "/gpt3/shares", "/gpt3/amplification", "/gpt3/waterfall")
    ),
    *(f"/v1/corpora/gpt3/{view}" for view in ("survival", "orders", "whatif")),
    "/v1/compare",
    "/v1/sources/lookup",
    "/v1/snapshots",
    "/v1/recipes",
    "/v1/measures",
]
ONES = ["/v1/mixtures/gpt3", "/v1/recipes/gopher", "/v1/measures/gopher.word_count@1", "/healthz"]
ROUTES = [*TABLES, *(f"{path}.csv" for path in TABLES), *ONES]


def every_error() -> list[type[SteelyardError]]:
    kinds = [found for found in vars(errors).values() if isinstance(found, type)]
    return [kind for kind in kinds if issubclass(kind, SteelyardError)]


def problem_of(response: object) -> Problem:
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    found = Problem.model_validate_json(response.content)
    assert found.status == response.status_code
    assert found.type.removeprefix("/problems/") in MEANINGS
    assert found.hint
    return found


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_names_an_unknown_parameter_and_those_allowed(
    client: TestClient, path: str
) -> None:
    found = problem_of(client.get(f"{path}?limlt=5"))

    fault = next(fault for fault in found.errors if fault.parameter == "limlt")
    assert found.status == 422
    assert "allowed: " in fault.detail


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_is_read_only(client: TestClient, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        response = client.request(method, path)

        assert problem_of(response).status == 405
        assert response.headers["allow"] == "GET"


@pytest.mark.parametrize("path", TABLES)
def test_every_table_refuses_a_limit_out_of_range(client: TestClient, path: str) -> None:
    for limit in ("-1", "0", "1001", "1e20", "NaN", "Infinity", "1.5", "", "9" * 5000):
        found = problem_of(client.get(path, params={"limit": limit}))

        assert found.status == 422
        assert "limit" in {fault.parameter for fault in found.errors}


def test_all_faults_of_a_question_are_told_at_once(client: TestClient) -> None:
    query = "limit=-1&by=moon&sort=-size,key&state=gone&unit=ells&foo=1&q=a&q=b"

    found = problem_of(client.get(f"/v1/mixtures/gpt3/shares?{query}"))

    named = {fault.parameter: fault.detail for fault in found.errors}
    assert set(named) == {"limit", "by", "sort", "state", "unit", "foo", "q"}
    assert "cannot sort by '-size'; allowed: amplification" in named["sort"]
    assert "found 'moon'" in named["by"]
    assert named["q"] == "given 2 times, allowed once"


def test_a_parameter_given_twice_is_refused_although_both_are_valid(client: TestClient) -> None:
    found = problem_of(client.get("/v1/mixtures?limit=5&limit=6"))

    assert [fault.parameter for fault in found.errors] == ["limit"]


@pytest.mark.parametrize(
    "path",
    [
        "/nothing/here",
        "/v1/nothing",
        "/v1/mixtures/",
        "/v1/mixtures/gpt33/shares",
        "/v1/mixtures/gpt3/opinions",
        "/v1/mixtures//shares",
        "/v1/corpora/corpus/none/shares",
        "/v1/corpora/none@snp_0123456789abcdef/shares",
        "/v1/compare?pool=gpt3&mix=nothing",
        "/problems/none",
    ],
)
def test_what_is_not_there_is_a_404_that_says_where_to_look(client: TestClient, path: str) -> None:
    assert problem_of(client.get(path)).status == 404


def test_rest_answers_with_a_problem_although_pages_answer_everything_else(
    app: FastAPI, client: TestClient
) -> None:
    app.add_api_route("/{path:path}", lambda: "a page")

    assert problem_of(client.get("/v1/nothing")).status == 404
    assert client.get("/nothing").json() == "a page"


def test_a_near_miss_is_told_what_it_is_near_to(client: TestClient) -> None:
    found = problem_of(client.get("/v1/mixtures/gpt33/shares"))

    assert "published/gpt3" in found.hint


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_problem_type_with_its_own_status(
    app: FastAPI, client: TestClient, kind: type[SteelyardError]
) -> None:
    error = kind("it broke", hint="mend it", faults=("one", "two"))

    def fail() -> None:
        raise error

    app.add_api_route("/broken", fail)

    response = client.get("/broken")

    found = problem_of(response)
    assert (found.status, found.type) == (kind.status, f"/problems/{kind.code}")
    assert (found.detail, found.hint) == ("it broke", "mend it")
    assert [fault.detail for fault in found.errors] == ["one", "two"]
    assert ("retry-after" in response.headers) == (kind.status == 503)


def test_an_unexpected_error_tells_nothing_of_the_inside(app: FastAPI, client: TestClient) -> None:
    error = RuntimeError("the secret of the house")

    def fail() -> None:
        raise error

    app.add_api_route("/broken", fail)

    response = client.get("/broken")

    assert problem_of(response).type == "/problems/internal"
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_an_error_does_not_tell_where_the_catalog_lies(
    app: FastAPI, client: TestClient, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    error = errors.BrokenStore(f"{home}/tables/x is gone", hint=f"see {home}")

    def fail() -> None:
        raise error

    app.add_api_route("/broken", fail)

    found = problem_of(client.get("/broken"))

    assert found.detail == "$STEELYARD_HOME/tables/x is gone"
    assert str(tmp_path) not in found.hint


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "mix.yaml",
        "mixture/mix.yaml",
        "c4;drop",
        "a'b",
    ],
)
def test_no_name_reaches_the_disk_as_a_path(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text = "id: x\ntitle: x\ncite: {work: x}\nunit: bytes\ncomponents: [{name: a, size: 1}]\n"
    (tmp_path / "mixture").mkdir()
    (tmp_path / "mix.yaml").write_text(text)
    (tmp_path / "mixture" / "mix.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)

    assert problem_of(client.get(f"/v1/mixtures/{name}/shares")).status == 404


@pytest.mark.parametrize("parameter", ["q", "sort", "recipe", "state", "cursor", "by", "rollup"])
def test_hostile_text_in_a_parameter_is_an_answer_or_a_422(
    client: TestClient, publish: Callable[..., object], parameter: str
) -> None:
    publish("local", {"a.org": 1})

    for payload in ("' or 1=1 --", "a; drop table documents", "\x00", "%s%n", "\u202e", "é" * 200):
        response = client.get("/v1/corpora/local/shares", params={parameter: payload})

        assert response.status_code in {200, 404, 409, 422}
        assert re.fullmatch(r"application/(problem\+)?json", response.headers["content-type"])
