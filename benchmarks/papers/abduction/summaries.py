"""Figures of the results: means over test sets, means and deviations over seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.papers.stored import stored
from nesy.abduction.metrics import Record, record

RESULTS = Path(__file__).resolve().parent / "results"

Floats = NDArray[np.float64]
Measure = Literal["f1", "accuracy"]
Figure = Literal["coverage", "repeated", "contradicting"]


@dataclass(frozen=True)
class Runs:
    """The units of one data set and regime, seed by seed."""

    units: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.units)

    @property
    def sets(self) -> list[str]:
        """Names of the test sets."""
        return [*self.units[0]["sets"]]

    def has(self, method: str) -> bool:
        """Whether all units have figures of a method."""
        return all(method in unit["methods"] for unit in self.units)

    def values(self, method: str, measure: Measure = "f1") -> Floats:
        """F1 or accuracy of a method as it is, [seeds, sets]; ``model mean`` is the mean of the single models."""
        if method == "model mean":
            return self.models(measure).mean(2)
        return np.array([unit["methods"][method][measure] for unit in self.units])

    def models(self, figure: Measure | Literal["answered"]) -> Floats:
        """A figure of the single models, [seeds, sets, models]."""
        return np.array([unit["models"][figure] for unit in self.units])

    def gains(self, method: str, measure: Measure = "f1") -> Floats:
        """Relative to the single model that is best on the set by the same measure, − 1; [seeds, sets]."""
        return self.values(method, measure) / self.best(measure) - 1

    def best(self, measure: Measure = "f1") -> Floats:
        """The best single model on each set, [seeds, sets]."""
        return self.models(measure).max(2)

    def gain(self, method: str, measure: Measure = "f1") -> tuple[float, float]:
        """Mean over the sets; its mean and standard deviation over the seeds."""
        means = self.gains(method, measure).mean(1)
        return float(means.mean()), float(means.std())

    def mean(self, method: str, figure: Figure) -> float:
        """Mean over seeds and sets; NaN where the method has no such figure."""
        found = [unit["methods"][method][figure] for unit in self.units]
        return float(np.mean([np.nan if value is None else value for value in found]))

    def record(self, method: str, against: str | None = None) -> tuple[float, float]:
        """Sets won, and sets won or tied, by F1, mean over the seeds; against the best single model, or a method."""
        others = self.best() if against is None else self.values(against)
        found = [record(mine, theirs) for mine, theirs in zip(self.values(method), others, strict=True)]
        return float(np.mean([one.won for one in found])), float(np.mean([_not_lost(one) for one in found]))

    def interval(self, first: str, second: str) -> tuple[float, float, float, int]:
        """Relative difference of F1 with its bootstrap interval, mean over the seeds; in how many it excludes 0."""
        found = np.array([unit["bootstrap"][f"{first} | {second}"] for unit in self.units], dtype=np.float64)
        value, low, high = found[:, :3].mean(0).tolist()
        return value, low, high, int(((found[:, 1] > 0) | (found[:, 2] < 0)).sum())

    def grid(self, name: str) -> dict[tuple[float, float], tuple[float, float]]:
        """By (ε, δ): gain on the held-out mixes, mean over the seeds, and in how many seeds it was chosen."""
        cells: dict[tuple[float, float], list[float]] = {}
        chosen: dict[tuple[float, float], int] = {}
        for unit in self.units:
            for epsilon, delta, value in unit["held_out"][name]:
                cells.setdefault((epsilon, delta), []).append(value)
            choice = (unit["choices"][name][0], unit["choices"][name][1])
            chosen[choice] = chosen.get(choice, 0) + 1
        return {cell: (float(np.mean(values)), chosen.get(cell, 0)) for cell, values in cells.items()}

    def solving(self, method: str, figure: str) -> float:
        """Mean over the seeds of what is told about the solver."""
        return float(np.mean([unit["solving"][method][figure] for unit in self.units]))


@dataclass(frozen=True)
class Results:
    """All results of a folder."""

    folder: Path = RESULTS

    def runs(self, data: str, regime: str) -> Runs:
        """The units of a data set and regime, in the order of the seeds."""
        units = stored(self.folder / f"{data}.json")
        keys = sorted(
            (key for key in units if key.startswith(f"{regime} | ")), key=lambda key: int(key.split(" | ")[1])
        )
        return Runs([units[key] for key in keys])


def _not_lost(found: Record) -> int:
    return found.won + found.tied
