"""Which values nodes and expressions can take: a superset, by interval arithmetic and enumeration of small sets."""

from __future__ import annotations

from itertools import product
from math import inf, prod

from nesy.solvers.probabilistic.model import intervals
from nesy.solvers.probabilistic.model.arithmetic import UndefinedError, operate, same
from nesy.solvers.probabilistic.model.distributions import FAMILIES
from nesy.solvers.probabilistic.model.expressions import (
    TRUTH,
    Apply,
    Constant,
    Expression,
    Lookup,
    Operator,
    Reference,
    Scalar,
)
from nesy.solvers.probabilistic.model.graph import ModelGraph, RandomVariable
from nesy.solvers.probabilistic.model.intervals import EVERYTHING, Interval, Support, Values, hull, union

MOST_VALUES = 512
"""Larger sets of values are kept as intervals."""

BOTH = Values((False, True))


class Supports:
    """The supports of a graph's nodes. Observed variables have one value; ``narrowed`` bounds others."""

    def __init__(self, graph: ModelGraph, narrowed: dict[str, Interval] | None = None) -> None:
        self._nodes: dict[str, Support] = {}
        self._narrowed = narrowed or {}
        for node in graph.nodes:
            if node.label in graph.observed:
                self._nodes[node.label] = Values((graph.observed[node.label],))
            elif isinstance(node, RandomVariable):
                self._nodes[node.label] = self._narrow(node.label, self.variable(node))
            else:
                self._nodes[node.label] = self.of(node.expression)

    def __getitem__(self, label: str) -> Support:
        return self._nodes[label]

    def _narrow(self, label: str, support: Support) -> Support:
        bound = self._narrowed.get(label)
        if bound is None:
            return support
        if isinstance(support, Interval):
            return support.meet(bound)
        return Values(tuple(x for x in support.items if isinstance(x, int | float) and bound.holds(float(x))))

    def variable(self, variable: RandomVariable) -> Support:
        """The support of a random variable's distribution, whatever is observed."""
        if variable.domain is not None:
            return Values(variable.domain.values)
        name = variable.distribution.name
        arguments = [hull(self.of(argument)) for argument in variable.distribution.arguments]
        if name == "uniform":
            return Interval(arguments[0].low, arguments[1].high, True, True)
        if name == "binomial":
            most = arguments[0].high
            return Values(tuple(range(int(most) + 1))) if most < MOST_VALUES else Interval(0.0, most)
        family = FAMILIES[name]
        return Interval(family.low, family.high, not family.discrete, not family.discrete)

    def values(self, expression: Expression) -> tuple[Scalar, ...] | None:
        """The values of an expression if there are few of them; None for continuous and large ones."""
        support = self.of(expression)
        return support.items if isinstance(support, Values) else None

    def of(self, expression: Expression) -> Support:
        """The support of an expression."""
        match expression:
            case Constant(value):
                return Values((value,))
            case Reference(label):
                return self._nodes[label]
            case Lookup(selector, cases):
                chosen = self.of(selector)
                kept = [case for value, case in cases if _may_be(chosen, value)] or [case for _, case in cases]
                found = self.of(kept[0])
                for case in kept[1:]:
                    found = union(found, self.of(case))
                return found
            case Apply("if", (condition, then, otherwise)):
                known = self.of(condition)
                if known == Values((True,)):
                    return self.of(then)
                return self.of(otherwise) if known == Values((False,)) else union(self.of(then), self.of(otherwise))
            case Apply("count", arguments):
                parts = [self.of(argument) for argument in arguments]
                least = sum(part == Values((True,)) for part in parts)
                most = sum(part != Values((False,)) for part in parts)
                return Values(tuple(range(least, most + 1)))
            case Apply("sum" | "and" | "or" | "min" | "max" as operator, arguments):
                found = self.of(arguments[0])
                for argument in arguments[1:]:
                    found = self._apply("+" if operator == "sum" else operator, [found, self.of(argument)])
                return found
            case Apply(operator, arguments):
                return self._apply(operator, [self.of(argument) for argument in arguments])

    def _apply(self, operator: Operator, parts: list[Support]) -> Support:
        sets = [part.items for part in parts if isinstance(part, Values)]
        if len(sets) == len(parts) and prod(map(len, sets)) <= MOST_VALUES * 8:
            found: dict[tuple[bool, Scalar], Scalar] = {}
            for row in product(*sets):
                try:
                    value = operate(operator, row)
                except UndefinedError:
                    continue
                found.setdefault(_rounded(value), value)
            if found and len(found) <= MOST_VALUES:
                return Values(tuple(found.values()))
        if operator in TRUTH:
            return _compared(operator, parts)
        return _arithmetic(operator, [hull(part) for part in parts])


def _rounded(value: Scalar) -> tuple[bool, Scalar]:
    """Sums that differ by rounding are one value."""
    return isinstance(value, bool), float(f"{value:.13g}") if isinstance(value, float) else value


def _may_be(support: Support, value: Scalar) -> bool:
    return isinstance(support, Interval) or any(same(item, value) for item in support.items)


def _compared(operator: str, parts: list[Support]) -> Support:
    """Comparisons that the intervals of both sides decide."""
    if operator not in ("<", "<=", ">", ">=", "=", "!="):
        return BOTH
    left, right = map(hull, parts)
    if EVERYTHING in (left, right):
        return BOTH
    apart = left.meet(right).empty
    match operator:
        case "=" | "!=":
            return Values((operator == "!=",)) if apart else BOTH
        case "<" | "<=":
            low, high = left, right
        case _:
            low, high = right, left
    if apart:
        return Values((low.high <= high.low,))
    if operator in ("<=", ">=") and low.high <= high.low:
        return Values((True,))
    if operator in ("<", ">") and low.low >= high.high:
        return Values((False,))
    return BOTH


def _arithmetic(operator: str, parts: list[Interval]) -> Interval:
    match operator:
        case "+":
            return intervals.add(parts[0], parts[1])
        case "-":
            return intervals.add(parts[0], intervals.negate(parts[1]))
        case "*":
            return intervals.multiply(parts[0], parts[1])
        case "/":
            return intervals.divide(parts[0], parts[1])
        case "neg":
            return intervals.negate(parts[0])
        case "exp":
            return intervals.monotone(intervals.exponential, parts[0])
        case "log":
            return intervals.monotone(intervals.logarithm, parts[0])
        case "sqrt":
            return intervals.monotone(intervals.square_root, parts[0])
        case "abs":
            return intervals.absolute(parts[0])
        case "min" | "max":
            choose = min if operator == "min" else max
            low = choose((part.low, part.low_open) for part in parts)
            high = choose((part.high, not part.high_open) for part in parts)
            return Interval(low[0], high[0], low[1], not high[1])
        case "mod" if parts[1].low > 0:
            return Interval(0.0, parts[1].high, False, True)
        case _:
            return Interval(-inf, inf)


def continuous_equality(expression: Expression, supports: Supports) -> tuple[Expression, float] | None:
    """The two sides of an equation whose left side is continuous, as an expression and its value; None otherwise."""
    if not isinstance(expression, Apply) or expression.operator != "=":
        return None
    left, right = expression.arguments
    if isinstance(supports.of(left), Values) and isinstance(supports.of(right), Values):
        return None
    if not all(_numeric(supports.of(side)) for side in (left, right)):
        return None
    if isinstance(right, Constant) and isinstance(right.value, int | float):
        return left, float(right.value)
    if isinstance(left, Constant) and isinstance(left.value, int | float):
        return right, float(left.value)
    return Apply("-", (left, right)), 0.0


def _numeric(support: Support) -> bool:
    return isinstance(support, Interval) or all(isinstance(item, int | float) for item in support.items)
