"""What comparisons with constants leave of a variable's domain."""

from __future__ import annotations

from nesy.dsl.checked import Domain
from nesy.dsl.checks.domains import Known
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.syntax import SWAPPED, Comparison, Formula, Variable
from nesy.dsl.values import Value


def narrow(formula: Formula, known: dict[str, Known], symbols: Symbols) -> None:
    """``X < 5`` leaves X the smaller values, which is what ends the recursion in ``t(X + 1) :- t(X), X < 5``."""
    if not isinstance(formula, Comparison):
        return
    for side, other, operator in (
        (formula.left, formula.right, formula.operator),
        (formula.right, formula.left, SWAPPED[formula.operator]),
    ):
        limit = symbols.fold(other)
        domain = known.get(side.name) if isinstance(side, Variable) else None
        if isinstance(side, Variable) and isinstance(domain, Domain) and isinstance(limit, int):
            kept = tuple(
                value for value in domain.values if not isinstance(value, int) or _holds(value, operator, limit)
            )
            if len(kept) < len(domain):
                known[side.name] = Domain(domain.name, kept)


def _holds(value: Value, operator: str, limit: int) -> bool:
    """Names and tuples are kept: their order is the solver's."""
    if not isinstance(value, int):
        return True
    match operator:
        case "<":
            return value < limit
        case "<=":
            return value <= limit
        case ">":
            return value > limit
        case ">=":
            return value >= limit
        case _:
            return (value == limit) == (operator == "=")
