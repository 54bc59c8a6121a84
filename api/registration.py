"""How routes are added: every one documented, with its problems and its stability."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from api.desk import desk_of
from api.problems import MEDIA_TYPE
from api.questions import Filter, Page
from api.tables import Table

Endpoint = Callable[..., Response | Awaitable[Response]]

STABLE: Final = "stable"  # fields and parameters are only ever added
_REFUSALS: Final = {
    404: "No such corpus, mixture, recipe or snapshot.",
    409: "The data at hand cannot answer this, or was counted in different ways.",
    422: "The question was put wrongly: every fault is listed.",
    503: "Enough to do already: try again after Retry-After seconds.",
}


def add(
    router: APIRouter, path: str, name: str, endpoint: Endpoint, model: type[Any] | None
) -> None:
    """Add one GET route; a `model` of None means a CSV file."""
    responses = _refusals()
    responses[304] = {"description": "The asker has it: If-None-Match named its ETag."}
    if model is None:
        responses[200] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        name=name,
        operation_id=name,
        response_model=model,
        response_class=_Json if model else Response,
        responses=responses,
        openapi_extra={"x-stability": STABLE},
    )


def add_question(
    router: APIRouter,
    path: str,
    name: str,
    endpoint: Endpoint,
    model: type[Any],
    body: tuple[type[BaseModel], str],
) -> None:
    """Add one POST route that changes nothing: its question is too long for an address.

    `body` is what it takes as JSON, and the media type of what it takes as it is.
    """
    structured, plain = body
    content = {
        _Json.media_type: {"schema": structured.model_json_schema()},
        plain: {"schema": {"type": "string"}},
    }
    router.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        name=name,
        operation_id=name,
        response_model=model,
        response_class=_Json,
        responses={**_refusals(), 413: _problem("The body is too large.")},
        openapi_extra={
            "x-stability": STABLE,
            "requestBody": {"required": True, "content": content},
        },
    )


def add_table(
    router: APIRouter,
    path: str,
    name: str,
    table: Callable[..., Table[Any]],
    page: type[Page],
    model: type[Any],
    file: str,
) -> None:
    """Add a table's two routes: one page of it as JSON, and the whole as a CSV file.

    Parameters
    ----------
    router : APIRouter
        Where they are added.
    path : str
        Of the page; the file's ends in ``.csv``.
    name : str
        Of the page's operation; the file's ends in ``_csv``.
    table : callable
        Makes the table of a `request`, the names in the path and a `question`. Its docstring
        describes the page, and its annotations say what may be asked of the file.
    page : type of Page
        What may be asked of the page.
    model : type
        The shape of the page.
    file : str
        What the file holds.
    """

    def one_page(request: Request, question: Page, **names: str) -> Response:
        def make() -> Table[Any]:
            return table(request=request, question=question, **names)

        return desk_of(request).rows(request, make, question)

    def whole(request: Request, question: Filter, **names: str) -> Response:
        def make() -> Table[Any]:
            return table(request=request, question=question, **names)

        return desk_of(request).file(request, make, question)

    asked = inspect.signature(table)
    add(router, path, name, _declared(one_page, asked, page, table.__doc__), model)
    everything: type[Filter] = asked.parameters["question"].annotation
    add(router, f"{path}.csv", f"{name}_csv", _declared(whole, asked, everything, file), None)


def _declared(
    endpoint: Endpoint, asked: inspect.Signature, question: type[Filter], says: str | None
) -> Endpoint:
    """Give an endpoint the parameters of its table, which FastAPI reads off the signature."""
    parameters = [
        one.replace(annotation=Annotated[question, Query()]) if one.name == "question" else one
        for one in asked.parameters.values()
    ]
    endpoint.__signature__ = asked.replace(parameters=parameters)  # type: ignore[attr-defined]
    endpoint.__doc__ = says
    return endpoint


def _refusals() -> dict[int | str, dict[str, Any]]:
    return {status: _problem(why) for status, why in _REFUSALS.items()}


def _problem(why: str) -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": why, "content": {MEDIA_TYPE: schema}}


class _Json(Response):
    """Documents the media type; the bytes come from `api.desk`."""

    media_type = "application/json"
