"""A few seats where answers are worked out, a short queue, and a polite refusal beyond it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.errors import Busy


class Seats:
    """Keeps a flood of expensive questions from starving the cheap ones.

    One set of seats serves all who ask one process, whether by REST or by pages.

    Parameters
    ----------
    at_work : int
        Questions that are worked on at the same time.
    queue : int
        Questions that may wait for a seat.
    patience : float
        How long they wait, in seconds.
    """

    def __init__(self, at_work: int = 2, queue: int = 16, patience: float = 2.0) -> None:
        self._at_work = at_work
        self._patience = patience
        self._inside = threading.BoundedSemaphore(at_work + queue)
        self._working = threading.BoundedSemaphore(at_work)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a seat.

        Raises
        ------
        Busy
            When the queue is full, or no seat came free in time.
        """
        if not self._inside.acquire(blocking=False):
            raise self._busy(why="too many others wait")
        try:
            if not self._working.acquire(timeout=self._patience):
                raise self._busy(why=f"none was done within {self._patience} s")
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._inside.release()

    def _busy(self, why: str) -> Busy:
        message = f"{self._at_work} questions are being worked on and {why}"
        return Busy(message, hint="ask again a little later; answers given before come at once")
