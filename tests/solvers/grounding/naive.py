"""Truth of formulas in one world, by the definitions alone: what ground models are compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

from nesy.dsl import check, parse
from nesy.dsl.syntax import (
    And,
    Binary,
    Call,
    Comparison,
    Formula,
    Interval,
    Membership,
    Node,
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Term,
    TupleTerm,
    Variable,
    children,
)
from nesy.dsl.values import Value
from nesy.solvers.ground_model import (
    AllOf,
    AnyOf,
    AtomLiteral,
    AttributeLiteral,
    GroundFormula,
    GroundModel,
)
from nesy.solvers.grounding import ground

World = Mapping[tuple[str, tuple[Value, ...]], Value]
"""The value of each attribute at each index."""

RANGE = (0, 1, 2)
"""What quantified variables and variables of sets range over in the generated programs; values are the same."""

_TESTS = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}

_ARITHMETIC: dict[str, Callable[[int, int], int]] = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}


def model_of(text: str, **options: bool) -> GroundModel:
    """Parse, check and ground."""
    return ground(check(parse(text)), **options)


def worlds(model: GroundModel, kind: str = "percept") -> list[World]:
    """All total assignments of values to the attributes of ``kind``."""
    keys = [
        (attribute.name, index) for attribute in model.attributes if attribute.kind == kind for index in attribute.index
    ]
    domains = [model.attributes[model.attribute_places[name]].domain.values for name, _ in keys]
    return [dict(zip(keys, values, strict=True)) for values in product(*domains)]


# ----- ground formulas


def holds(model: GroundModel, formula: GroundFormula, world: World, atoms: frozenset[int] = frozenset()) -> bool:
    """Whether a ground formula is true in ``world``, where the derived ``atoms`` are the true ones."""
    match formula:
        case AttributeLiteral(place, index, values):
            attribute = model.attributes[place]
            value = world[attribute.name, attribute.index[index]]
            return attribute.domain.position(value) in values
        case AtomLiteral(atom, negated):
            return (atom in atoms) != negated
        case AllOf(items):
            return all(holds(model, item, world, atoms) for item in items)
        case AnyOf(items):
            return any(holds(model, item, world, atoms) for item in items)


def derived(model: GroundModel, world: World) -> frozenset[int]:
    """The least set of derived atoms closed under the ground rules; for programs without negated atoms."""
    true: frozenset[int] = frozenset()
    while True:
        more = {
            rule.head.atom
            for rule in model.rules
            if isinstance(rule.head, AtomLiteral) and all(holds(model, item, world, true) for item in rule.body)
        }
        if more <= true:
            return true
        true |= more


# ----- the source


def truth(formula: Formula, bindings: Mapping[str, Value], world: World) -> bool:
    """Whether a formula of the source is true in ``world``."""
    match formula:
        case And(items):
            return all(truth(item, bindings, world) for item in items)
        case Or(items):
            return any(truth(item, bindings, world) for item in items)
        case Not(operand):
            return not truth(operand, bindings, world)
        case Comparison(operator, left, right):
            return bool(_TESTS[operator](value(left, bindings, world), value(right, bindings, world)))
        case Call(name="index"):
            return True
        case Call():
            return world[formula.name, tuple(value(item, bindings, world) for item in formula.arguments)] is True
        case Membership(term, values):
            return _among(value(term, bindings, world), values, bindings, world)
        case Quantified(quantifier, body, condition):
            rows = _extended(bindings, (body, *condition))
            cases = [truth(body, row, world) for row in rows if all(truth(item, row, world) for item in condition)]
            return all(cases) if quantifier == "all" else any(cases)


def _among(given: Value, values: SetTerm | Interval, bindings: Mapping[str, Value], world: World) -> bool:
    if isinstance(values, Interval):
        low, high = value(values.low, bindings, world), value(values.high, bindings, world)
        assert isinstance(low, int)
        assert isinstance(high, int)
        assert isinstance(given, int)
        return low <= given <= high
    return any(
        given == value(item, row, world)
        for row in _extended(bindings, (*values.items, *values.condition))
        if all(truth(condition, row, world) for condition in values.condition)
        for item in values.items
    )


def _extended(bindings: Mapping[str, Value], nodes: tuple[Node, ...]) -> list[Mapping[str, Value]]:
    """``bindings`` with all values for the variables in ``nodes`` that have none, those of inner constructs aside."""
    new = sorted({name for node in nodes for name in _outer(node)} - set(bindings))
    return [{**bindings, **dict(zip(new, row, strict=True))} for row in product(RANGE, repeat=len(new))]


def _outer(node: Node) -> set[str]:
    match node:
        case Variable(name):
            return {name}
        case Quantified():
            return set()
        case SetTerm() if node.condition:
            return set()
        case _:
            return {name for child in children(node) for name in _outer(child)}


def value(term: Term, bindings: Mapping[str, Value], world: World) -> Value:
    """The value of a term in ``world``."""
    match term:
        case Number(number):
            assert isinstance(number, int)
            return number
        case Variable(name):
            return bindings[name]
        case TupleTerm(items):
            return tuple(value(item, bindings, world) for item in items)
        case Binary(operator, left, right):
            first, second = value(left, bindings, world), value(right, bindings, world)
            assert isinstance(first, int)
            assert isinstance(second, int)
            return first % second if operator == "mod" else _ARITHMETIC[operator](first, second)
        case Call(name, arguments) if not arguments and name in ("true", "false"):
            return name == "true"
        case Call(name, arguments):
            return world[name, tuple(value(item, bindings, world) for item in arguments)]
    raise AssertionError(term)
