"""The crisp part of a probabilistic program, grounded by gringo: the tuples of every relation that is needed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, gathered, raise_errors
from nesy.dsl.span import Span
from nesy.dsl.statements import Constraint, Include, Observe, Optimize, Rule, SoftConstraint, head_parts
from nesy.dsl.syntax import Node
from nesy.solvers.grounding.gringo import run
from nesy.solvers.grounding.ground import violations
from nesy.solvers.grounding.selection import Selection, clingo_code, head_name, is_crisp, names_in
from nesy.solvers.grounding.symbols import order_key
from nesy.solvers.grounding.text import write
from nesy.solvers.probabilistic.building.decimals import Decimals, order_test
from nesy.solvers.probabilistic.model.expressions import Scalar

Row: TypeAlias = tuple[Scalar, ...]

Restriction: TypeAlias = Observe | Constraint | SoftConstraint


@dataclass(frozen=True)
class Facts:
    """The tuples of the crisp relations and types by name and number of arguments, with look-ups by known places."""

    rows: Mapping[tuple[str, int], tuple[Row, ...]]
    _members: dict[tuple[str, int], frozenset[Hashable]] = field(default_factory=dict)
    _found: dict[tuple[str, int, tuple[int, ...]], dict[Hashable, list[Row]]] = field(default_factory=dict)

    def holds(self, name: str, row: tuple[Scalar, ...]) -> bool:
        """Whether ``row`` is a tuple of the relation."""
        key = (name, len(row))
        if key not in self._members:
            self._members[key] = frozenset(map(marked, self.rows.get(key, ())))
        return marked(row) in self._members[key]

    def matching(self, name: str, arity: int, places: tuple[int, ...], values: tuple[Scalar, ...]) -> Sequence[Row]:
        """The tuples that have ``values`` at ``places``."""
        rows = self.rows.get((name, arity), ())
        if not places:
            return rows
        key = (name, arity, places)
        if key not in self._found:
            table: dict[Hashable, list[Row]] = {}
            for row in rows:
                table.setdefault(marked(tuple(row[place] for place in places)), []).append(row)
            self._found[key] = table
        return self._found[key].get(marked(values), ())


def marked(value: Scalar | tuple[Scalar, ...]) -> Hashable:
    """A key under which 1 and true are different, as they are in the language."""
    if isinstance(value, tuple):
        return tuple(marked(item) for item in value)
    return (isinstance(value, bool), value)


@dataclass(frozen=True)
class Ground:
    """The crisp part of a program: the needed names, the facts, and what else restricts the random part.

    ``restrictions`` are the observations, and the constraints and soft constraints on random variables.
    """

    needed: frozenset[str]
    facts: Facts
    restrictions: tuple[Restriction, ...]
    warnings: tuple[Diagnostic, ...]


def select_facts(
    checked: CheckedProgram, formulas: Sequence[Node], *, strict: bool
) -> tuple[Selection, tuple[Restriction, ...]]:
    """What ``formulas`` (those of queries) and all observations depend on, and what restricts it; with all problems."""
    statements = checked.program.statements
    asked = [*formulas, *(entry.formula for entry in statements if isinstance(entry, Observe))]
    limits = {
        id(entry): _names(checked, entry) for entry in statements if isinstance(entry, Constraint | SoftConstraint)
    }
    needed, touched = _touched(checked, checked.needed_by(names_in(checked, asked)), limits)
    chosen = Selection(needed)
    restrictions: list[Restriction] = []
    for number, statement in enumerate(statements):
        match statement:
            case Observe():
                restrictions.append(statement)
            case Rule() if head_name(checked, statement) in needed:
                if is_crisp(checked, names_in(checked, [*head_parts(statement.head), *statement.body])):
                    chosen.crisp.append((number, statement))
            case Constraint() if is_crisp(checked, limits[id(statement)]):
                if id(statement) in touched:
                    chosen.crisp_constraints.append((number, statement))
            case Constraint() | SoftConstraint() if id(statement) in touched:
                restrictions.append(statement)
            case Optimize(direction, elements) if names_in(checked, elements) & needed:
                chosen.problems.append(_left_out(direction, statement.span, strict))
            case Include():
                chosen.problems.append(clingo_code(statement))
    chosen.problems.extend(_refused(checked, needed))
    return chosen, tuple(restrictions)


def ground_facts(checked: CheckedProgram, formulas: Sequence[Node], *, strict: bool) -> Ground:
    """Ground the crisp relations on which ``formulas`` (those of queries) and all observations depend.

    Raises NesyError: E513 for what a probabilistic program cannot hold, E515 with ``strict`` for objectives, and what
    grounding finds (E512, E514, E516).
    """
    chosen, restrictions = select_facts(checked, formulas, strict=strict)
    needed = chosen.needed
    raise_errors(chosen.problems)
    text = write(checked, _for_gringo(checked, chosen), [])
    grounding = run(text.lines, tests=order_test)
    raise_errors(violations(text, grounding))
    rows: dict[tuple[str, int], tuple[Row, ...]] = {
        (name, 1): tuple((value,) for value in domain.values) for name, domain in checked.types.items()
    }
    for (name, arity), relation in checked.relations.items():
        if relation.status == "crisp" and name in needed:
            rows[name, arity] = tuple(sorted(grounding.scalar_rows(name, arity), key=order_key))
    return Ground(needed, Facts(rows), restrictions, (*chosen.problems, *grounding.warnings))


def _for_gringo(checked: CheckedProgram, chosen: Selection) -> Selection:
    """``chosen`` with its decimal numbers as gringo can take them; E517 for all that computes with them."""
    decimals = Decimals(checked.constants, [rule for _, rule in chosen.crisp])
    crisp: list[tuple[int, Rule]] = []
    constraints: list[tuple[int, Constraint]] = []
    problems: list[Diagnostic] = []
    for number, rule in chosen.crisp:
        with gathered(problems):
            crisp.append((number, decimals.rewritten(rule)))
    for number, constraint in chosen.crisp_constraints:
        with gathered(problems):
            constraints.append((number, decimals.rewritten(constraint)))
    raise_errors(problems)
    return replace(chosen, crisp=crisp, crisp_constraints=constraints)


def _names(checked: CheckedProgram, limit: Constraint | SoftConstraint) -> frozenset[str]:
    """What a constraint speaks of; the weight of a soft one may be random as well."""
    weight = () if isinstance(limit, Constraint) else (limit.weight, *limit.terms)
    return names_in(checked, [*limit.body, *weight])


def _touched(
    checked: CheckedProgram, needed: frozenset[str], limits: Mapping[int, frozenset[str]]
) -> tuple[frozenset[str], frozenset[int]]:
    """``needed`` with all that constraints bring in, and which of ``limits`` say something about it.

    A constraint says something about a variable that it names, and about what its own variables come from: of the rain
    when the lawn is known not to be wet, whether or not a query speaks of the lawn.
    """
    reach = {key: checked.needed_by(names) for key, names in limits.items()}
    touched: frozenset[int] = frozenset()
    while True:
        found = {
            key for key, names in limits.items() if names & needed or reach[key] & needed & checked.attributes.keys()
        }
        if found <= touched:
            return needed, touched
        touched |= found
        needed = needed.union(*(reach[key] for key in found))


def _left_out(direction: str, span: Span, strict: bool) -> Diagnostic:
    message = f"'{direction}' is no part of a posterior" + ("" if strict else " and is left out")
    return Diagnostic("E515" if strict else "W515", message, span, "these back ends honour it: asp, integer")


def _refused(checked: CheckedProgram, needed: frozenset[str]) -> Iterator[Diagnostic]:
    """E513 for concepts, and relations that depend on attributes or choices."""
    for name in sorted(needed & set(checked.attributes)):
        info = checked.attributes[name]
        if info.kind == "concept":
            message = f"the concept '{name}' cannot stand in a program with random variables"
            yield Diagnostic("E513", message, info.span, f"define it: define {name} = …")
    for (name, _), relation in checked.relations.items():
        if name in needed and relation.status != "crisp":
            message = f"the relation '{name}' depends on {_reason[relation.status]}, which a random model cannot hold"
            yield Diagnostic("E513", message, relation.span, f"define it: define {name}(…) = …")


_reason = {"derived": "percepts, concepts or random variables", "chosen": "a choice or on its own negation"}
