"""Building ground formulas: merging literals, simplifying, negating.

Literals on one attribute and index are merged by intersection within a conjunction and by union within a
disjunction, which is exact for possibility measures and loses nothing for any other meaning.
"""

from __future__ import annotations

from collections.abc import Iterable

from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, Attribute, AttributeLiteral, GroundFormula

TRUE = AllOf(())
FALSE = AnyOf(())


class Literals:
    """Makes attribute literals, each once."""

    def __init__(self, attributes: tuple[Attribute, ...]) -> None:
        self._sizes = [len(attribute.domain) for attribute in attributes]
        self._all = [tuple(range(size)) for size in self._sizes]
        self._made: dict[tuple[int, int, tuple[int, ...]], AttributeLiteral] = {}

    def literal(self, attribute: int, index: int, values: tuple[int, ...]) -> AttributeLiteral:
        """The literal; ``values`` must be increasing."""
        key = (attribute, index, values)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = AttributeLiteral(attribute, index, values)
        return found

    def negated(self, literal: AttributeLiteral) -> AttributeLiteral:
        """The literal of all other values."""
        without = set(literal.values)
        rest = tuple(value for value in self._all[literal.attribute] if value not in without)
        return self.literal(literal.attribute, literal.index, rest)

    def simple(self, literal: AttributeLiteral) -> GroundFormula:
        """``literal``, or true or false where it always or never holds."""
        if not literal.values:
            return FALSE
        return TRUE if len(literal.values) == self._sizes[literal.attribute] else literal

    def negation(self, formula: GroundFormula) -> GroundFormula:
        """The negation of ``formula`` in negation normal form; a literal's is a literal, not simplified."""
        match formula:
            case AttributeLiteral():
                return self.negated(formula)
            case AtomLiteral():
                return AtomLiteral(formula.atom, not formula.negated)
            case AllOf():
                return self.any_of(map(self.negation, formula.items))
            case AnyOf():
                return self.all_of(map(self.negation, formula.items))

    def all_of(self, items: Iterable[GroundFormula]) -> GroundFormula:
        """The conjunction, flattened and merged; a single literal stays itself."""
        return self._combine(items, conjunction=True)

    def any_of(self, items: Iterable[GroundFormula]) -> GroundFormula:
        """The disjunction, flattened and merged; a single literal stays itself."""
        return self._combine(items, conjunction=False)

    def _combine(self, items: Iterable[GroundFormula], *, conjunction: bool) -> GroundFormula:
        places: dict[object, GroundFormula] = {}
        absorbing = FALSE if conjunction else TRUE
        for item in _flat(items, conjunction):
            if item == absorbing:
                return absorbing
            if isinstance(item, AttributeLiteral):
                key: object = (item.attribute, item.index)
                before = places.get(key)
                places[key] = (
                    item if not isinstance(before, AttributeLiteral) else self._merged(before, item, conjunction)
                )
            elif isinstance(item, AtomLiteral):
                if AtomLiteral(item.atom, not item.negated) in places:
                    return absorbing
                places[item] = item
            else:
                places[item] = item
        neutral = TRUE if conjunction else FALSE
        kept: list[GroundFormula] = []
        for item in places.values():
            simple = self.simple(item) if isinstance(item, AttributeLiteral) else item
            if simple == absorbing:
                return absorbing
            if simple != neutral:
                kept.append(simple)
        if len(kept) == 1:
            return kept[0]
        return AllOf(tuple(kept)) if conjunction else AnyOf(tuple(kept))

    def _merged(self, first: AttributeLiteral, second: AttributeLiteral, conjunction: bool) -> AttributeLiteral:
        if first.values == second.values:
            return first
        left, right = set(first.values), set(second.values)
        values = left & right if conjunction else left | right
        return self.literal(first.attribute, first.index, tuple(sorted(values)))


def _flat(items: Iterable[GroundFormula], conjunction: bool) -> Iterable[GroundFormula]:
    """``items`` with nested conjunctions (or disjunctions) of the same kind opened."""
    kind = AllOf if conjunction else AnyOf
    for item in items:
        if isinstance(item, kind):
            yield from _flat(item.items, conjunction)
        else:
            yield item
