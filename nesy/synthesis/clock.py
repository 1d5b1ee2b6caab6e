"""What took how long, and whether there is time left."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Clock:
    """Books the seconds of each stage. ``budget``: seconds for all of them (None: no limit)."""

    budget: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _started: float = field(default_factory=perf_counter)

    def lap(self, stage: str) -> None:
        """Book the time since the last lap."""
        self.seconds[stage] = perf_counter() - self._started - sum(self.seconds.values())

    @property
    def is_up(self) -> bool:
        """Whether the budget is spent."""
        return self.budget is not None and perf_counter() - self._started > self.budget
