"""From models back to the words of the program: values of attributes, truth of queries, certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nesy.solvers.certificate import Certificate, Violation
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula, GroundQuery
from nesy.solvers.logic.checker import Checker
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Outcome, StableModel, Task


@dataclass(frozen=True)
class World:
    """One model: the place of the value of each attribute at each index, and the atoms of relations that hold."""

    values: Mapping[tuple[int, int], int]
    atoms: frozenset[int]

    def holds(self, formula: GroundFormula) -> bool:
        """Whether a ground formula is true."""
        match formula:
            case AttributeLiteral(attribute, index, values):
                return self.values.get((attribute, index), -1) in values
            case AtomLiteral(atom, negated):
                return (atom in self.atoms) != negated
            case AllOf(items):
                return all(map(self.holds, items))
            case AnyOf(items):
                return any(map(self.holds, items))

    def answer(self, query: GroundQuery) -> int:
        """The place of the answered value on the query's value axis; −1 where a model, which is none then, has none."""
        if query.kind == "attribute":
            return self.values.get((query.attribute, query.index), -1)
        assert query.formula is not None
        return int(self.holds(query.formula))


def world(program: LogicProgram, model: StableModel) -> World:
    """What ``model`` says of the attributes that the ground program has, and of relations."""
    values = {
        (attribute, index): place
        for attribute, table in enumerate(program.values)
        for index, row in enumerate(table)
        for place, atom in enumerate(row)
        if atom in model.atoms
    }
    return World(values, frozenset(place for place, atom in enumerate(program.atoms) if atom in model.atoms))


def certificate(checker: Checker, task: Task, outcome: Outcome, resolution: int) -> Certificate:
    """The first model of ``outcome``, checked, with its costs counted anew."""
    program, atoms = checker.program, outcome.models[0].atoms
    objective = Objective.of(program, task)
    costs = {level: _nats(level, objective.value(level, atoms), resolution) for level in objective.levels}
    bounds = {
        level: None
        if outcome.bound is None or level not in outcome.bound
        else _nats(level, outcome.bound[level], resolution)
        for level in objective.levels
    }
    found = tuple(fault.text for fault in checker.faults(atoms))
    return Certificate(costs or {0: 0.0}, bounds or {0: 0.0}, _violations(program, atoms), found)


def _nats(level: int, units: int, resolution: int) -> float:
    return units / resolution if level == 0 else float(units)


def _violations(program: LogicProgram, atoms: frozenset[int]) -> tuple[Violation, ...]:
    counts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for penalty in program.penalties:
        paid = penalty.literal in atoms if penalty.literal > 0 else -penalty.literal not in atoms
        if paid and penalty.weight > 0 and penalty.origin >= 0 and penalty.origin not in program.goals:
            counts[penalty.origin, penalty.level].append(penalty.weight)
    found = [
        Violation(program.origins[origin], len(weights), level, float(sum(weights)))
        for (origin, level), weights in counts.items()
    ]
    return tuple(sorted(found, key=lambda entry: (-entry.level, entry.origin.span.line)))


def places(worlds: Sequence[World | None], queries: Sequence[GroundQuery]) -> list[list[int]]:
    """The answered value of each query in each world; −1 where there is no world."""
    return [[-1 if world is None else world.answer(query) for query in queries] for world in worlds]
