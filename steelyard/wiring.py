"""The one place where everything is wired together: which measures, which pages, which server."""
# ruff: noqa: PLC0415 - each command imports only the floors it needs

import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from catalog.errors import SteelyardError
from catalog.store import Catalog
from ingest.measure import Measure
from steelyard import __version__

KEEP_ALIVE: Final = 5  # seconds an idle connection is held
GRACE: Final = 10  # seconds that running answers are given at the end
MOST_CONNECTIONS: Final = 512  # more get a 503 at once


def catalog(home: Path) -> Catalog:
    """Return the catalog of a data home."""
    return Catalog(home)


def measures() -> Sequence[Measure]:
    """Return what the text pass computes: ingest is handed curation's measures here."""
    from curation.measures import MEASURES

    return MEASURES


def prepare(measures: Sequence[Measure], tell: Callable[[str], None]) -> None:
    """Compile the text pass, if it is among the measures, before child processes each would."""
    from curation.measures import text_pass

    if any(isinstance(measure, text_pass.TextPass) for measure in measures):
        text_pass.prepare(tell)


def application(opened: Catalog) -> Callable[..., Any]:
    """Return REST and the pages over a catalog, as one ASGI application."""
    from api.app import create
    from catalog.seats import Seats
    from dashboards.app import mount

    seats = Seats()
    app = create(opened, __version__, seats)
    mount(app, opened, seats=seats)
    return app


def serve(opened: Catalog, host: str, port: int, listening: Callable[[str], None]) -> None:
    """Serve REST and the pages until stopped.

    Parameters
    ----------
    opened : Catalog
        What the answers are about.
    host : str
        The address to listen on.
    port : int
        0 takes any that is free.
    listening : callable
        Told the address once connections are taken.

    Raises
    ------
    SteelyardError
        When the address cannot be had.
    """
    import uvicorn

    from dashboards.app import warm
    from steelyard.patience import Patient

    app = application(opened)
    warm()
    with _bound(host, port) as taken:
        listening(_address(taken))
        config = uvicorn.Config(
            app,
            http=Patient,
            ws="none",
            access_log=False,  # addresses hold the names that people look up
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
        )
        try:
            uvicorn.Server(config).run(sockets=[taken])
        except KeyboardInterrupt:  # how one stops a server
            return


def _bound(host: str, port: int) -> socket.socket:
    try:
        [(family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return socket.create_server((host, port), family=family, backlog=MOST_CONNECTIONS)
    except OSError as error:
        message = f"cannot listen on {host}:{port}: {error.strerror or error}"
        raise SteelyardError(message, hint="--port 0 takes any that is free") from error


def _address(taken: socket.socket) -> str:
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
