"""Sets that hold attributes, in the bodies of ``:-`` rules: rewritten as comparisons, which gringo can ground.

a(1) in {a(2), 3}            a(1) = a(2) or a(1) = 3
a(1) in a(2)..a(3)           a(1) >= a(2) and a(1) <= a(3)
a(1) in {V : V > a(2)}       a(1) > a(2)
"""

from __future__ import annotations

from collections.abc import Iterable

from nesy.dsl.syntax import And, Comparison, Formula, Interval, Membership, Node, Or, SetTerm, Term, Variable
from nesy.solvers.grounding.clingo_parts import refusal
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.grounding.walking import replace


def without_attribute_sets(vocabulary: Vocabulary, body: Iterable[Formula]) -> tuple[Formula, ...]:
    """``body`` without memberships in sets that hold attributes; E513 where such a set is matched by parts."""

    def change(part: Node) -> Node | None:
        if isinstance(part, Membership) and vocabulary.has_attribute(part.values):
            return _as_comparisons(part)
        return None

    return tuple(replace(formula, change) for formula in body)


def _as_comparisons(membership: Membership) -> Formula:
    term, values = membership.term, membership.values
    items: tuple[Term, ...] = values.items if isinstance(values, SetTerm) else (values,)
    conditions = values.condition if isinstance(values, SetTerm) else ()
    ways = [_one_of(membership, term, item, conditions) for item in items]
    return ways[0] if len(ways) == 1 else Or(tuple(ways), membership.span)


def _one_of(membership: Membership, term: Term, item: Term, conditions: tuple[Formula, ...]) -> Formula:
    """That ``term`` is ``item``, under ``conditions``; the item of a set with a condition is a plain variable."""
    span = membership.span
    if isinstance(item, Interval):
        return And((Comparison(">=", term, item.low, span), Comparison("<=", term, item.high, span), *conditions), span)
    if not conditions:
        return Comparison("=", term, item, span)
    if not isinstance(item, Variable) or item.anonymous:
        hint = "name the value, and write the condition behind it: a(1) = (X, Y), X > b(1)"
        raise refusal("a set with parts and attributes in its condition", span, (), hint)
    known = tuple(
        replace(condition, lambda part: term if isinstance(part, Variable) and part.name == item.name else None)
        for condition in conditions
    )
    return known[0] if len(known) == 1 else And(known, span)
