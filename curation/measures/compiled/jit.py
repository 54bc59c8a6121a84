"""How the kernels are compiled: without the GIL, and with numpy's rules of division."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import numba

from curation.measures.compiled.cache import cache_folder

_njit: Final[Any] = numba.njit
_config: Final[Any] = numba.config

Function = TypeVar("Function", bound=Callable[..., Any])


def inlined(function: Function) -> Function:
    """Compile a small function into its callers, which saves counting references to arrays."""
    compiled: Function = _njit(inline="always", nogil=True, error_model="numpy")(function)
    return compiled


def kernel(function: Function) -> Function:
    """Compile a function that kernels call; it releases the GIL."""
    compiled: Function = _njit(nogil=True, error_model="numpy")(function)
    return compiled


def lean(function: Function) -> Function:
    """Compile a function that is called for every token or line and makes no arrays or slices.

    It counts no references, which cost half of the scan's time; the option has no public name.
    """
    compiled: Function = _njit(nogil=True, error_model="numpy", _nrt=False)(function)
    return compiled


def entry(function: Function) -> Function:
    """Compile a function that Python calls; its machine code is kept where that is possible."""
    folder = cache_folder()
    if folder is None:
        return kernel(function)
    before = _config.CACHE_DIR
    _config.CACHE_DIR = str(folder)
    try:
        compiled: Function = _njit(nogil=True, error_model="numpy", cache=True)(function)
    finally:
        _config.CACHE_DIR = before
    return compiled
