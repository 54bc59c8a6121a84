"""What has to be known of a staged file before it is published: its bytes and its rows, hashed.

Both are found on each file by itself, so the files of a long job are weighed as they are finished,
and a publish that would otherwise read all of them again only adds up.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from catalog.digest import RowSum, row_sum
from catalog.parquet import sha256


class Weight(NamedTuple):
    """What is known of one file: the SHA-256 of its bytes, and what its rows add to the digest."""

    sha256: str
    rows: RowSum


def weigh(file: Path) -> Weight:
    """Return the weight of a finished file."""
    return Weight(sha256(file), row_sum(file))


class Scales:
    """Weighs finished files in a thread, while others are still being written."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._weighed: dict[Path, Future[Weight]] = {}

    def put(self, file: Path) -> None:
        """Have a file weighed, which is not written to again."""
        self._weighed[file] = self._thread.submit(weigh, file)

    def weigh(self, file: Path) -> Weight:
        """Return the weight of a file, put on before or not."""
        found = self._weighed.get(file)
        return found.result() if found else weigh(file)

    def __enter__(self) -> Self:
        """Weigh until the block ends."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop what was put on and is not weighed yet."""
        self._thread.shutdown(cancel_futures=True)
