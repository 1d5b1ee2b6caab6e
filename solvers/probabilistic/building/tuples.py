"""When the tuples of an aggregate are the same.

A term that is computed, such as the ``load(N)`` of ``sum { load(N) : node(N) }``, is another one for each N, whatever
its value. A variable, as in ``count { V : node(N), load(N) = V }``, is its value, which several N may share: V counts
once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import TypeAlias

from nesy.dsl.syntax import Formula, Term, Variable
from nesy.dsl.values import Value
from nesy.solvers.probabilistic.building.folding import applied, conjunction
from nesy.solvers.probabilistic.model.expressions import Constant, Expression

Way: TypeAlias = tuple[tuple[Expression, ...], Expression]
"""A tuple, and the condition under which it counts."""


def told_apart(
    terms: Sequence[Term | Formula], ways: Sequence[Way], values_of: Callable[[Expression], Sequence[Value] | None]
) -> Iterator[Way]:
    """``ways`` with one tuple for each value of a variable that is random where other tuples might be the same.

    ``values_of`` gives the values of an expression, None where it has not finitely many: two numbers from a continuum
    are never the same.
    """
    alike = Counter(_known(row) for row, _ in ways)
    for row, guard in ways:
        axes = [
            _choices(part, values_of) if isinstance(term, Variable) and alike[_known(row)] > 1 else (part,)
            for term, part in zip(terms, row, strict=True)
        ]
        for chosen in product(*axes):
            equal = [applied("=", part, value) for part, value in zip(row, chosen, strict=True) if part != value]
            yield chosen, conjunction((guard, *equal))


def _known(row: tuple[Expression, ...]) -> tuple[Expression, ...]:
    return tuple(part for part in row if isinstance(part, Constant))


def _choices(part: Expression, values_of: Callable[[Expression], Sequence[Value] | None]) -> tuple[Expression, ...]:
    values = None if isinstance(part, Constant) else values_of(part)
    return (part,) if values is None else tuple(map(Constant, values))
