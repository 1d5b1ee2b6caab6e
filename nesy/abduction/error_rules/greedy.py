"""Choosing the conditions of error rules: DetRuleLearn under a recall budget, and RatioDetRuleLearn without one.

Both see the predictions of one class by one model: for each cue where it holds, and which predictions are wrong. With
POS and NEG the wrong and the right predictions under a set of cues, BOD = POS + NEG, and R the held-out objects that
really belong to the class, leaving out what the cues flag lowers recall by NEG / R and turns precision P into
P + s / (1 − s) · (k − (1 − P)), where s = BOD / N and k = POS / BOD.

Source: Xi, Scaria, Bavikadi and Shakarian, *Rule-based error detection and correction*, arXiv 2308.14250, algorithms
DetRuleLearn and RatioDetRuleLearn; here a cue that catches no further wrong prediction is never added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cues = NDArray[np.bool_]
"""Where each cue holds, [Q, n]."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen cues in the order of choice, and what they flag: ``wrong`` (POS) and ``right`` (NEG) predictions."""

    cues: tuple[int, ...]
    wrong: int
    right: int


def under_budget(cues: Cues, wrong: NDArray[np.bool_], members: int, budget: float) -> Choice:
    """DetRuleLearn: always the cue that catches most further wrong predictions, while NEG / ``members`` ≤ ``budget``.

    ``cues`` [Q, n], ``wrong`` [n], ``members`` the number of objects that belong to the class, ``budget`` the recall
    that may be lost, in [0, 1]. Ties go to the cue that loses fewer right predictions, then to the earlier one. Recall
    on these data falls by at most ``budget``, because no cue is added that would break it.
    """
    search = _Search(cues, wrong)
    while True:
        gains, losses = search.gains, search.losses
        after = search.right + losses
        # a division, because its result is the float that stands for the budget where both are equal
        affordable = after / members <= budget if members else after == 0
        gains = np.where(affordable, gains, 0)
        if not gains.any():
            return without_contained(search.choice(), cues)
        best = np.flatnonzero(gains == gains.max())
        search.add(int(best[np.argmin(losses[best])]))


def by_ratio(cues: Cues, wrong: NDArray[np.bool_]) -> Choice:
    """RatioDetRuleLearn: the cue with the smallest growth of BOD per growth of POS, and of all prefixes the best.

    The best prefix minimises (BOD + FP) / POS with FP all wrong predictions, which maximises the F1 of telling wrong
    predictions from right ones, 2 POS / (BOD + FP). Ties go to the earlier cue and to the shorter prefix.
    """
    search = _Search(cues, wrong)
    false = int(wrong.sum())
    best = search.choice()
    while search.gains.any():
        gains, losses = search.gains, search.losses
        ratio = np.divide(gains + losses, gains, out=np.full(len(gains), np.inf), where=gains > 0)
        search.add(int(np.argmin(ratio)))
        found = search.choice()
        if best.wrong == 0 or (_cost(found, false) * best.wrong < _cost(best, false) * found.wrong):
            best = found
    return without_contained(best, cues)


def _cost(choice: Choice, false: int) -> int:
    return choice.wrong + choice.right + false


class _Search:
    """A growing set of cues: ``gains`` [Q] and ``losses`` [Q] say what each further one adds to POS and NEG."""

    def __init__(self, cues: Cues, wrong: NDArray[np.bool_]) -> None:
        self._wrong = np.ascontiguousarray(cues[:, wrong])
        self._right = np.ascontiguousarray(cues[:, ~wrong])
        self._chosen: list[int] = []
        self.gains = self._wrong.sum(axis=1, dtype=np.int64)
        self.losses = self._right.sum(axis=1, dtype=np.int64)
        self.wrong = 0
        self.right = 0

    def add(self, cue: int) -> None:
        """Put ``cue`` into the set; what it flags counts for no other cue any more."""
        self._chosen.append(cue)
        self.wrong += int(self.gains[cue])
        self.right += int(self.losses[cue])
        self._wrong, lost = _without(self._wrong, cue)
        self.gains = self.gains - lost
        self._right, lost = _without(self._right, cue)
        self.losses = self.losses - lost

    def choice(self) -> Choice:
        """The set as it is."""
        return Choice(tuple(self._chosen), self.wrong, self.right)


def _without(matrix: Cues, cue: int) -> tuple[Cues, NDArray[np.int64]]:
    """The columns that ``cue`` does not cover, and how many of each row go with the others."""
    covered = matrix[cue]
    return matrix[:, ~covered], matrix[:, covered].sum(axis=1, dtype=np.int64)


def without_contained(choice: Choice, cues: Cues) -> Choice:
    """``choice`` without the cues that hold only where another chosen one holds: the rules flag the same."""
    kept = [
        cue
        for cue in choice.cues
        if not any(other != cue and not (cues[cue] & ~cues[other]).any() for other in choice.cues)
    ]
    return Choice(tuple(kept), choice.wrong, choice.right)


def distinct(cues: Cues) -> Sequence[int]:
    """The cues that hold somewhere, each kind once, in order: what makes no difference is not looked at."""
    packed = np.packbits(cues, axis=1)
    seen: set[bytes] = set()
    found = []
    for place, row in enumerate(packed):
        key = row.tobytes()
        if key not in seen and row.any():
            seen.add(key)
            found.append(place)
    return found
