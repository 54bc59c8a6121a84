"""The text pass: every column that counts something in a text, in one pass over it.

numba compiles it where it is installed; without numba the plain definitions do the same, about
300 times slower, and the log says so once. Both give the same value in every column.
"""
# ruff: noqa: PLC0415 - numba is imported when a text is measured, and not for `steelyard --help`

import importlib.util
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.errors import UsageError
from curation.measures.definition import Definition, schema
from curation.measures.definitions.families import COLUMNS, measure_all
from curation.measures.definitions.pieces import PIECE_BYTES

if TYPE_CHECKING:
    from curation.measures.compiled.whole import Result

DEFINITIONS: Final[dict[str, Definition]] = {column.name: column for column in COLUMNS}
_SCHEMA: Final = schema(COLUMNS)
_KERNEL: Final = "whole._measure"  # what takes long to compile
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TextPass:
    """Counts a text's words, lines, repetitions, paragraphs: raw and exact, ratios come later.

    Parameters
    ----------
    piece_bytes : int
        Longer texts are measured in pieces, see `definitions.pieces`; stored columns rest on the
        default.
    """

    piece_bytes: int = PIECE_BYTES

    name: ClassVar[str] = "text"
    columns: ClassVar[pa.Schema] = _SCHEMA

    def __call__(self, texts: pa.Array) -> pa.RecordBatch:
        """Return the columns of each text: `measure`."""
        return measure(texts, self.piece_bytes)


def measure(texts: pa.Array | pa.ChunkedArray, piece_bytes: int = PIECE_BYTES) -> pa.RecordBatch:
    """Return every column of the text pass.

    Parameters
    ----------
    texts : pyarrow.Array or pyarrow.ChunkedArray
        Strings or large strings; null gives nulls, the empty string zeros.
    piece_bytes : int
        Above so many bytes a text is measured in pieces.

    Returns
    -------
    pyarrow.RecordBatch
        One row a text, the columns of `TextPass.columns`.

    Raises
    ------
    UsageError
        Where the array holds no strings, or bytes that are not UTF-8.
    """
    array = _checked(texts)
    return pa.RecordBatch.from_arrays(_way()(array, piece_bytes), schema=_SCHEMA)


def speed(texts: pa.Array, batch_bytes: int = 4_000_000) -> float:
    """Return how many bytes of UTF-8 are measured in a second of CPU time.

    Parameters
    ----------
    texts : pyarrow.Array
        Strings, measured in batches; the first call of a process compiles and is not timed.
    batch_bytes : int
        About so many bytes a batch.

    Returns
    -------
    float
        Bytes a second.
    """
    measure(texts[:1])
    ends = np.cumsum(pc.fill_null(pc.binary_length(texts), 0).to_numpy(), dtype=np.int64)
    cuts = np.unique(np.searchsorted(ends, np.arange(batch_bytes, ends[-1], batch_bytes)) + 1)
    started = time.process_time()
    for first, last in pairwise([0, *cuts.tolist(), len(texts)]):
        measure(texts[first:last])
    return float(ends[-1] / (time.process_time() - started))


def compiled() -> bool:
    """Say whether the pass runs compiled here."""
    return importlib.util.find_spec("numba") is not None


def prepare(tell: Callable[[str], None]) -> None:
    """Compile the pass for all processes to come, where no earlier one has.

    Parameters
    ----------
    tell : callable
        Told in a sentence what takes long, or why every process will.
    """
    if not compiled():
        tell("numba is not installed: texts are measured in plain Python, about 300 times slower")
        return
    from curation.measures.compiled.cache import cache_folder, holds

    folder = cache_folder()
    if folder is None:
        tell(
            "no folder can keep the compiled text pass: every process compiles it again, for about"
            " 30 s; set NUMBA_CACHE_DIR to a folder that can be written"
        )
    elif not holds(folder, _KERNEL):
        tell("compiling the text pass, once: about 30 s")
        measure(pa.array(["a text"]))


@cache
def _way() -> Callable[[pa.Array, int], list[pa.Array]]:
    if compiled():
        return _measure_compiled
    _log.warning("numba is not installed: texts are measured in plain Python, far more slowly")
    return measure_all


def _checked(texts: pa.Array | pa.ChunkedArray) -> pa.LargeStringArray:
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        message = f"the text pass measures strings, not {texts.type}"
        raise UsageError(message, hint="cast the column to string or large_string")
    try:
        texts.validate(full=True)  # the kernels read bytes without looking behind the end
    except pa.ArrowInvalid as error:
        message = f"these texts are not valid UTF-8 strings: {error}"
        raise UsageError(message, hint="decode them before they are measured") from error
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    return texts.cast(pa.large_string())


def _measure_compiled(texts: pa.LargeStringArray, piece_bytes: int) -> list[pa.Array]:
    from curation.measures.compiled.whole import measure_texts

    n_texts = len(texts)
    if n_texts == 0:
        return [pa.array([], column.type) for column in COLUMNS]
    _, places, data = texts.buffers()
    offsets = np.frombuffer(places, np.int64)[texts.offset : texts.offset + n_texts + 1]
    data_bytes = np.frombuffer(data if data is not None else b"", np.uint8)
    valid = texts.is_valid().to_numpy(zero_copy_only=False)
    result = measure_texts(data_bytes, offsets, valid, piece_bytes)
    columns = _arrays(result, valid)
    return [columns[column.name].cast(column.type) for column in COLUMNS]


def _arrays(result: "Result", valid: Any) -> dict[str, pa.Array]:
    """Return Arrow arrays by column."""
    from curation.measures.compiled.tally import NAMES
    from curation.measures.compiled.whole import REPEATS

    null = ~valid
    columns = {
        name: pa.array(np.ascontiguousarray(counts[:, k]), mask=null)
        for names, counts in ((NAMES, result.counts), (REPEATS, result.repeats))
        for k, name in enumerate(names)
    }
    kept, paragraphs = result.kept, result.paragraphs
    for name, ends, values in (
        ("c4.line_hashes@1", result.kept_ends, kept.hashes),
        ("c4.line_bytes@1", result.kept_ends, kept.n_bytes),
        ("c4.line_words@1", result.kept_ends, kept.n_words),
        ("paragraphs.hashes@1", result.paragraph_ends, paragraphs.hashes),
        ("paragraphs.bytes@1", result.paragraph_ends, paragraphs.n_bytes),
        ("paragraphs.words@1", result.paragraph_ends, paragraphs.n_words),
    ):
        used = pa.array(values[: ends[-1]].copy())
        columns[name] = pa.ListArray.from_arrays(pa.array(ends), used, mask=pa.array(null))
    signed = columns["gopher.word_count@1"].fill_null(0).to_numpy() > 0
    columns["minhash.signature@1"] = _binary(result.signatures, signed)
    return columns


def _binary(numbers: Any, present: Any) -> pa.Array:
    """Return the rows of a matrix as little-endian binary values."""
    rows = np.ascontiguousarray(numbers, "<u4")
    width = rows.shape[1] * rows.itemsize
    bits = pa.py_buffer(np.packbits(present, bitorder="little"))
    return pa.Array.from_buffers(pa.binary(width), len(rows), [bits, pa.py_buffer(rows)])
