"""What must hold of a graph before anything is computed: arguments that distributions admit, values in supports."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.dsl.values import format_value
from nesy.solvers.probabilistic.model.distributions import FAMILIES, Admitted
from nesy.solvers.probabilistic.model.expressions import Apply, Expression, Scalar
from nesy.solvers.probabilistic.model.graph import ModelGraph, Observation, RandomVariable
from nesy.solvers.probabilistic.model.intervals import Interval, Support, Values, hull, number
from nesy.solvers.probabilistic.model.kinds import shown
from nesy.solvers.probabilistic.model.supports import Supports

_NEEDS: dict[Admitted, tuple[Interval, str, str]] = {
    "real": (Interval(-inf, inf), "be a number", ""),
    "positive": (Interval(0.0, inf, low_open=True), "be positive", "exp(…) and abs(…) are never negative"),
    "probability": (Interval(0.0, 1.0), "lie between 0 and 1", "1 / (1 + exp(-…)) lies between 0 and 1"),
    "count": (Interval(0.0, inf), "be a whole number from 0", "use a constant, or a variable of a type such as 0..9"),
}


def problems_of(graph: ModelGraph) -> list[Diagnostic]:
    """E592 for arguments that a distribution does not admit, E593 for observations outside of supports.

    One finding for each place in the rule file and each kind of fault.
    """
    supports = Supports(graph)
    found: dict[tuple[str, Span, str], Diagnostic] = {}
    for variable in graph.variables:
        for what, problem in _arguments(variable, supports):
            found.setdefault(("E592", variable.span, what), problem)
    for condition in graph.conditions:
        if isinstance(condition, Observation):
            outside = _outside(condition, graph, supports)
            if outside is not None:
                found.setdefault(("E593", condition.span, condition.label), outside)
    return list(found.values())


def _arguments(variable: RandomVariable, supports: Supports) -> Iterator[tuple[str, Diagnostic]]:
    name, arguments = variable.distribution.name, variable.distribution.arguments
    if name == "categorical":
        yield from _categorical(variable, supports)
        return
    if name == "uniform":
        width = hull(supports.of(Apply("-", (arguments[1], arguments[0]))))
        if not width.low >= 0 or (width.low == 0 and not width.low_open and width.high == 0):
            message = f"the high end of 'uniform' must lie above the low one, but high - low of {variable.label} is "
            message += f"in {width}" if width.low < width.high else number(width.low)
            yield "width", Diagnostic("E592", message, variable.span, "write the smaller end first")
    if name in FAMILIES:
        for argument, expression in zip(FAMILIES[name].arguments, arguments, strict=True):
            problem = _admitted(variable, argument.name, argument.admits, expression, supports.of(expression))
            if problem is not None:
                yield argument.name, problem


def _admitted(
    variable: RandomVariable, name: str, admits: Admitted, expression: Expression, support: Support
) -> Diagnostic | None:
    interval = hull(support)
    needed, verb, hint = _NEEDS[admits]
    # 0 that continuous values only touch, as in abs(x), has probability 0
    touched = isinstance(support, Interval) and admits == "positive" and interval.low == 0 < interval.high
    low_ok = interval.low > needed.low or (interval.low == needed.low and (touched or needed.holds(interval.low)))
    low_ok = low_ok or interval.low == -inf == needed.low or (interval.low == needed.low and interval.low_open)
    high_ok = interval.high <= needed.high
    whole = admits != "count" or (isinstance(support, Values) and all(map(_is_whole, support.items)))
    if low_ok and high_ok and whole:
        return None
    values = f"is {support}" if isinstance(support, Values) else f"lies in {interval}"
    if isinstance(support, Values) and len(support.items) == 1:
        values = f"is {number(interval.low)}"
    what = f"'{name}' of the {variable.distribution.name} distribution of {variable.label}"
    message = f"{what} must {verb}, but {shown(expression)} {values}" if values else ""
    return Diagnostic("E592", message, variable.span, hint)


def _is_whole(value: Scalar) -> bool:
    return isinstance(value, int | float) and value == int(value)


def _categorical(variable: RandomVariable, supports: Supports) -> Iterator[tuple[str, Diagnostic]]:
    arguments = variable.distribution.arguments
    assert variable.domain is not None
    if len(arguments) != len(variable.domain):
        message = f"{variable.label} has {len(variable.domain)} values, but {len(arguments)} probabilities are given"
        yield "number", Diagnostic("E592", message, variable.span, "give one probability for each value")
        return
    for value, argument in zip(variable.domain.values, arguments, strict=True):
        interval = hull(supports.of(argument))
        if interval.low < 0:
            message = f"the probability of {variable.label} = {format_value(value)} lies in {interval}"
            yield "sign", Diagnostic("E592", message, variable.span, "a probability is not below 0")
    if all(hull(supports.of(argument)).high <= 0 for argument in arguments):
        message = f"all probabilities of {variable.label} are 0"
        yield "zero", Diagnostic("E592", message, variable.span, "one of them must be above 0")


def _outside(condition: Observation, graph: ModelGraph, supports: Supports) -> Diagnostic | None:
    variable = graph.by_label[condition.label]
    assert isinstance(variable, RandomVariable)
    support, value = supports.variable(variable), condition.value
    if isinstance(support, Values):
        fits = any(isinstance(value, bool) == isinstance(item, bool) and item == value for item in support.items)
    else:
        fits = not isinstance(value, bool) and isinstance(value, int | float) and _within(support, float(value))
    if variable.distribution.name == "poisson" and isinstance(value, float) and value != int(value):
        fits = False
    if fits:
        return None
    text = _text(value)
    message = (
        f"{condition.label} = {text} is impossible: its {variable.distribution.name} distribution is over {support}"
    )
    if variable.distribution.name == "poisson":
        message += ", whole numbers"
    return Diagnostic("E593", message, condition.span, "correct the value, or the distribution")


def _within(support: Interval, value: float) -> bool:
    """Whether a density may be asked for: at the very ends of a uniform distribution it may."""
    return support.low <= value <= support.high if support.high < inf else support.holds(value)


def _text(value: Scalar) -> str:
    return f"{value:g}" if isinstance(value, float) else format_value(value)
