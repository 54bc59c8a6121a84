"""The names in a Parquet footer, which carries no checksum, against a second copy of them.

Writers built on Arrow (pyarrow, polars, Arrow for Rust, R, Go ...) keep their own schema in the
footer beside that of the file, so each name stands there twice; a damaged one disagrees.

References
----------
Apache Arrow C++, "Reading and writing Parquet files", section "Serialization details" (the key
``ARROW:schema``: an Arrow schema as an IPC message in base 64); Apache Parquet format, nested types
(names of what lists and maps hold are conventions, which is why they are not compared).
"""

import base64
from collections.abc import Iterable
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

_KEY: Final = b"ARROW:schema"

Names = tuple[tuple[str, "Names"], ...]


def has_second_names(footer: pq.FileMetaData) -> bool:
    """Return whether the names of the columns stand in the footer twice."""
    return _KEY in (footer.metadata or {})


def disagreement(file: pq.ParquetFile) -> str:
    """Return what is wrong with the names in the footer of `file`, or '' where they agree.

    Raises
    ------
    ValueError, pyarrow.ArrowException, OSError
        Where the second copy cannot be read.
    """
    footer = file.metadata
    if not has_second_names(footer):
        return ""
    kept = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(footer.metadata[_KEY], validate=True)))
    if _names(kept) == _names(file.schema_arrow):
        return ""
    return (
        f"its columns are called {', '.join(file.schema_arrow.names)}, and "
        f"{', '.join(kept.names)} in the schema that its writer put beside"
    )


def _names(fields: Iterable[pa.Field]) -> Names:
    return tuple((field.name, _inside(field.type)) for field in fields)


def _inside(kind: pa.DataType) -> Names:
    """Return the names inside a type: those of the fields of its structs."""
    if pa.types.is_struct(kind):
        return _names(kind)
    if pa.types.is_map(kind):
        return (("", _inside(kind.key_type)), ("", _inside(kind.item_type)))
    if pa.types.is_nested(kind) and hasattr(kind, "value_type"):
        return (("", _inside(kind.value_type)),)
    return ()
