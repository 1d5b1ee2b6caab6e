"""The search for thresholds: up the grid, for one concept after the other, as long as the validation accuracy rises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nesy.solvers.possibilistic.learning.accuracy import Accuracy
from nesy.solvers.possibilistic.learning.fitting import Fitter
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.learning.report import SearchStep

Told = Callable[[int, float, float | None], None]
"""Is told the attribute, the threshold and the best accuracy so far before each fit."""


@dataclass
class Search:
    """A greedy search, coordinate by coordinate: the coordinates are the concepts with learned rules, in stage order.

    It starts where each rule set keeps the samples of its own least threshold. ``exact``: a step that leaves all
    parameters as they are is no step, since it cannot tell anything about the next; a threshold below a rule set's
    least one is raised to it in the search and in the last fit alike. ``reference``: each value of the grid is a step;
    the last fit takes for a concept that has not moved the largest of its rule sets' least thresholds, as the published
    procedure does.
    """

    fitter: Fitter
    accuracy: Accuracy
    learning: LearningOptions
    names: dict[int, str]
    told: Told
    steps: list[SearchStep] = field(default_factory=list)
    best: Tensor = field(init=False)

    def run(self) -> tuple[dict[int, float | None], float]:
        """Find thresholds and fit with them; the thresholds by attribute, and the accuracy of the last fit."""
        coordinates = list(dict.fromkeys(task.attribute for task in self.fitter.tasks))
        grid = self.learning.grid
        thresholds: dict[int, float | None] = dict.fromkeys(coordinates, grid[0])
        best = self._try(thresholds)
        self.best = self.fitter.floors.clone()
        if self.learning.policy == "reference":
            thresholds |= {attribute: self._largest(attribute) for attribute in coordinates}
        self.steps += [
            SearchStep(self.names[attribute], _number(thresholds[attribute]), best, True) for attribute in coordinates
        ]
        for attribute in coordinates:
            best = self._climb(attribute, thresholds, best)
        return thresholds, self._try(thresholds)

    def _climb(self, attribute: int, thresholds: dict[int, float | None], best: float) -> float:
        """Go up the grid for one concept; ``thresholds`` are changed to the best."""
        idle = 0
        start = _number(thresholds[attribute])
        for candidate in self.learning.grid:
            if candidate <= start:
                continue
            self.told(attribute, candidate, best)
            trial = {**thresholds, attribute: candidate}
            self.fitter.run(trial, raised=True)
            if self.learning.policy == "exact" and torch.equal(self.fitter.floors, self.best):
                continue
            found = self.accuracy(self.fitter.floors)
            accepted = found > best + self.learning.accept
            self.steps.append(SearchStep(self.names[attribute], candidate, found, accepted))
            if accepted:
                best, idle = found, 0
                thresholds[attribute] = candidate
                self.best = self.fitter.floors.clone()
                continue
            idle += 1
            if idle >= self.learning.stagnation:
                break
        return best

    def _try(self, thresholds: dict[int, float | None]) -> float:
        self.fitter.run(thresholds, raised=True)
        return self.accuracy(self.fitter.floors)

    def _largest(self, attribute: int) -> float:
        """The largest of the least thresholds of a concept's rule sets, as they were last fitted."""
        found = [
            float(limit)
            for place, task in enumerate(self.fitter.tasks)
            if task.attribute == attribute
            for limit in self._limits(place)
        ]
        return max(found)

    def _limits(self, place: int) -> Tensor:
        return self.fitter.fits[place].thresholds


def _number(threshold: float | None) -> float:
    return float("inf") if threshold is None else threshold
