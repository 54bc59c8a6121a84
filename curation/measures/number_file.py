"""Tables of numbers in one file, in the form of safetensors, mapped where they lie.

The file is the length of a JSON header, the header, the tables [1]_. Nothing in it is code.

References
----------
.. [1] safetensors, README: "Format".
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ALIGNED_BYTES: Final = 64
_KINDS: Final = {"U32": "<u4", "U64": "<u8", "F32": "<f4"}

Table = npt.NDArray[Any]


def write(path: Path, about: Mapping[str, str], tables: Mapping[str, Table]) -> str:
    """Write tables to a file, whole or not at all.

    Parameters
    ----------
    path : Path
        Where; its folder is made.
    about : mapping of str to str
        What else has to be known; ``format`` says what the tables are.
    tables : mapping of str to numpy.ndarray
        Of uint32, uint64 or float32, in this order.

    Returns
    -------
    str
        The file's SHA-256 in hexadecimal.
    """
    kinds = {np.dtype(form): name for name, form in _KINDS.items()}
    header: dict[str, Any] = {"__metadata__": dict(about)}
    at = 0
    for name, table in tables.items():
        span = [at, at + table.nbytes]
        kind = kinds[table.dtype.newbyteorder("<")]
        header[name] = {"dtype": kind, "shape": list(table.shape), "data_offsets": span}
        at += table.nbytes
    text = json.dumps(header, separators=(",", ":"))
    text += " " * (-(len(text) + 8) % ALIGNED_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        try:
            part.write(len(text).to_bytes(8, "little") + text.encode())
            for table in tables.values():
                part.write(table.astype(table.dtype.newbyteorder("<"), copy=False).data)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    return sha256(path)


def read(path: Path, form: str) -> tuple[Mapping[str, str], Mapping[str, Table]]:
    """Return what `write` wrote; the tables stay in the file until they are looked at.

    Raises
    ------
    ValueError, KeyError, TypeError
        It holds something else than tables of that form.
    """
    data = np.memmap(path, np.uint8, "r")
    length = int.from_bytes(data[:8].tobytes(), "little")
    header = json.loads(data[8 : 8 + length].tobytes())
    about = header.pop("__metadata__")
    if about["format"] != form:
        raise ValueError(about["format"])
    body = data[8 + length :]
    return about, {name: _table(body, entry) for name, entry in header.items()}


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _table(body: npt.NDArray[np.uint8], entry: Mapping[str, Any]) -> Table:
    start, end = entry["data_offsets"]
    table = np.asarray(body[start:end]).view(_KINDS[entry["dtype"]]).reshape(entry["shape"])
    table.flags.writeable = False  # one model, one compiled kernel
    return table
