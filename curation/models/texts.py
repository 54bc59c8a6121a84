"""Texts to fit a model on, read by the same guarded readers as a corpus."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Final

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.errors import NotComputable
from catalog.store import Catalog
from ingest.job import run
from ingest.spec import Listener, Spec, silence

_CORPUS: Final = "texts"
_BATCH: Final = 1_000  # texts held at once


@dataclass(frozen=True, slots=True)
class Body:
    """The text itself, where somebody has to read it twice."""

    name: ClassVar[str] = "text"
    columns: ClassVar[pa.Schema] = pa.schema([("text.body@1", pa.large_string())])

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return the texts as they are."""
        return pa.RecordBatch.from_arrays([texts.cast(pa.large_string())], schema=self.columns)


class Texts:
    """Texts on the disk, which can be gone through as often as a fit needs.

    Parameters
    ----------
    files : sequence of Path
        Parquet files with the column ``text.body@1``.
    max_bytes : int
        About how much text to give; what is beyond is left out.
    """

    def __init__(self, files: Sequence[Path], max_bytes: int) -> None:
        self._files, self._max_bytes = files, max_bytes

    def __iter__(self) -> Iterator[str]:
        n_bytes = 0
        for file in self._files:
            for batch in pq.ParquetFile(file).iter_batches(_BATCH, columns=["text.body@1"]):
                for text in batch.column(0).to_pylist():
                    if text:
                        n_bytes += len(text.encode())
                        yield text
                    if n_bytes > self._max_bytes:
                        return


@contextmanager
def texts_of(
    folder: Path, paths: tuple[str, ...], max_bytes: int, progress: Listener = silence
) -> Iterator[Texts]:
    """Read `paths` as an ingest would, and give their texts as long as the context lasts.

    Parameters
    ----------
    folder : Path
        Where a temporary catalog may stand; it must have room for the texts.
    paths : tuple of str
        Files, folders and patterns in any format that `steelyard ingest` reads.
    max_bytes : int
        About how much text to give.
    progress : callable
        Hears how far the reading is.

    Yields
    ------
    Texts
        In an order that depends on nothing but the inputs.

    Raises
    ------
    NotComputable
        When there is no text at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix="texts@") as home:
        catalog = Catalog(Path(home))
        report = run(catalog, Spec(_CORPUS, paths), (Body(),), progress)
        names = sorted(report.snapshot.tables["measures"].files)
        texts = Texts([catalog.tables / "measures" / name for name in names], max_bytes)
        if next(iter(texts), None) is None:
            message = f"no text in {', '.join(paths)}"
            raise NotComputable(message, hint="give files that have a text")
        yield texts
