"""`definitions.hashing`, compiled: start from BASIS, `step` each number, then `finish`."""

from typing import Any, Final

import numpy as np

from curation.measures.compiled.jit import inlined
from curation.measures.definitions import hashing

BASIS: Final = np.uint64(hashing.BASIS)
FACTOR: Final = np.uint64(hashing.FACTOR)
MIX: Final = np.uint64(hashing.MIX)
_32: Final = np.uint64(32)
_29: Final = np.uint64(29)


@inlined
def step(state: np.uint64, number: Any) -> np.uint64:
    """Take one code point, or one hash, into the state."""
    return (state ^ np.uint64(number)) * FACTOR


@inlined
def finish(state: np.uint64) -> np.uint64:
    """Return the hash of all that was taken in."""
    state = (state ^ (state >> _32)) * MIX
    return state ^ (state >> _29)
