"""Which signatures each choice touches: what the heuristics and the branch and bound count with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.predictions import ABSTAINED
from nesy.abduction.problem import AbductionProblem, Pair
from nesy.abduction.signatures import Signatures


@dataclass(frozen=True, eq=False)
class Incidence:
    """The choices of a problem and the signatures that they touch.

    Pair ``p`` has the options ``first[p]`` … ``first[p + 1]`` − 1, each a budget (``epsilon``, its place), the
    smallest of those that keep the same predictions. Option ``o`` keeps the predictions of the signatures
    ``row[start[o]]`` …; there its class is number ``slot[…]`` among the signature's own classes. Class number d of a
    signature is that of model d in ``labels`` [S, F]; ``opposed`` [S, F] are the ones that it is incompatible with,
    as bits. Pairs without any prediction that stands are left out, unless they are ``required``.
    """

    pairs: tuple[Pair, ...]
    first: NDArray[int64]
    epsilon: NDArray[int64]
    start: NDArray[int64]
    row: NDArray[int64]
    slot: NDArray[int64]
    opposed: NDArray[int64]
    labels: NDArray[int64]
    weights: NDArray[int64]
    required: NDArray[bool_]

    @property
    def options(self) -> NDArray[int64]:
        """Number of options of each pair."""
        return np.diff(self.first)

    def kept(self, option: int) -> NDArray[int64]:
        """The signatures whose prediction ``option`` keeps."""
        return self.row[self.start[option] : self.start[option + 1]]


def incidence(problem: AbductionProblem, signatures: Signatures) -> Incidence:
    """The choices of ``problem``, in the order of models, then classes, then budgets."""
    labels, budgets = signatures.labels, signatures.budgets
    models = labels.shape[1]
    slots = _slots(labels)
    opposed = _opposed(labels, slots, problem.incompatible)
    pairs: list[Pair] = []
    first, epsilon, kept = [0], [], []
    required = set(problem.required)
    order = sorted(range(len(problem.epsilons)), key=lambda place: problem.epsilons[place])
    for model in range(models):
        by_class = np.argsort(labels[:, model], kind="stable")
        ends = np.searchsorted(labels[by_class, model], np.arange(problem.incompatible.shape[0] + 1))
        for label, (low, high) in enumerate(pairwise(ends.tolist())):
            if low == high and (model, label) not in required:
                continue
            touched = by_class[low:high]
            masks = budgets[touched, model]
            known: list[NDArray[int64]] = []
            for place in order:
                stands = touched[(masks >> place) & 1 == 1]
                if any(np.array_equal(stands, other) for other in known):
                    continue
                if stands.size == 0 and (model, label) not in required:
                    continue
                known.append(stands)
                epsilon.append(place)
                kept.append((stands, slots[stands, model]))
            pairs.append((model, label))
            first.append(len(epsilon))
    sizes = [stands.size for stands, _ in kept]
    empty = np.empty(0, np.int64)
    return Incidence(
        tuple(pairs),
        np.array(first, np.int64),
        np.array(epsilon, np.int64),
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([empty, *(stands for stands, _ in kept)]),
        np.concatenate([empty, *(slot for _, slot in kept)]),
        opposed,
        labels,
        signatures.weights,
        np.array([pair in required for pair in pairs], np.bool_),
    )


def _slots(labels: NDArray[int64]) -> NDArray[int64]:
    """For each model of a signature the first model with the same label, [S, F]."""
    models = labels.shape[1]
    slots = np.full(labels.shape, -1, np.int64)
    for model in range(models - 1, -1, -1):
        for later in range(model, models):
            slots[labels[:, later] == labels[:, model], later] = model
    return slots


def _opposed(labels: NDArray[int64], slots: NDArray[int64], incompatible: NDArray[bool_]) -> NDArray[int64]:
    models = labels.shape[1]
    opposed = np.zeros(labels.shape, np.int64)
    present = labels != ABSTAINED
    for model in range(models):
        for other in range(models):
            apart = incompatible[labels[:, model], labels[:, other]] & present[:, model] & present[:, other]
            apart &= slots[:, other] == other
            opposed[:, model] |= np.where(apart, np.int64(1) << np.int64(other), 0)
    return opposed
