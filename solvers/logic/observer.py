"""What gringo says, rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import clingo

from nesy.dsl.diagnostics import Diagnostic, NesyError

GroundRule = tuple[bool, tuple[int, ...], tuple[int, ...]]
"""Whether it is a choice, head atoms, body literals."""

GroundWeightRule = tuple[bool, tuple[int, ...], int, tuple[tuple[int, int], ...]]
"""Whether it is a choice, head atoms, lower bound, weighted body literals."""


@dataclass
class ProgramObserver(clingo.Observer):
    """Keeps the ground program; stops gringo (OverflowError) once it has more than ``budget`` rules."""

    budget: int
    rules: list[GroundRule] = field(default_factory=list)
    weight_rules: list[GroundWeightRule] = field(default_factory=list)
    minimized: list[tuple[int, tuple[tuple[int, int], ...]]] = field(default_factory=list)

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        self.rules.append((choice, tuple(head), tuple(body)))
        self._count()

    def weight_rule(self, choice: bool, head: Sequence[int], lower_bound: int, body: Sequence[tuple[int, int]]) -> None:
        self.weight_rules.append((choice, tuple(head), lower_bound, tuple(body)))
        self._count()

    def minimize(self, priority: int, literals: Sequence[tuple[int, int]]) -> None:
        self.minimized.append((priority, tuple(literals)))

    def theory_atom(self, *_: object) -> None:
        self._refuse()

    def theory_atom_with_guard(self, *_: object) -> None:
        self._refuse()

    def _refuse(self) -> None:
        message = "an included logic program holds theory atoms, which neither back end takes"
        raise NesyError(Diagnostic("E516", message, hint="write the condition with rules and aggregates"))

    def _count(self) -> None:
        if len(self.rules) + len(self.weight_rules) > self.budget:
            raise OverflowError
