"""Where the machine code is kept; told without loading numba.

numba looks only at the file of the function it caches and not at the functions that one calls, so
the folder carries a digest of all files of this package: changed kernels are compiled anew. A
folder that cannot be written makes numba raise at import; so it is tried first, and without one
the kernels are compiled again in every process (half a minute).
"""

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_DIGEST_BYTES: Final = 8
_CHECKED: Final = "NUMBA_BOUNDSCHECK"


@cache
def cache_folder() -> Path | None:
    """Return the folder for machine code, or None where none can be written.

    ``NUMBA_CACHE_DIR`` if it is set and nothing else; otherwise beside the modules, else in the
    user's cache.
    """
    if os.environ.get(_CHECKED, "0") not in ("", "0"):
        return None  # numba would mistake code without the checks for code with them
    given = os.environ.get("NUMBA_CACHE_DIR")
    user = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    wanted = [Path(given)] if given else [_HERE / "__pycache__", Path(user) / "steelyard"]
    for folder in wanted:
        path = folder.expanduser() / f"kernels-{digest()}"
        if _writable(path):
            return path
    return None


def holds(folder: Path, function: str) -> bool:
    """Say whether the machine code of a function, ``module.name``, lies in the folder."""
    return any(folder.rglob(f"{function}-*.nbc"))


@cache
def digest() -> str:
    """Return a digest of the kernels' sources."""
    state = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    sources = [*_HERE.glob("*.py"), *(_HERE.parent / "definitions").glob("*.py")]
    for path in sorted(sources):
        state.update(path.name.encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except (OSError, RuntimeError):  # RuntimeError: no home folder is known
        return False
