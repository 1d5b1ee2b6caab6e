"""Sets of possible values while domains are inferred: a domain, nothing known yet, or anything at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from nesy.dsl.checked import Domain
from nesy.dsl.checks.constants import NotConstantError, calculate
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.syntax import Binary, Interval, Negative, Term, TupleTerm, Variable
from nesy.dsl.values import Value

LARGEST_PRODUCT = 20_000
"""Arithmetic over domains is carried out up to this many combinations; beyond, the result may be anything."""

LARGEST_UNION = 200_000


class Extent(Enum):
    """``NOTHING``: no value is known to occur; ``ANYTHING``: no bound is known."""

    NOTHING = "nothing"
    ANYTHING = "anything"


Known: TypeAlias = Domain | Extent


def as_domain(known: Known) -> Domain:
    """``NOTHING`` as a domain without values; facts may still come from data."""
    return known if isinstance(known, Domain) else Domain("nothing", ())


def union(parts: Sequence[Known], name: str) -> Known:
    """The values of all ``parts`` in order of appearance; one of the parts itself where it holds all others."""
    if any(part is Extent.ANYTHING for part in parts):
        return Extent.ANYTHING
    domains = list({id(part): part for part in parts if isinstance(part, Domain)}.values())
    if len(domains) <= 1:
        return domains[0] if domains else Extent.NOTHING
    values: dict[tuple[bool, Value], Value] = {}
    for domain in domains:
        for value in domain.values:
            values.setdefault((isinstance(value, bool), value), value)
    for domain in domains:
        if len(domain) == len(values):
            return domain
    return Domain(name, tuple(values.values())) if len(values) <= LARGEST_UNION else Extent.ANYTHING


def meet(left: Known, right: Known) -> Known:
    """The values in both, in the order of ``left``; one of the two themselves where it lies in the other."""
    if left is right or right is Extent.ANYTHING or left is Extent.NOTHING:
        return left
    if left is Extent.ANYTHING or right is Extent.NOTHING:
        return right
    assert isinstance(left, Domain)
    assert isinstance(right, Domain)
    common = tuple(value for value in left.values if right.position(value) is not None)
    if len(common) == len(left):
        return left
    if len(common) == len(right):
        return right
    return Domain(f"{left.name} and {right.name}", common)


def component(domain: Known, place: int, size: int) -> Known:
    """The values at one place of the tuples of ``domain``; nothing where it holds no tuples of that size."""
    if isinstance(domain, Extent):
        return domain
    if domain.components:
        return domain.components[place] if len(domain.components) == size else Extent.NOTHING
    tuples = [value for value in domain.values if isinstance(value, tuple) and len(value) == size]
    return adhoc(f"{domain.name}[{place + 1}]", (value[place] for value in tuples))


def adhoc(name: str, values: Iterable[Value]) -> Known:
    """A domain of the different ``values`` in order of appearance."""
    found: dict[tuple[bool, Value], Value] = {}
    for value in values:
        found.setdefault((isinstance(value, bool), value), value)
    return Domain(name, tuple(found.values())) if found else Extent.NOTHING


def values_of(term: Term, known: Mapping[str, Known], symbols: Symbols) -> Known:
    """The values that a term may have when its variables have the domains of ``known``."""
    constant = symbols.fold(term)
    if constant is not None:
        return Extent.ANYTHING if isinstance(constant, float) else Domain(str(constant), (constant,))
    match term:
        case Variable(name):
            return known.get(name, Extent.ANYTHING)
        case Interval(low, high):
            return _interval(values_of(low, known, symbols), values_of(high, known, symbols))
        case Negative(operand):
            return _calculated("-", Domain("0", (0,)), values_of(operand, known, symbols))
        case Binary(operator, left, right):
            return _calculated(operator, values_of(left, known, symbols), values_of(right, known, symbols))
        case TupleTerm(items):
            return _tuples([values_of(item, known, symbols) for item in items])
        case _:
            symbol = symbols.attribute_of(term)
            return symbol.value if symbol is not None and isinstance(symbol.value, Domain) else Extent.ANYTHING


def _interval(low: Known, high: Known) -> Known:
    ends = [end.values for end in (low, high) if isinstance(end, Domain)]
    numbers = [value for values in ends for value in values if isinstance(value, int)]
    if len(ends) < 2 or not numbers or max(numbers) - min(numbers) > LARGEST_UNION:
        return Extent.ANYTHING
    return Domain(f"{min(numbers)}..{max(numbers)}", tuple(range(min(numbers), max(numbers) + 1)))


def _calculated(operator: str, left: Known, right: Known) -> Known:
    if left is Extent.NOTHING or right is Extent.NOTHING:
        return Extent.NOTHING
    if isinstance(left, Extent) or isinstance(right, Extent) or len(left) * len(right) > LARGEST_PRODUCT:
        return Extent.ANYTHING
    results: set[int] = set()
    for first in left.values:
        for second in right.values:
            if isinstance(first, int) and isinstance(second, int):
                try:
                    results.add(int(calculate(operator, first, second)))
                except NotConstantError:
                    continue
    return adhoc(f"{left.name} {operator} {right.name}", sorted(results))


def _tuples(parts: list[Known]) -> Known:
    size = 1
    domains: list[Domain] = []
    for part in parts:
        if isinstance(part, Extent):
            return part
        domains.append(part)
        size *= len(part)
    if size > LARGEST_PRODUCT:
        return Extent.ANYTHING
    values: list[tuple[Value, ...]] = [()]
    for domain in domains:
        values = [(*value, last) for value in values for last in domain.values]
    return Domain("(" + ", ".join(domain.name for domain in domains) + ")", tuple(values), tuple(domains))
