"""Index sets of attributes, in order."""

from __future__ import annotations

from itertools import product

from nesy.dsl.checked import AttributeInfo, Domain
from nesy.dsl.values import Value
from nesy.solvers.ground_model import Attribute
from nesy.solvers.grounding.gringo import Grounding
from nesy.solvers.grounding.vocabulary import Vocabulary


def ground_attributes(
    vocabulary: Vocabulary, infos: list[AttributeInfo], grounding: Grounding
) -> tuple[Attribute, ...]:
    """The attributes with their index tuples; a percept with sources has one more attribute for each source."""
    found: list[Attribute] = []
    for info in infos:
        assert info.kind in ("percept", "concept")
        index, shape = _index(info, grounding)
        domain = vocabulary.value_domain(info, info.span)
        names = (info.name, *(f"{info.name}@{source}" for source in info.sources))
        found += [Attribute(name, info.kind, index, shape, domain, info.span) for name in names]
    return tuple(found)


def _index(info: AttributeInfo, grounding: Grounding) -> tuple[tuple[tuple[Value, ...], ...], tuple[int, ...]]:
    """Index tuples in the order of the index types (last place fastest), and the shape of the index axes."""
    if not info.condition:
        extents = tuple(len(domain) for domain in info.index)
        return tuple(product(*(domain.values for domain in info.index))), extents
    rows = grounding.rows(f"_index_{info.name}", len(info.index))
    ordered = tuple(sorted(rows, key=lambda row: _places(info.index, row)))
    return ordered, (len(ordered),)


def _places(domains: tuple[Domain, ...], row: tuple[Value, ...]) -> tuple[int, ...]:
    return tuple(domain.positions[value] for domain, value in zip(domains, row, strict=True))
