"""The time of one call, and who is told how it goes."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the stage, the objects covered so far and the bound on what can be covered."""


class Clock:
    """Measures from its making; ``limit`` seconds, None: as long as it takes."""

    def __init__(self, limit: float | None = None) -> None:
        self._started = time.perf_counter()
        self.limit = limit

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._started

    @property
    def left(self) -> float | None:
        """Seconds that are left, at least 0; None without a limit."""
        return None if self.limit is None else max(0.0, self.limit - self.seconds)

    def half(self) -> Clock:
        """A clock for half of what is left."""
        return Clock(None if self.left is None else self.left / 2)

    @property
    def over(self) -> bool:
        """Whether the time has run out."""
        return self.limit is not None and self.seconds >= self.limit
