"""The route of one document's life: what every rule of a recipe says of it, and what then.

A document is named by its id alone: a file's name on the server is nobody's business. Who made it
is told by pseudonym where that is a person, and its address is withheld where it spells the name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deciding import latest_asked, recipe_asked, refuse_search
from api.desk import desk_of
from api.models import Shape
from api.questions import Subject
from api.registration import add
from catalog.nouns import Snapshot
from catalog.store import Catalog
from curation.trace import StageTrace, Trace, trace
from valuation.asked import grouping_of
from valuation.persons import impersonal

DocId = Annotated[
    str, Path(pattern="^[0-9a-fA-F]{32}$", description="A document's id, 32 hex digits.")
]


class TraceQuestion(BaseModel):
    """Where the document is, and which recipe is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: Subject
    recipe: str | None = Field(
        None, max_length=100, description="With or without version; one that was run if left out."
    )


class Maker(Shape):
    """A contributor, and the part of the document that is booked under it."""

    key: str = Field(description="A username is a pseudonym.")
    kind: str
    fraction: float


class Life(Shape):
    """What became of a document, and why."""

    doc_id: str
    corpus: str
    recipe: str
    snapshot: str
    about: dict[str, str | int | None] = Field(
        description="Where it is from and how large it is; a url that spells a username is null."
    )
    contributors: list[Maker]
    removed_by: str = Field(description="The stage that removes it; empty where it is kept.")
    duplicate_of: str = Field(description="The id of the document that stands for it, or empty.")
    winner_source: str = Field(description="That one's source, or empty.")
    kept_weight: float = Field(description="How much of it is kept, in [0, 1].")
    n_bytes_kept: int | None = Field(description="After what is cut out of it.")
    stages: list[StageTrace]


class TraceAnswer(Shape):
    """One document's life."""

    data: Life


def router() -> APIRouter:
    """Return the route ``/v1/documents/{doc_id}/trace``."""
    router = APIRouter(prefix="/v1/documents", tags=["documents"])
    add(router, "/{doc_id}/trace", "document_trace", one, TraceAnswer)
    return router


def one(request: Request, doc_id: DocId, question: Annotated[TraceQuestion, Query()]) -> Response:
    """Tell what every rule of a recipe says of one document, by which numbers, and what then."""

    def make() -> dict[str, object]:
        catalog, snapshot = desk_of(request).catalog, latest_asked(request, question.corpus)
        recipe = recipe_asked(snapshot, question.recipe)
        refuse_search(snapshot, recipe)
        found = trace(catalog, doc_id, snapshot.corpus, recipe)
        return {"data": _told(catalog, snapshot, found)}

    return desk_of(request).one(request, make)


def _told(catalog: Catalog, snapshot: Snapshot, found: Trace) -> dict[str, object]:
    makers = _makers(catalog, snapshot, found.doc_id)
    keys = {(maker["name"], maker["kind"]): maker["fraction"] for maker in makers}
    shown = grouping_of(catalog, "contributor", None, reveal=False).shown(keys)
    told = asdict(impersonal(catalog, found))
    told["contributors"] = [
        {"key": shown[key], "kind": key[1], "fraction": float(fraction)}
        for key, fraction in keys.items()
    ]
    return told


def _makers(catalog: Catalog, snapshot: Snapshot, doc_id: str) -> Sequence[Mapping[str, Any]]:
    """Return who made a document, by their own names."""
    engine = catalog.engine(snapshot)
    documents = engine.table("documents")
    mine = documents.filter(documents["doc_id"] == bytes.fromhex(doc_id))
    found = engine.run(mine.select("contributors")).to_pylist()
    return found[0]["contributors"] or []
