"""What each object of a scene may be labelled with: one option for each label that some candidate supports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import bool_, float64, int64
from numpy.typing import NDArray

from nesy.abduction.problem import AbductionProblem, Pair
from nesy.abduction.signatures import admitted


@dataclass(frozen=True, eq=False)
class SceneOptions:
    """The options of object o are the places ``start[o]`` … ``start[o + 1]`` − 1, by label.

    ``weight`` is what a label is worth, ``model`` the most confident model that supports it (the first of equal ones).
    """

    start: NDArray[int64]
    label: NDArray[int64]
    weight: NDArray[float64]
    model: NDArray[int64]

    def of(self, item: int) -> range:
        """The options of an object."""
        return range(int(self.start[item]), int(self.start[item + 1]))

    def best(self) -> NDArray[int64]:
        """The weightiest option of each object, the first of equal ones; −1 where there is none."""
        objects = self.start.size - 1
        item = np.repeat(np.arange(objects), np.diff(self.start))
        order = np.lexsort((np.arange(item.size), -self.weight, item))
        found = np.full(objects, -1, np.int64)
        chosen = order[self.start[:-1][np.diff(self.start) > 0]]
        found[np.diff(self.start) > 0] = chosen
        return found


def budgets_of(problem: AbductionProblem) -> tuple[dict[Pair, float], bool]:
    """A budget for each admitted pair: the one that keeps most predictions, the smallest of equal ones.

    The second result tells whether each of them keeps whatever some other budget of its pair keeps. Labels only have to
    be supported, so that no other choice of budgets could then do better.
    """
    accepted, dominant = {}, True
    order = sorted(range(len(problem.epsilons)), key=lambda place: problem.epsilons[place])
    for model, label in np.argwhere(admitted(problem)).tolist():
        said = problem.predictions.labels[:, model] == label
        kept = ~problem.flagged[:, :, model] & said
        best = max(order, key=lambda place: int(np.count_nonzero(kept[place])))
        if said.any() or (model, label) in problem.required:
            accepted[model, label] = problem.epsilons[best]
            dominant &= not (kept.any(axis=0) & ~kept[best]).any()
    return accepted, dominant


def scene_options(problem: AbductionProblem, candidates: NDArray[bool_]) -> SceneOptions:
    """The options of all objects under these candidates [N, F]."""
    predictions = problem.predictions
    objects, classes = len(candidates), len(predictions.classes)
    item, model = np.nonzero(candidates)
    label, sure = predictions.labels[item, model], predictions.confidence[item, model]
    order = np.lexsort((model, -sure, label, item))
    item, model, label, sure = item[order], model[order], label[order], sure[order]
    key = item * classes + label
    first = np.flatnonzero(np.diff(key, prepend=-1))
    item, model, label, sure = item[first], model[first], label[first], sure[first]
    assert problem.scenes is not None
    given = problem.scenes.weights
    weight = sure if given is None else given[item, label]
    start = np.searchsorted(item, np.arange(objects + 1)).astype(np.int64)
    return SceneOptions(start, label.astype(np.int64), weight.astype(np.float64), model.astype(np.int64))
