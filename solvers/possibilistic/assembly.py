"""Which queries make up which result of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.dsl.checked import Domain
from nesy.solvers.ground_model import GroundModel

BOOLEAN = Domain("bool", (False, True))


@dataclass(frozen=True, slots=True)
class Family:
    """One result: the queries with one family name, in the order in which they were asked.

    ``queries`` are places in ``GroundModel.queries``; ``start`` is the first row among the outputs, of which the
    family has two for each label and value: Π of the value, then (after all of these) Π of the other values.
    """

    name: str
    labels: tuple[str, ...]
    shape: tuple[int, ...]
    domain: Domain
    queries: tuple[int, ...]
    start: int


def families(model: GroundModel) -> tuple[Family, ...]:
    """The families of a model's queries. A query asked twice is answered once."""
    members: dict[tuple[str, str, int], dict[str, int]] = {}
    for place, query in enumerate(model.queries):
        members.setdefault((query.family, query.kind, query.attribute), {}).setdefault(query.label, place)
    found = []
    names: set[str] = set()
    start = 0
    for (name, kind, attribute), places in members.items():
        # a formula about an attribute that is queried itself keeps its own text as its name
        name = name if name not in names else next(iter(places))
        names.add(name)
        domain = model.attributes[attribute].domain if kind == "attribute" else BOOLEAN
        queries = tuple(places.values())
        found.append(Family(name, tuple(places), _shape(model, queries), domain, queries, start))
        start += 2 * len(queries) * len(domain)
    return tuple(found)


def _shape(model: GroundModel, queries: tuple[int, ...]) -> tuple[int, ...]:
    """The index shape of a family asked for completely and in order; else empty for one label, a row for more."""
    first = model.queries[queries[0]]
    if first.kind == "attribute":
        attribute = model.attributes[first.attribute]
        if [model.queries[place].index for place in queries] == list(range(len(attribute.index))):
            return attribute.shape
    return () if len(queries) == 1 else (len(queries),)
