"""Constants: the values of ``const`` statements, and of terms that need nothing else.

Integer arithmetic is that of gringo: ``/`` and ``mod`` round towards zero, and integers have 32 bits.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TypeAlias

from nesy.dsl.checks.report import Report
from nesy.dsl.statements import ConstantDeclaration
from nesy.dsl.syntax import Binary, Call, Negative, Number, Term, Text, TupleTerm
from nesy.dsl.values import Value, format_value

LARGEST_INTEGER = 2**31 - 1

STAND_IN = 1
"""The value of a constant that has none, so that the checks can go on. What follows from it is not reported."""

Scalar: TypeAlias = "Value | float"


class NotConstantError(Exception):
    """Raised while folding a term that has no constant value; the message says why."""


def fold(term: Term, constants: Mapping[str, Scalar], attributes: Container[str] = ()) -> Scalar | None:
    """The value of a constant term, None if it has none.

    ``attributes`` are the names that stand for an attribute without index, hence for no constant.
    """
    try:
        return evaluate(term, constants, attributes)
    except NotConstantError:
        return None


def evaluate(term: Term, constants: Mapping[str, Scalar], attributes: Container[str] = ()) -> Scalar:
    """As :func:`fold`, but raises :class:`NotConstantError` with the reason."""
    match term:
        case Number(value):
            return _bounded(value)
        case Text(value):
            return value
        case Call(name, (), None):
            if name in ("true", "false"):
                return name == "true"
            if name in constants:
                return constants[name]
            if name in attributes:
                raise NotConstantError(f"'{name}' is an attribute")
            return name
        case TupleTerm(items):
            parts = [evaluate(item, constants, attributes) for item in items]
            if any(isinstance(part, float) for part in parts):
                raise NotConstantError("a tuple holds no decimal numbers")
            return tuple(part for part in parts if not isinstance(part, float))
        case Negative(operand):
            return _bounded(-_number(evaluate(operand, constants, attributes)))
        case Binary(operator, left, right):
            first = _number(evaluate(left, constants, attributes))
            return calculate(operator, first, _number(evaluate(right, constants, attributes)))
        case _:
            raise NotConstantError("it is not made of numbers, names and arithmetic alone")


def calculate(operator: str, left: int | float, right: int | float) -> int | float:
    """``left operator right``; raises :class:`NotConstantError` where there is no result."""
    if operator in ("/", "mod") and right == 0:
        raise NotConstantError("it divides by zero")
    whole = isinstance(left, int) and isinstance(right, int)
    result: int | float
    match operator:
        case "+":
            result = left + right
        case "-":
            result = left - right
        case "*":
            result = left * right
        case "/" if whole:
            result = _truncated(int(left), int(right))
        case "/":
            result = left / right
        case "mod" if whole:
            result = int(left) - int(right) * _truncated(int(left), int(right))
        case _:
            raise NotConstantError("'mod' needs whole numbers")
    return _bounded(result)


def _truncated(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _number(value: Scalar) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotConstantError(f"{format_value(value)} is not a number")
    return value


def _bounded(value: int | float) -> int | float:
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise NotConstantError(f"integers lie between -{LARGEST_INTEGER} and {LARGEST_INTEGER}")
    if isinstance(value, float) and abs(value) == float("inf"):
        raise NotConstantError("the number is too large")
    return value


def evaluate_constants(
    declarations: Mapping[str, ConstantDeclaration], overrides: Mapping[str, object], report: Report
) -> tuple[dict[str, Scalar], frozenset[str]]:
    """The values of all constants, and the names of those that have none. Their order does not matter."""
    found = _overridden(declarations, overrides, report)
    broken: set[str] = set()
    needs = {
        name: {other for other in names_in(declaration.value) if other in declarations and other not in found}
        for name, declaration in declarations.items()
        if name not in found
    }
    readers: dict[str, list[str]] = {}
    for name, others in needs.items():
        for other in others:
            readers.setdefault(other, []).append(name)
    ready = [name for name, others in needs.items() if not others]
    while needs:
        if not ready:
            ready = _cut(needs, declarations, broken, report)
        name = ready.pop()
        if name not in needs:
            continue
        if name in broken or needs.pop(name) & broken:
            broken.add(name)
            needs.pop(name, None)
        else:
            _settle(declarations[name], found, broken, report)
        found.setdefault(name, STAND_IN)
        ready.extend(reader for reader in readers.get(name, ()) if reader in needs and needs[reader] <= found.keys())
    return found, frozenset(broken)


def _settle(declaration: ConstantDeclaration, found: dict[str, Scalar], broken: set[str], report: Report) -> None:
    try:
        found[declaration.name] = evaluate(declaration.value, found)
    except NotConstantError as reason:
        broken.add(declaration.name)
        text = f"the constant '{declaration.name}' has no value: {reason}"
        report.add("E217", text, declaration.value.span, _VALUE_HINT)


def _cut(
    needs: Mapping[str, set[str]], declarations: Mapping[str, ConstantDeclaration], broken: set[str], report: Report
) -> list[str]:
    """All constants that are left wait for one another: report one cycle, and name its members as broken."""
    path = [next(iter(needs))]
    while True:
        following = next(other for other in sorted(needs[path[-1]]) if other in needs)
        if following in path:
            break
        path.append(following)
    cycle = path[path.index(following) :]
    text = f"the constant '{cycle[0]}' is defined by itself: {' → '.join((*cycle, cycle[0]))}"
    report.add("E217", text, declarations[cycle[0]].span, _CYCLE_HINT)
    broken.update(cycle)
    return cycle


def _overridden(
    declarations: Mapping[str, ConstantDeclaration], overrides: Mapping[str, object], report: Report
) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for name, given in overrides.items():
        if name not in declarations:
            hint = report.near_name(name, declarations) or "declare it in the rule file: const name = value."
            report.add_at("--const", "E203", f"the rule file has no constant '{name}', which was set to {given}", hint)
        elif (value := _plain(given)) is None:
            report.add_at("--const", "E203", f"the constant '{name}' cannot be {given!r}", _OVERRIDE_HINT)
        else:
            found[name] = value
    return found


_OVERRIDE_HINT = "a constant is a number, a name, a text, true or false"


def _plain(given: object) -> Scalar | None:
    """A value given from outside; text is read as a number or truth value where it looks like one."""
    if isinstance(given, str):
        if given in ("true", "false"):
            return given == "true"
        for read in (int, float):
            try:
                return _plain(read(given))
            except ValueError:
                continue
        return given
    if isinstance(given, bool):
        return given
    if isinstance(given, int | float) and abs(given) <= LARGEST_INTEGER:
        return given
    return None


_CYCLE_HINT = "give one of these constants a value of its own"
_VALUE_HINT = "write a number, a name, a text, or arithmetic over numbers and other constants"


def names_in(term: Term) -> list[str]:
    """The bare names in a constant term."""
    match term:
        case Call(name, (), _):
            return [name]
        case Negative(operand):
            return names_in(operand)
        case Binary(_, left, right):
            return names_in(left) + names_in(right)
        case TupleTerm(items):
            return [name for item in items for name in names_in(item)]
        case _:
            return []
