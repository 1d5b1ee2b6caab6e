"""What the terms of a body are: readings, functions of readings, real numbers, and names for these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.checks.constants import fold
from nesy.dsl.checks.symbols import OF_READINGS
from nesy.dsl.statements import NamedType, RelationDeclaration
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Call,
    Comparison,
    Formula,
    Negative,
    Node,
    Number,
    Or,
    Term,
    Variable,
    children,
    walk,
)
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import replace, variables

REAL_PLACES = "real"


def reading_predicate(call: Call) -> str:
    """``label'm1`` for ``label@m1(O)``, ``air'`` for ``air(O)``: no attribute has such a name."""
    return f"{call.name}'{call.source or ''}"


def real_places(checked: CheckedProgram) -> dict[tuple[str, int], frozenset[int]]:
    """The arguments of each declared relation that have the type ``real``."""
    found = {}
    for statement in checked.program.statements:
        if isinstance(statement, RelationDeclaration):
            places = frozenset(
                place for place, item in enumerate(statement.arguments) if item == NamedType(REAL_PLACES)
            )
            if places:
                found[statement.name, len(statement.arguments)] = places
    return found


def literals_of(checked: CheckedProgram, bodies: Iterable[Formula]) -> list[float]:
    """The numbers in ``bodies``, those of constants included: what a real number may be compared with."""
    found = []
    for body in bodies:
        for node in walk(body):
            value = fold(node, checked.constants) if isinstance(node, Number | Call | Negative) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                found.append(float(value))
    return found


def without_names(formulas: Sequence[Formula]) -> list[Formula]:
    """``X = confidence(…), X < 0.5`` without X, where nothing else gives it a value."""
    parts = [part for formula in formulas for part in (formula.items if isinstance(formula, And) else (formula,))]
    for part in list(parts):
        if not isinstance(part, Comparison) or part.operator != "=":
            continue
        name, term = (part.left, part.right) if isinstance(part.left, Variable) else (part.right, part.left)
        if not isinstance(name, Variable) or name.anonymous or not has_function(term):
            continue
        others = [other for other in parts if other is not part]
        if any(name.name in variables(plain_atoms(other)) for other in others):
            continue
        parts = [_substituted(other, name, term) for other in others]
    return parts


def _substituted(formula: Formula, name: Variable, term: Term) -> Formula:
    return replace(formula, lambda node: term if node == name else None)


def real_variables(formulas: Iterable[Node], places: Mapping[tuple[str, int], frozenset[int]]) -> Iterator[str]:
    """Names of the variables in ``places`` of relations, those of real numbers."""
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Call):
                for place in places.get((node.name, len(node.arguments)), ()):
                    argument = node.arguments[place]
                    if isinstance(argument, Variable) and not argument.anonymous:
                        yield argument.name


def readings_in(checked: CheckedProgram, formula: Formula) -> list[Call]:
    """The readings in a literal whose absence makes it fail."""
    found: list[Call] = []
    waiting: list[Node] = [formula]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Aggregate) or (isinstance(node, Call) and node.name in OF_READINGS and node.arguments):
            continue
        if attribute_of(checked, node) is not None:
            assert isinstance(node, Call)
            found.append(node)
        waiting.extend(reversed(children(node)))
    return list(dict.fromkeys(found))


def has_function(term: Term) -> bool:
    """Whether a confidence or a margin occurs in a term."""
    return any(map(is_function, walk(term)))


def is_function(node: Node) -> bool:
    """Whether this is the confidence or margin of a reading."""
    return isinstance(node, Call) and node.name in OF_READINGS and bool(node.arguments)


def plain_atoms(formula: Formula) -> list[Node]:
    """The atoms in a formula, which may give a variable its value."""
    match formula:
        case Call():
            return [formula]
        case Comparison("=", Call() as call, value) if call.arguments and call.name not in OF_READINGS:
            return [value, *call.arguments]
        case And(items) | Or(items):
            return [atom for item in items for atom in plain_atoms(item)]
        case _:
            return []
