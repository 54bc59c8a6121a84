"""How slow a server may be: so many bytes in every minute, however they come.

A server that drips a byte now and then is never silent, and never done. With a least rate, and a
most that is fetched in all, the time that a run can take has a bound.
"""

import io
import math
import socket
import time
from typing import Any, Final

from catalog.errors import SteelyardError

SLOWEST: Final = 1_000  # bytes a second, where nobody says how many; 8 kbit/s
WINDOW: Final = 60.0  # seconds over which a rate is judged


class Pace:
    """Judges how much came, window by window.

    Parameters
    ----------
    what : str
        Whose bytes, for the error.
    slowest : int
        Bytes a second that are enough; 0 for any.
    """

    def __init__(self, what: str, slowest: int) -> None:
        self._what, self._slowest = what, slowest
        self._came, self._since = 0, time.monotonic()

    def came(self, n_bytes: int) -> None:
        """Take note of bytes."""
        self._came += n_bytes

    def left(self) -> float:
        """Return in how many seconds it is judged next; infinite where any pace will do.

        Raises
        ------
        SteelyardError
            Where too little came in the window that has ended.
        """
        if not self._slowest:
            return math.inf
        took = time.monotonic() - self._since
        if took < WINDOW:
            return WINDOW - took
        if self._came < self._slowest * took:
            message = (
                f"{self._what}: {self._came:,} bytes came in {took:.0f} s, at least "
                f"{self._slowest:,} a second are allowed"
            )
            hint = "what came is kept: run it again later, or with a lower --min-download-rate"
            raise SteelyardError(message, hint=hint)
        self._came, self._since = 0, time.monotonic()
        return WINDOW


class Paced(io.RawIOBase):
    """What comes out of a socket, as long as it comes fast enough.

    Parameters
    ----------
    under : io.RawIOBase
        The socket as a file: closed with this one.
    connected : socket.socket
        The socket.
    pace : Pace
        How fast is enough.
    silent : float
        Seconds without a byte that are too many.
    """

    def __init__(
        self, under: io.RawIOBase, connected: socket.socket, pace: Pace, silent: float
    ) -> None:
        self._under, self._socket = under, connected
        self._pace, self._silent = pace, silent

    def readable(self) -> bool:
        """Return True: that is what it is for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for bytes.

        Raises
        ------
        TimeoutError
            Where none comes.
        SteelyardError
            Where too few come.
        """
        until = time.monotonic() + self._silent
        while (silent := until - time.monotonic()) > 0:
            self._socket.settimeout(max(min(self._pace.left(), silent), 0.001))
            try:
                n_bytes = self._socket.recv_into(buffer)
            except TimeoutError:
                continue
            self._pace.came(n_bytes)
            return n_bytes
        message = f"no byte in {self._silent:.0f} s"
        raise TimeoutError(message)

    def close(self) -> None:
        """Close the socket's file too."""
        if not self.closed:
            self._under.close()
        super().close()
