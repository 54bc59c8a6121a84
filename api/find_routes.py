"""The route of one's own text: which documents hold it, and what became of each.

The text comes in the body, not in the address, which would be logged on its way. It is looked for
and forgotten: nothing keeps it, neither the shelf of answers nor a log.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.deciding import corpus_asked
from api.desk import desk_of
from api.models import Shape
from api.registration import add_question
from api.trace_routes import Maker
from catalog.errors import BadInput, UsageError
from curation.find import LEAST, Fate, Found, Hit, find
from curation.search import Likeness
from valuation.finds import headline, named

PLAIN: Final = "text/plain"
STRUCTURED: Final = "application/json"
MOST_HITS: Final = 100

Name = Annotated[str, Path(description="corpus/NAME, corpus/NAME@snp_... or bare NAME.")]


class FindQuestion(BaseModel):
    """How much of the text a document must hold, and how many to name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least: float = Field(
        LEAST, gt=0, le=1, description="The least share of the text that a document holds."
    )
    limit: int = Field(20, ge=1, le=MOST_HITS, description="Documents to name.")


class Text(BaseModel):
    """The body, where it is JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(description="What to look for, at most 1 MiB in UTF-8.")


class Outcome(Shape):
    """What a recipe made of a document."""

    recipe: str
    kept: bool
    weight: float = Field(description="How much of it is in the mix, in [0, 1].")
    stage: str | None = Field(description="What removed it.")
    duplicate_of: str | None = Field(description="The id of the document that stands for it.")
    winner_source: str | None = Field(description="That one's source.")


class FoundRow(Shape):
    """A document that holds the text, or much of it."""

    doc_id: str = Field(description="Its id, for /v1/documents/{doc_id}/trace.")
    source: str
    url: str | None = Field(description="Null where a username stands in it.")
    match: str = Field(description="exact, near (Jaccard similarity of 0.5 or more) or contained.")
    held: float = Field(description="The largest known share of the text that stands in it.")
    contributors: list[Maker]
    n_bytes: int | None
    n_words: int | None
    jaccard: Likeness | None = Field(description="How similar, with its 95 % interval.")
    contained: Likeness | None = Field(description="How much of the text stands in it, likewise.")
    paragraphs: int = Field(description="Of the text's, that stand in it word by word.")
    paragraph_share: float
    fates: list[Outcome]


class FoundMeta(Shape):
    """What was looked for, where, and what could not be found."""

    subject: str
    headline: str
    snapshot: str
    searched: int = Field(description="Documents.")
    compared: list[str]
    words: int
    paragraphs: int
    least: float
    matched: int = Field(description="Documents that hold so much; `data` names the first.")
    method: str
    warnings: list[str]


class FoundAnswer(Shape):
    """Where a text is in a corpus."""

    data: list[FoundRow]
    meta: FoundMeta


async def text_of(request: Request) -> str:
    """Return the text that a body holds.

    Raises
    ------
    UsageError
        It is neither plain text nor a JSON object with a text.
    BadInput
        It is not UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (PLAIN, STRUCTURED):
        message = f"the body is {kind or 'of no type'}, allowed: {PLAIN}, {STRUCTURED}"
        raise UsageError(message, hint="say which in the header Content-Type")
    body = await request.body()
    try:
        return Text.model_validate_json(body).text if kind == STRUCTURED else body.decode()
    except ValidationError as error:
        message = "the body is not an object with a text"
        faults = tuple(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UsageError(message, hint='send {"text": "..."}', faults=faults) from None
    except UnicodeDecodeError as error:
        message = f"the body is not UTF-8: byte {error.start} is {body[error.start]:#04x}"
        raise BadInput(message, hint="send it in UTF-8") from None


def router() -> APIRouter:
    """Return the route; it stands before the routes of corpora themselves."""
    router = APIRouter(prefix="/v1/corpora", tags=["corpora"])
    add_question(router, "/{name:path}/find", "corpora_find", look, FoundAnswer, (Text, PLAIN))
    return router


def look(
    request: Request,
    name: Name,
    question: Annotated[FindQuestion, Query()],
    text: Annotated[str, Depends(text_of)],
) -> Response:
    """Tell which documents hold a text: copies, near-copies, longer ones; and each one's fate.

    The text is neither kept nor logged.
    """

    def make() -> dict[str, object]:
        catalog, reference = desk_of(request).catalog, corpus_asked(request, name).partition("/")[2]
        found = find(catalog, reference, text, least=question.least, limit=question.limit)
        shown = named(catalog, found, reveal=False)
        return {"data": [_row(hit) for hit in shown.hits], "meta": _meta(shown)}

    return desk_of(request).once(request, make)


def _row(hit: Hit) -> dict[str, object]:
    """Return a hit; in which file of the server it lies is nobody's business."""
    return {
        "doc_id": hit.place.doc_id,
        "source": hit.place.source,
        "url": hit.place.url,
        "match": hit.match,
        "held": hit.held,
        "contributors": [
            {"key": name, "kind": kind, "fraction": fraction}
            for name, kind, fraction in hit.contributors
        ],
        "n_bytes": hit.n_bytes,
        "n_words": hit.n_words,
        "jaccard": hit.jaccard,
        "contained": hit.contained,
        "paragraphs": hit.paragraphs,
        "paragraph_share": hit.paragraph_share,
        "fates": [_outcome(fate) for fate in hit.fates],
    }


def _outcome(fate: Fate) -> dict[str, object]:
    winner = fate.duplicate_of
    return {
        "recipe": fate.recipe,
        "kept": fate.kept,
        "weight": fate.weight,
        "stage": fate.stage,
        "duplicate_of": winner and winner.doc_id,
        "winner_source": winner and winner.source,
    }


def _meta(found: Found) -> dict[str, object]:
    return {
        "subject": f"corpus/{found.corpus}",
        "headline": headline(found),
        "snapshot": found.snapshot,
        "searched": found.searched,
        "compared": found.compared,
        "words": found.words,
        "paragraphs": found.paragraphs,
        "least": found.least,
        "matched": found.matched,
        "method": found.method,
        "warnings": found.warnings,
    }
