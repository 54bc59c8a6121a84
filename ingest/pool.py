"""Child processes that read shards, one at a time each; a child's death is an answer too.

No scheduler of our own beyond this: on several machines the same text pass runs under Spark.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import islice
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any, Final, NamedTuple

from ingest.bounds import MIB
from ingest.shard import Setup, Task
from ingest.worker import Kind, Order

_TICK: Final = 1.0  # seconds between looks at the clock
_GRACE: Final = 10.0  # seconds for a child to end once its connection is closed
_LAST_WORDS: Final = 2_000  # bytes of a dead child's complaint
_ONE_THREAD: Final = dict.fromkeys(
    (
        "POLARS_MAX_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
    ),
    "1",
)
# Address space is limited, so nothing may reserve it by the gigabyte for every thread.
# What is freed is used again: given back to the system at once, as buffers of megabytes are by
# default, every batch would have its pages made anew, which costs as much as reading it. Only what
# is larger than any batch goes back, or a reader of large records would keep it between small ones.
_FRUGAL: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(16 * MIB),
    "MALLOC_TRIM_THRESHOLD_": str(32 * MIB),
}
# Nothing else of the environment is passed on: a parser needs no secrets.
_PASSED_ON: Final = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "NUMBA_CACHE_DIR",
    "PATH",
    "TMPDIR",
    "TZ",
    "XDG_CACHE_HOME",
)
# Signals that somebody sends to end a program; any other death is the input's doing.
_FROM_OUTSIDE: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)


class Progress(NamedTuple):
    """A shard is under way."""

    consumed: int
    documents: int
    rejects: int


class Done(NamedTuple):
    """A shard is finished."""

    answer: dict[str, Any]


class Failed(NamedTuple):
    """A shard failed.

    Parameters
    ----------
    code : str
        The error's code; ``limit`` where the child broke a bound, ``system`` where the machine
        refused (disk full), ``crash`` where our own code or a measure failed.
    message, hint : str
        What is to be said.
    """

    code: str
    message: str
    hint: str = ""


Event = Progress | Done | Failed


def run(
    setup: Setup, tasks: Iterable[Task], workers: int, kind: Kind = "read"
) -> Generator[tuple[Task, Event], None, None]:
    """Have child processes read `tasks`, and yield what they tell, as it comes.

    Parameters
    ----------
    setup : Setup
        What the shards share.
    tasks : iterable of Task
        The shards; taken one by one, in order.
    workers : int
        How many children at most.
    kind : {'read', 'plan', 'divide'}
        Read the inputs; or look at them without reading them whole, to say what would be done
        with them or how they divide.

    Yields
    ------
    tuple of (Task, Event)
        For each task some `Progress`, then one `Done` or `Failed`. Closing the generator stops
        the children.
    """
    orders = (Order(task, kind) for task in tasks)
    children: list[_Child] = []
    try:
        while True:
            for order in islice(orders, workers - len(children)):
                children.append(_Child(setup))
                children[-1].order(order)
            if not children:
                return
            ready = wait([child.connection for child in children], _TICK)
            for child in tuple(children):
                event = child.hear() if child.connection in ready else child.overdue()
                if event is not None:
                    yield child.order_at_hand.task, event
                if isinstance(event, Done | Failed) and not child.goes_on(orders):
                    children.remove(child)
                    child.stop()
    finally:
        for child in children:
            child.stop()


class _Child:
    """One child process, the shard it reads, and since when it has been silent."""

    order_at_hand: Order

    def __init__(self, setup: Setup) -> None:
        self._bounds = setup.bounds
        self.connection, theirs = Pipe()
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        path = os.pathsep.join(entry for entry in sys.path if entry)
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        with closing(theirs):
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "ingest.worker", str(theirs.fileno())],
                env={**passed_on, **_ONE_THREAD, **_FRUGAL, "PYTHONPATH": path},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._complaints,
                stderr=self._complaints,
            )
        self._alive = True
        self._send(setup)

    def order(self, order: Order) -> None:
        self.order_at_hand = order
        self._heard = time.monotonic()
        self._send(order)

    def goes_on(self, orders: Iterator[Order]) -> bool:
        """Give a child that has finished its next order, if it lives and there is one."""
        following = next(orders, None) if self._alive else None
        if following is not None:
            self.order(following)
        return following is not None

    def hear(self) -> Event | None:
        """Return what the child says, or what its death means."""
        try:
            told = json.loads(self.connection.recv_bytes())
        except (EOFError, ConnectionResetError):
            self._alive = False
            return self._death(self._end())
        self._heard = time.monotonic()
        match told.pop("event"):
            case "progress":
                return Progress(**told)
            case "done":
                return Done(told["answer"])
        if told["code"] == "memory":
            self._alive = False
            return self._memory()
        return Failed(**told)

    def overdue(self) -> Event | None:
        """Return a failure where the child has been silent for too long."""
        silent = time.monotonic() - self._heard
        if silent < self._bounds.stall_seconds:
            return None
        self._process.kill()
        self._alive = False
        limit = f"{self._bounds.stall_seconds:.0f} s without progress"
        return Failed("limit", f"{self.order_at_hand.task.key}: stopped after {limit}")

    def stop(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.wait()
        self._complaints.close()

    def _send(self, what: object) -> None:
        try:
            self.connection.send_bytes(pickle.dumps(what))
        except (BrokenPipeError, ConnectionResetError):
            return  # it is dead; hearing from it will tell

    def _end(self) -> int:
        """Return the exit status of a child that fell silent for good."""
        try:
            return self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _memory(self) -> Failed:
        allowed = self._bounds.memory_bytes
        return Failed(
            "limit",
            f"{self.order_at_hand.task.key}: reading it takes more than {allowed} bytes of memory",
        )

    def _death(self, status: int) -> Failed:
        """Return what the exit status of a child means for the shard it was reading."""
        if status == -signal.SIGXCPU:
            allowed = self._bounds.cpu_seconds_for(self.order_at_hand.task.n_bytes)
            return Failed(
                "limit",
                f"{self.order_at_hand.task.key}: reading it takes more than {allowed} s of CPU",
            )
        if status < 0:
            name = signal.Signals(-status).name
            code = "crash" if -status in _FROM_OUTSIDE else "limit"
            return Failed(code, f"{self.order_at_hand.task.key}: its reader died of {name}")
        self._complaints.seek(max(0, self._complaints.seek(0, 2) - _LAST_WORDS))
        words = self._complaints.read().decode("utf-8", "replace").strip().splitlines()
        last = words[-1] if words else "no message"
        return Failed(
            "crash",
            f"{self.order_at_hand.task.key}: the reader failed with status {status}: {last}",
        )
