"""The child process that reads shards under limits; started by `ingest.pool`, never by hand.

It takes pickled tasks from its parent, which trusts itself, and answers in JSON, so that a parser
that was taken over by its input cannot hand code upwards. It gives up when its parent is gone.
"""

import errno
import json
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple

import pyarrow as pa

from catalog.errors import SteelyardError
from ingest.bounds import Bounds
from ingest.plan import divide, plan_file
from ingest.shard import Setup, Task, Told, read_shard

Kind = Literal["read", "plan", "divide"]


class Order(NamedTuple):
    """What a child is asked: read a shard, say what would be done with it, or how it divides."""

    task: Task
    kind: Kind


def main(descriptor: int) -> None:
    """Serve orders that come over the connection `descriptor` until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    connection: Connection[dict[str, object], Setup | Order] = Connection(descriptor)
    try:
        setup = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own parent
        _limit(setup.bounds)
        while True:
            order = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our own parent
            _serve(connection, setup, order)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)


def _serve(connection: Connection, setup: Setup, order: Order) -> None:
    def tell(told: Told) -> None:
        _say(connection, {"event": "progress", **told._asdict()})

    task = order.task
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = setup.bounds.cpu_seconds_for(task.n_bytes)
    _set(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + allowed + 1)
    try:
        answer = _answer(setup, order, tell)
    except SteelyardError as error:
        failed = {"code": error.code, "message": error.message, "hint": error.hint}
        _say(connection, {"event": "failed", **failed})
    except MemoryError:
        _say(connection, {"event": "failed", "code": "memory"})
        os._exit(0)  # a heap that was full is not used again
    except OSError as error:
        failed = {"code": "system", "message": f"{task.key}: {error}", "hint": ""}
        if error.errno == errno.EFBIG:
            failed |= _too_large(setup.bounds)
        _say(connection, {"event": "failed", **failed})
    else:
        _say(connection, {"event": "done", "answer": answer})


def _answer(setup: Setup, order: Order, tell: Callable[[Told], None]) -> dict[str, Any]:
    match order.kind:
        case "plan":
            return plan_file(setup, order.task)
        case "divide":
            return divide(setup, order.task)
        case "read":
            return read_shard(setup, order.task, tell)


def _too_large(bounds: Bounds) -> dict[str, str]:
    """Say whose limit a file grew beyond: ours on an input's tables, or the machine's on any."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if allowed == resource.RLIM_INFINITY or allowed >= bounds.written_bytes:
        return {"code": "limit"}
    return {"code": "system", "hint": f"this machine allows files of {allowed} bytes (ulimit -f)"}


def _say(connection: Connection, message: dict[str, object]) -> None:
    connection.send_bytes(json.dumps(message).encode())


def _limit(bounds: Bounds) -> None:
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    _set(resource.RLIMIT_AS, bounds.memory_bytes)
    _set(resource.RLIMIT_FSIZE, bounds.written_bytes)
    _set(resource.RLIMIT_NOFILE, bounds.open_files)
    _set(resource.RLIMIT_CORE, 0)


def _set(limit: int, value: int) -> None:
    """Lower a soft limit; what the system already holds lower stays."""
    _, hard = resource.getrlimit(limit)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (wanted, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]))
