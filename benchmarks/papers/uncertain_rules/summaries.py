"""Means and standard deviations over the seeds of the results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Summary:
    """The units of one setting."""

    units: list[dict[str, Any]]

    @property
    def methods(self) -> list[str]:
        return list(self.units[0]["methods"])

    def score(self, method: str, name: str, concept: str | None = None) -> tuple[float, float]:
        """Mean and standard deviation of a score; of the last concept if none is named."""
        found = []
        for unit in self.units:
            scores = unit["methods"][method]["scores"]
            found.append(scores[concept or list(scores)[-1]][name])
        return _mean(found)

    def parameters(self, method: str) -> NDArray[np.float64]:
        """Learned parameters ``[seeds, rules, 2]``."""
        return np.array([unit["methods"][method]["parameters"] for unit in self.units])

    def rates(self) -> NDArray[np.float64]:
        """True rates of failure ``[rules, 2]``, mean over the seeds."""
        return np.array([unit["rates"] for unit in self.units]).mean(0)

    def calibration(self, method: str) -> list[tuple[float, float, float]]:
        """Points (mean probability, relative frequency, its standard error) over all seeds."""
        weights: dict[int, list[tuple[float, float, int]]] = {}
        for unit in self.units:
            for said, happened, count in unit["methods"][method]["calibration"]:
                weights.setdefault(round(said * 10), []).append((said, happened, count))
        points = []
        for place in sorted(weights):
            entries = np.array(weights[place])
            count = entries[:, 2].sum()
            said, happened = entries[:, 2] @ entries[:, 0] / count, entries[:, 2] @ entries[:, 1] / count
            if count >= 20:
                points.append((float(said), float(happened), float(np.sqrt(happened * (1 - happened) / count))))
        return points


def load(experiment: str) -> tuple[dict[str, Summary], dict[str, Any]]:
    """The settings of an experiment, in order, and all else that its file says."""
    stored = json.loads((RESULTS / f"{experiment}.json").read_text(encoding="utf-8"))
    units: dict[str, list[dict[str, Any]]] = {}
    for key, unit in stored.pop("units").items():
        units.setdefault(key.rpartition(" | ")[0], []).append(unit)
    return {name: Summary(entries) for name, entries in units.items()}, stored


def _mean(values: list[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values))
