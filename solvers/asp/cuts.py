"""Degrees of possibility by α-cuts: how possible is the most possible model in which an atom holds?

A model is as possible as the least possible of its readings and of the uncertain rules that it breaks (an instance with
r that is broken allows r, one with s allows s). The cut at α keeps the models that are at least that possible: it shuts
out the values and the broken instances with lower degrees. Π of an atom is the greatest occurring degree at whose cut
some model has the atom, found by binary search; every model that turns up bounds all its atoms from below.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import clingo

from nesy.solvers.asp.clasp import copy_program
from nesy.solvers.asp.waiting import ready
from nesy.solvers.logic.program import LogicProgram

Limits = Sequence[tuple[int, float]]
"""Literals and the degree, below 1, that a model has at most in which they hold."""


class CutSolver:
    """One clingo that keeps what it has learned from cut to cut, and from instance to instance."""

    def __init__(self, program: LogicProgram, *, seed: int = 0) -> None:
        self._control = clingo.Control(["--warn=none", f"--seed={seed}", "--models=1"], logger=lambda *_: None)
        with self._control.backend() as backend:
            self._atoms = copy_program(program, backend)
        self.calls = 0

    def model(self, true: Iterable[int], false: Iterable[int], until: float | None) -> frozenset[int] | None:
        """A model with ``true`` literals and without ``false`` ones; TimeoutError ``until`` when there is none.

        A search does not begin after that time, however short it may be.
        """
        if until is not None and time.perf_counter() >= until:
            raise TimeoutError
        assumed = [*map(self._literal, true), *(-self._literal(literal) for literal in false)]
        self.calls += 1
        with self._control.solve(assumptions=assumed, yield_=True, async_=True) as handle:
            try:
                left = None if until is None else max(0.0, until - time.perf_counter())
                if not ready(handle, left):
                    handle.cancel()
                    raise TimeoutError
            except KeyboardInterrupt:
                handle.cancel()
                raise
            found = handle.model()
            if found is None:
                return None
            return frozenset(place for place in range(1, len(self._atoms)) if found.is_true(self._atoms[place]))

    def _literal(self, literal: int) -> int:
        return self._atoms[literal] if literal > 0 else -self._atoms[-literal]


@dataclass
class Cuts:
    """The degrees of one instance. After a stop, ``upper`` still bounds each degree from above."""

    solver: CutSolver
    limits: Limits
    until: float | None = None
    lower: dict[int, float] = field(default_factory=dict)
    upper: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._grades = sorted({1.0, *(degree for _, degree in self.limits if degree > 0.0)})

    def solve(self, targets: Iterable[int]) -> None:
        """Work out the degree of each of ``targets``. Raises TimeoutError, KeyboardInterrupt."""
        own = dict(self.limits)
        self.upper = {target: own.get(target, 1.0) for target in targets}
        self.lower = dict.fromkeys(self.upper, 0.0)
        best = self._greatest((), 0.0, 1.0)
        for target, degree in self.upper.items():
            self.upper[target] = min(degree, best)
        for target in self.upper:
            self.upper[target] = self._greatest((target,), self.lower[target], self.upper[target])
            self.lower[target] = self.upper[target]

    def _greatest(self, true: tuple[int, ...], lower: float, upper: float) -> float:
        """The greatest degree between ``lower``, which is reached, and ``upper``, at whose cut there is a model."""
        below, above = self._place(lower), self._place(upper) + 1
        middle = above - 1  # most values are as possible as their own reading
        while above - below > 1:
            grade = self._grades[middle]
            model = self.solver.model(true, (literal for literal, degree in self.limits if degree < grade), self.until)
            if model is None:
                above = middle
                for target in true:
                    self.upper[target] = self._grades[above - 1] if above else 0.0
            else:
                below = self._place(self._possibility(model))
            middle = (below + above) // 2
        return self._grades[below] if below >= 0 else 0.0

    def _place(self, degree: float) -> int:
        """The place of an occurring degree; −1 for 0."""
        return bisect_left(self._grades, degree) if degree > 0.0 else -1

    def _possibility(self, model: frozenset[int]) -> float:
        """How possible a model is; its atoms are at least as possible."""
        broken = (
            degree for literal, degree in self.limits if (literal in model if literal > 0 else -literal not in model)
        )
        found = min(broken, default=1.0)
        for target, known in self.lower.items():
            if known < found and target in model:
                self.lower[target] = found
        return found
