"""A long batch in parts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def slices(tensors: Mapping[str, Tensor], size: int) -> Iterator[dict[str, Tensor]]:
    """The batch in parts of ``size`` instances, with a bar on standard error where that is a terminal.

    Without tensors there is one part, the batch of one of a program without percepts.
    """
    batch = max((len(tensor) for tensor in tensors.values()), default=1)
    starts = range(0, batch, size)
    parts = ({name: tensor[start : start + size] for name, tensor in tensors.items()} for start in starts)
    if len(starts) < 2 or not sys.stderr.isatty():
        yield from parts
        return
    from nesy.progress import ProgressBar

    bar = ProgressBar()
    bar.start("answering", len(starts))
    try:
        for part in parts:
            yield part
            bar.advance()
    finally:
        bar.finish()
