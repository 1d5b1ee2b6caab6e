"""What a task minimises: weights of atoms by level, the most important level first.

A sum of finitely many weights of atoms, each of which holds or does not, has bounds: no objective is unbounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Task


@dataclass(frozen=True)
class Objective:
    """``terms[level]`` are the weights of atoms, ``constants[level]`` what is paid in any case."""

    levels: tuple[int, ...]
    terms: Mapping[int, Mapping[int, int]]
    constants: Mapping[int, int]

    @staticmethod
    def of(program: LogicProgram, task: Task) -> Objective:
        """The penalties of ``program`` and the readings of ``task``; levels without any term are left out.

        At level 0, where the readings are, a penalty's weight counts in nats, as theirs do.
        """
        terms: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        constants: dict[int, int] = defaultdict(int)
        for penalty in program.penalties:
            weight = penalty.weight * task.resolution if penalty.level == 0 else penalty.weight
            if penalty.literal > 0:
                terms[penalty.level][penalty.literal] += weight
            else:
                terms[penalty.level][-penalty.literal] -= weight
                constants[penalty.level] += weight
        for atom, weight in task.readings:
            terms[0][atom] += weight
        levels = tuple(sorted(terms, reverse=True))
        kept = {level: {atom: weight for atom, weight in terms[level].items() if weight} for level in levels}
        return Objective(levels, kept, {level: constants.get(level, 0) for level in levels})

    def value(self, level: int, atoms: frozenset[int]) -> int:
        """What a model pays at ``level``."""
        return self.constants[level] + sum(weight for atom, weight in self.terms[level].items() if atom in atoms)

    def check(self, largest: int, solver: str) -> None:
        """E553 where the costs of a level could add up to more than ``largest``, the room that ``solver`` has."""
        problems = []
        for level in self.levels:
            total = sum(map(abs, self.terms[level].values()))
            if total > largest:
                message = f"costs of up to {total:,} at level {level} are too large for {solver} (limit {largest:,})"
                hint = "take a lower --resolution" if level == 0 else "write smaller weights"
                hint += "" if solver == "cpsat" else ", or --solver cpsat"
                problems.append(Diagnostic("E553", message, hint=hint, place="option resolution"))
        if problems:
            raise NesyError(problems)
