"""Exact degrees of ground formulas: λ = Π(p) and ρ = Π(¬p).

The possibility of a disjunction is the maximum over its parts, always. That of a conjunction is the minimum only
where its parts speak of different attributes (at an index) and atoms; ``a in {1,2} and a in {2,3}`` is ``a = 2``, whose
possibility may be lower than both. :func:`separate` brings a formula to an equivalent one in which the
parts of every conjunction are separate in this sense, so that the minimum is right throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import NOWHERE, Span
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula

LARGEST = 20_000
"""Most conjunctions to which a formula with interwoven conjuncts is multiplied out."""

Variable = tuple[int, int]
"""What a literal speaks of: (attribute, index), or (-1, atom)."""

Sizes = Callable[[int], int]
"""Number of values of an attribute."""


def variable(literal: AttributeLiteral | AtomLiteral) -> Variable:
    """What ``literal`` speaks of."""
    if isinstance(literal, AttributeLiteral):
        return (literal.attribute, literal.index)
    return (-1, literal.atom)


def literals(formula: GroundFormula) -> Iterator[AttributeLiteral | AtomLiteral]:
    """All literals of ``formula``, in order."""
    stack = [formula]
    while stack:
        item = stack.pop()
        if isinstance(item, AllOf | AnyOf):
            stack.extend(reversed(item.items))
        else:
            yield item


def complement(formula: GroundFormula, sizes: Sizes) -> GroundFormula:
    """The negation of ``formula`` in negation normal form."""
    match formula:
        case AttributeLiteral(attribute, index, values):
            inside = set(values)
            return AttributeLiteral(attribute, index, tuple(v for v in range(sizes(attribute)) if v not in inside))
        case AtomLiteral(atom, negated):
            return AtomLiteral(atom, not negated)
        case AllOf(items):
            return AnyOf(tuple(complement(item, sizes) for item in items))
        case AnyOf(items):
            return AllOf(tuple(complement(item, sizes) for item in items))


def separate(formula: GroundFormula, span: Span | None = None) -> GroundFormula:
    """An equivalent formula in which the parts of each conjunction speak of different things.

    Conjuncts that share an attribute are multiplied out to a disjunction of conjunctions, in which literals about the
    same attribute are intersected; E522 (at ``span``) where that is too large.
    """
    if isinstance(formula, AttributeLiteral | AtomLiteral):
        return formula
    if isinstance(formula, AnyOf):
        return AnyOf(tuple(separate(item, span) for item in formula.items))
    parts: list[GroundFormula] = []
    for bundle in _bundles(formula.items):
        if len(bundle) == 1:
            parts.append(separate(bundle[0], span))
        else:
            parts.append(_multiplied(bundle, span))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _bundles(items: tuple[GroundFormula, ...]) -> list[list[GroundFormula]]:
    """The items, those together that share a variable, directly or through others."""
    owner: dict[Variable, int] = {}
    parent = list(range(len(items)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for place, item in enumerate(items):
        for literal in literals(item):
            other = root(owner.setdefault(variable(literal), place))
            parent[max(root(place), other)] = min(root(place), other)
    bundles: dict[int, list[GroundFormula]] = {}
    for place, item in enumerate(items):
        bundles.setdefault(root(place), []).append(item)
    return list(bundles.values())


Conjunction = dict[Variable, AttributeLiteral | AtomLiteral]


def _multiplied(items: list[GroundFormula], span: Span | None) -> GroundFormula:
    products: list[Conjunction] = [{}]
    for item in items:
        products = _product(products, _disjuncts(item, span), span)
    unique = {tuple(sorted(entry.items(), key=lambda pair: pair[0])): entry for entry in products}
    found = [AllOf(tuple(entry.values())) for entry in unique.values()]
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def _disjuncts(formula: GroundFormula, span: Span | None) -> list[Conjunction]:
    """The disjunctive normal form."""
    match formula:
        case AttributeLiteral() | AtomLiteral():
            return [{variable(formula): formula}]
        case AnyOf(items):
            found = [entry for item in items for entry in _disjuncts(item, span)]
            return _limited(found, span)
        case AllOf(items):
            products: list[Conjunction] = [{}]
            for item in items:
                products = _product(products, _disjuncts(item, span), span)
            return products


def _product(left: list[Conjunction], right: list[Conjunction], span: Span | None) -> list[Conjunction]:
    found = []
    if len(left) * len(right) > LARGEST:
        _refuse(span)
    for first in left:
        for second in right:
            joined = _join(first, second)
            if joined is not None:
                found.append(joined)
    return found


def _limited(found: list[Conjunction], span: Span | None) -> list[Conjunction]:
    if len(found) > LARGEST:
        _refuse(span)
    return found


def _join(first: Conjunction, second: Conjunction) -> Conjunction | None:
    """Both conjunctions; None where they contradict each other."""
    joined = dict(first)
    for key, literal in second.items():
        other = joined.get(key)
        if other is None or other == literal:
            joined[key] = literal
        elif isinstance(literal, AttributeLiteral) and isinstance(other, AttributeLiteral):
            values = tuple(sorted(set(other.values) & set(literal.values)))
            if not values:
                return None
            joined[key] = AttributeLiteral(literal.attribute, literal.index, values)
        else:
            return None
    return joined


def _refuse(span: Span | None) -> None:
    raise NesyError(
        Diagnostic(
            "E522",
            f"this formula speaks of the same attributes in too many conjuncts: more than {LARGEST:,} cases",
            span or NOWHERE,
            "name a part of it by a concept of its own (`concept part(…) : bool.` `part(…) iff …`) and use that",
        )
    )
