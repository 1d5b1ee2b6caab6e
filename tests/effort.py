"""How much tests try: all, or a share of it in the quick part (``pytest -m "not slow"``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

SHARE = 10
"""The quick part tries one in so many examples of a property."""

_quick = False


def be_quick() -> None:
    """What is collected from now on belongs to the quick part."""
    global _quick
    _quick = True


def tries(count: int) -> int:
    """So many examples of a property, ``count`` where all tests run."""
    return max(count // SHARE, min(count, 4)) if _quick else count


def heavy(paths: Iterable[Path], *names: str) -> list[object]:
    """Parameters of a test: ``paths``, of which those with one of the ``names`` are slow."""
    return [pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in names else []) for path in paths]
