"""Where answers are made: worked out a few at a time, turned into bytes, and kept."""

import secrets
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.cursors import Cursors
from api.gate import STAMP
from api.kept import FORGOTTEN, LATEST, PINNED, SECURITY, Kept, KeptResponse, Shelf
from api.problems import refuse_repeated
from api.questions import Filter, Page
from api.tables import Table, page, select, to_csv
from catalog.seats import Seats
from catalog.stamp import Stamp
from catalog.store import Catalog
from valuation import answers
from valuation.results import Listing

JSON: Final = "application/json"
CSV: Final = "text/csv; charset=utf-8"

Row = TypeVar("Row")


class Desk:
    """Asks the floor below, formats what it says, and keeps the bytes.

    Parameters
    ----------
    catalog : Catalog
        What the answers are about.
    shelf : Shelf
        Where their bytes are kept.
    seats : Seats
        Where they are worked out.
    """

    def __init__(self, catalog: Catalog, shelf: Shelf, seats: Seats) -> None:
        self.catalog = catalog
        self._shelf = shelf
        self._listings: tuple[Stamp, tuple[Listing, ...]] | None = None
        self._seats = seats

    @cached_property
    def cursors(self) -> Cursors:
        """Cursors under the home's own key, or under this process's where home is read-only."""
        try:
            return Cursors(self.catalog.key("cursors"), lasting=True)
        except OSError:
            return Cursors(secrets.token_bytes(32), lasting=False)

    def listings(self, request: Request) -> tuple[Listing, ...]:
        """Return every corpus and mixture, read again when the catalog has changed."""
        current: Stamp = request.scope[STAMP]
        known = self._listings
        if known is None or known[0] != current:
            known = self._listings = current, answers.listings(self.catalog)
        return known[1]

    def rows(
        self,
        request: Request,
        make: Callable[[], Table[Row]],
        question: Page,
    ) -> Response:
        """Answer with one page of a table as JSON."""
        refuse_repeated(request)
        with self._seats.taken():
            table = make()
            chosen = select(table, question)
            walk = f"{request.scope['path']}?{question.wording()}"
            ranked, cursor = page(chosen, question, walk, lambda: self.cursors, table.layout.key)
            meta = {**table.meta, "matched": len(chosen), "next_cursor": cursor}
            data = [table.layout.as_json(row, rank) for rank, row in ranked]
            body = orjson.dumps({"data": data, "meta": meta})
        lasting = table.pinned and (cursor is None or self.cursors.lasting)
        headers = {"cache-control": PINNED if lasting else LATEST}
        if cursor is not None:
            headers["link"] = f'<{_next(request, cursor)}>; rel="next"'
        return self._keep(request, Kept.of(body, JSON, headers))

    def file(self, request: Request, make: Callable[[], Table[Row]], question: Filter) -> Response:
        """Answer with the whole table as a CSV file."""
        refuse_repeated(request)
        with self._seats.taken():
            table = make()
            body = to_csv(table, select(table, question))
        headers = {
            "cache-control": PINNED if table.pinned else LATEST,
            "content-disposition": f'attachment; filename="{table.name}.csv"',
        }
        return self._keep(request, Kept.of(body, CSV, headers))

    def one(self, request: Request, make: Callable[[], Mapping[str, object]]) -> Response:
        """Answer with a single thing as JSON."""
        refuse_repeated(request)
        with self._seats.taken():
            body = orjson.dumps(make())
        return self._keep(request, Kept.of(body, JSON, {"cache-control": LATEST}))

    def once(self, request: Request, make: Callable[[], Mapping[str, object]]) -> Response:
        """Answer as JSON, and keep nothing of it: the question holds what is the asker's own."""
        refuse_repeated(request)
        with self._seats.taken():
            body = orjson.dumps(make())
        return Response(body, headers={**SECURITY, "cache-control": FORGOTTEN}, media_type=JSON)

    def _keep(self, request: Request, kept: Kept) -> Response:
        scope = request.scope
        self._shelf.put((scope["path"], scope["query_string"]), scope[STAMP], kept)
        return KeptResponse(kept, request.headers)


def desk_of(request: Request) -> Desk:
    """Return the desk of the application that was asked.

    Routes look it up rather than hold it: FastAPI remembers every route it has ever seen, and
    would keep the catalog of an application that is long gone.
    """
    desk: Desk = request.app.state.desk
    return desk


def _next(request: Request, cursor: str) -> str:
    asked = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
    return f"{quote(request.scope['path'])}?{urlencode([*asked, ('cursor', cursor)])}"
