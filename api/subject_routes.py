"""The routes of corpora and of mixtures: what there is, and what each one weighs.

A table has two routes: one page of it as JSON, and all of it as a CSV file. A subject's name may
hold a slash (``published/gpt3``), so the routes of one subject take a path; the subject itself is
registered last, after its tables.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api import models
from api.desk import desk_of
from api.layouts import PIN, Following, listed
from api.questions import (
    ListingFilter,
    ListingPage,
    Nothing,
    Page,
    WaterfallFilter,
    WaterfallPage,
    WeighingFilter,
    WeighingPage,
)
from api.registration import add, add_table
from api.tables import Table
from api.wire import listing_table, waterfall_table, weighing_table
from valuation import answers
from valuation.names import full_name
from valuation.results import Listing, Row

Name = Annotated[str, Path(description="published/gpt3, mixture/NAME, corpus/NAME or bare NAME.")]


class SubjectRoutes:
    """The routes of ``/v1/corpora`` or ``/v1/mixtures``.

    Parameters
    ----------
    noun : str
        ``corpora`` or ``mixtures``.
    namespaces : tuple of str
        What the noun lists, and where a bare name is looked for.
    """

    def __init__(self, noun: str, namespaces: tuple[str, ...]) -> None:
        self._noun = noun
        self._namespaces = namespaces

    def router(self) -> APIRouter:
        """Return the routes: the list, the tables of each subject, and the subject itself."""
        router = APIRouter(prefix=f"/v1/{self._noun}", tags=[self._noun])
        one = "/{name:path}"
        says = "List them as a CSV file."
        add_table(
            router, "", f"{self._noun}_list", self.everything, ListingPage, models.Listings, says
        )
        tables: tuple[tuple[str, Callable[..., Table[Any]], type[Page], type[Any], str], ...] = (
            (
                "shares",
                self.shares,
                WeighingPage,
                models.Weighing,
                "How much of it is X, as a CSV file.",
            ),
            (
                "amplification",
                self.amplification,
                WeighingPage,
                models.Weighing,
                "How much louder or quieter X was made, as a CSV file.",
            ),
            (
                "waterfall",
                self.waterfall,
                WaterfallPage,
                models.Waterfall,
                "At which stage X gained or lost, as a CSV file: one line a key and stage.",
            ),
        )
        for view, table, page, model, says in tables:
            add_table(router, f"{one}/{view}", f"{self._noun}_{view}", table, page, model, says)
        add(router, one, f"{self._noun}_one", self.one, models.Listed)
        return router

    def everything(self, request: Request, question: ListingFilter) -> Table[Listing]:
        """List them, with a headline each and the addresses of its answers."""
        everything = desk_of(request).listings(request)
        chosen = tuple(one for one in everything if one.namespace in self._namespaces)
        return listing_table(self._noun, chosen)

    def one(self, request: Request, name: Name, _question: Annotated[Nothing, Query()]) -> Response:
        """Describe one of them."""

        def make() -> dict[str, object]:
            full = self._full(request, name).partition(PIN)[0]
            found = next(one for one in desk_of(request).listings(request) if one.id == full)
            return {"data": listed(found)}

        return desk_of(request).one(request, make)

    def shares(self, request: Request, name: Name, question: WeighingFilter) -> Table[Row]:
        """How much of it is X, before and after: largest share of the mix first."""
        return self._weighing(request, name, question, "shares")

    def amplification(self, request: Request, name: Name, question: WeighingFilter) -> Table[Row]:
        """How much louder or quieter X was made: most amplified first."""
        return self._weighing(request, name, question, "amplification")

    def waterfall(
        self, request: Request, name: Name, question: WaterfallFilter
    ) -> Table[Following]:
        """At which stage X gained or lost: the factors multiply to its amplification."""
        full = self._full(request, name)
        waterfall = answers.waterfall(
            desk_of(request).catalog,
            full,
            by=question.by,
            unit=question.unit,
            rollup=question.rollup,
            recipe=question.recipe,
        )
        return waterfall_table(waterfall, pinned=PIN in full)

    def _full(self, request: Request, name: str) -> str:
        full = full_name(name, desk_of(request).listings(request), self._namespaces)
        if PIN in full:  # a snapshot that is not there is not the latest one
            desk_of(request).catalog.snapshot(full.partition("/")[2])
        return full

    def _weighing(
        self, request: Request, name: str, question: WeighingFilter, view: str
    ) -> Table[Row]:
        full = self._full(request, name)
        weighing = answers.show(
            desk_of(request).catalog,
            full,
            by=question.by,
            unit=question.unit,
            rollup=question.rollup,
            recipe=question.recipe,
        )
        return weighing_table(weighing, view, pinned=PIN in full)
