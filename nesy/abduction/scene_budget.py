"""Which components may be inconsistent: the few violations that are allowed go where they gain most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What a component gives for so many violations: objects covered, and the sum of weights."""

    violations: int
    covered: int
    weight: float


Value = tuple[int, float]
"""Covered objects, then the sum of weights: compared in this order, added place by place."""


@dataclass(frozen=True)
class Plan:
    """The best total for each number of violations, and which offer of each component makes it."""

    values: tuple[Value, ...]
    _steps: tuple[tuple[int, ...], ...]
    _steady: int
    _single: tuple[tuple[int, int], ...]
    _splits: tuple[int, ...]
    _many: tuple[int, ...]

    def offers(self, violations: int) -> list[int]:
        """The place of the offer that each component makes where at most so many violations are allowed."""
        violations = min(violations, len(self.values) - 1)
        found = [0] * self._steady
        left = self._splits[violations]
        for place, offer in self._single[: violations - left]:
            found[place] = offer
        for step, place in zip(reversed(self._steps), reversed(self._many), strict=True):
            found[place] = step[left] % OFFERS
            left = step[left] // OFFERS
        return found


OFFERS = 1 << 20
"""More offers than a component makes."""


def plan(components: Sequence[Sequence[Offer]], allowed: int) -> Plan:
    """The best totals for 0 … ``allowed`` violations.

    The offers of a component ascend in violations and in value; the first one has none. Components with one more
    offer that costs one violation are taken in the order of what they gain; the others by dynamic programming over
    the violations, since what they gain for one violation more need not fall.
    """
    base: Value = (sum(offers[0].covered for offers in components), sum(offers[0].weight for offers in components))
    single, many = [], []
    for place, offers in enumerate(components):
        if len(offers) == 2 and offers[1].violations == 1:
            single.append((_gain(offers, 1), -place))
        elif len(offers) > 1:
            many.append(place)
    single.sort(reverse=True)
    gains: list[Value] = [(0, 0.0)]
    for gain, _ in single:
        gains.append(_plus(gains[-1], gain))
    reach = sum(components[place][-1].violations for place in many)
    most = min(allowed, len(single) + reach)
    table, steps = _table([components[place] for place in many], min(most, reach))
    values, splits = [], []
    for violations in range(most + 1):
        parts = range(max(0, violations - len(single)), min(violations, len(table) - 1) + 1)
        value, split = max((_plus(table[part], gains[violations - part]), -part) for part in parts)
        values.append(_plus(base, value))
        splits.append(-split)
    ranked = tuple((-place, 1) for _, place in single)
    return Plan(tuple(values), tuple(steps), len(components), ranked, tuple(splits), tuple(many))


def _table(components: Sequence[Sequence[Offer]], most: int) -> tuple[list[Value], list[tuple[int, ...]]]:
    """The best gains of ``components`` for 0 … ``most`` violations, and for each component the steps that lead there.

    A step says which offer is taken and how many violations are left for the components before.
    """
    table: list[Value] = [(0, 0.0)] * (most + 1)
    steps = []
    for offers in components:
        following, step = [], []
        for violations in range(most + 1):
            value, place = max(
                (_plus(table[violations - offer.violations], _gain(offers, place)), -place)
                for place, offer in enumerate(offers)
                if offer.violations <= violations
            )
            following.append(value)
            step.append((violations - offers[-place].violations) * OFFERS - place)
        table = following
        steps.append(tuple(step))
    return table, steps


def _gain(offers: Sequence[Offer], place: int) -> Value:
    return offers[place].covered - offers[0].covered, offers[place].weight - offers[0].weight


def _plus(one: Value, other: Value) -> Value:
    return one[0] + other[0], one[1] + other[1]
