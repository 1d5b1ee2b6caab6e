"""Functions that numba compiles, and keeps on disk where it can, so that a second process starts warm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """``function`` compiled at its first call; it then runs without Python's lock.

    numba writes beside the source or, where that may not be written, into the user's cache (or ``NUMBA_CACHE_DIR``).
    With no such place it compiles anew in each process. What is kept belongs to the source file of the function: a
    compiled function calls none of another file.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # “cannot cache function: no locator available”
        return cast(F, numba.njit(nogil=True)(function))
