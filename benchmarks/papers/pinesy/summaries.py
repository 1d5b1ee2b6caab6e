"""Means and deviations over the runs that the results hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Runs:
    """The units of one setting and transformation, run by run."""

    units: Sequence[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.units)

    def values(self, name: str) -> np.ndarray:
        """One figure of all runs; those without it are left out."""
        return np.array([unit[name] for unit in self.units if unit.get(name) is not None], dtype=np.float64)

    def mean(self, name: str) -> float:
        """Mean over the runs; NaN where none has the figure."""
        found = self.values(name)
        return float(found.mean()) if len(found) else float("nan")

    def spread(self, name: str) -> float:
        """Standard deviation over the runs, of the population, as in the paper."""
        found = self.values(name)
        return float(found.std()) if len(found) else float("nan")

    def derived(self, figure: Callable[[dict[str, Any]], float]) -> float:
        """Mean of a figure that is computed from each run's."""
        return float(np.mean([figure(unit) for unit in self.units])) if self.units else float("nan")


@dataclass(frozen=True)
class Results:
    """All results of a folder."""

    folder: Path = RESULTS

    def runs(self, problem: str, setting: str, transform: str) -> Runs:
        """The runs of one row of a table; none where nothing was run yet."""
        units = self._units(problem)
        head = f"{setting} | {transform} | "
        return Runs([units[key] for key in sorted(units, key=_number) if key.startswith(head)])

    def networks(self, images: str) -> Runs:
        """What the networks of one kind have."""
        units = self._units("networks")
        return Runs([units[key] for key in sorted(units, key=_number) if key.startswith(f"{images} | ")])

    def committee(self, name: str) -> dict[str, Any] | None:
        """What a committee has."""
        found: dict[str, Any] | None = self._units("committee").get(name)
        return found

    def _units(self, name: str) -> dict[str, dict[str, Any]]:
        path = self.folder / f"{name}.json"
        if not path.exists():
            return {}
        found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["units"]
        return found


def _number(key: str) -> tuple[str, int]:
    name, _, run = key.rpartition(" | ")
    return (name, int(run)) if run.isdigit() else (key, 0)
