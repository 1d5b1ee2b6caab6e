"""Atoms for what is asked: one for each value of each query, so that models can be told apart by their answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count

from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula, GroundQuery
from nesy.solvers.logic.program import LogicProgram, Rule


@dataclass(frozen=True)
class Queried:
    """A program with an atom for each value of each of its queries.

    ``atoms[query][value]`` holds in exactly the models in which the query has this value (for a formula: false, true);
    0 where it has it in none.
    """

    program: LogicProgram
    atoms: tuple[tuple[int, ...], ...]

    @property
    def all_atoms(self) -> tuple[int, ...]:
        """Every atom of ``atoms``, once."""
        return tuple(dict.fromkeys(atom for row in self.atoms for atom in row if atom))


def with_query_atoms(program: LogicProgram) -> Queried | None:
    """``program`` with what defines these atoms; None where a query speaks of a concept that is not searched for."""
    writer = _Writer(program, count(program.size + 1), [])
    if any(writer.is_set_apart(query) for query in program.model.queries):
        return None
    atoms = tuple(map(writer.row, program.model.queries))
    if not writer.rules:
        return Queried(program, atoms)
    return Queried(replace(program, size=next(writer.numbers) - 1, rules=(*program.rules, *writer.rules)), atoms)


@dataclass
class _Writer:
    program: LogicProgram
    numbers: count[int]
    rules: list[Rule]

    def is_set_apart(self, query: GroundQuery) -> bool:
        apart = set(self.program.determined)
        attributes = self.program.model.attributes
        if query.kind == "attribute":
            return attributes[query.attribute].name in apart
        return any(attributes[literal.attribute].name in apart for literal in _literals(query.formula))

    def row(self, query: GroundQuery) -> tuple[int, ...]:
        if query.kind == "attribute":
            return self.program.values[query.attribute][query.index]
        assert query.formula is not None
        true, false = next(self.numbers), next(self.numbers)
        self._define(true, query.formula)
        self.rules.append(Rule((false,), (-true,)))
        return (false, true)

    def _define(self, atom: int, formula: GroundFormula) -> None:
        """Rules that make ``atom`` hold exactly where ``formula`` does."""
        match formula:
            case AllOf(items):
                self.rules.append(Rule((atom,), tuple(map(self._literal, items))))
            case AnyOf(items):
                self.rules.extend(Rule((atom,), (self._literal(item),)) for item in items)
            case AttributeLiteral(attribute, index, values):
                row = self.program.values[attribute][index]
                self.rules.extend(Rule((atom,), (row[value],)) for value in values if row[value])
            case AtomLiteral(place, negated):
                known = self.program.atoms[place]
                self.rules.append(Rule((atom,), (-known if negated else known,)))

    def _literal(self, formula: GroundFormula) -> int:
        atom = next(self.numbers)
        self._define(atom, formula)
        return atom


def _literals(formula: GroundFormula | None) -> Iterable[AttributeLiteral]:
    match formula:
        case AttributeLiteral():
            yield formula
        case AllOf(items) | AnyOf(items):
            for item in items:
                yield from _literals(item)
