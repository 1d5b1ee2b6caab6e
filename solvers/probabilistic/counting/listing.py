"""How a program is answered, as text: its variables, what ties them together, and the route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nesy.solvers.probabilistic.counting.worlds import ByRules

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.counting.engine import CountingEngine


def listing(engine: CountingEngine) -> str:
    """The worlds and the route of a compiled program."""
    return "\n".join(_lines(engine)) + "\n"


def _lines(engine: CountingEngine) -> Iterator[str]:
    worlds, attributes = engine.worlds, engine.model.attributes
    yield "percepts, independent of one another"
    for attribute in attributes:
        if attribute.kind == "percept":
            yield f"  {attribute.name}: {_times(len(attribute.index))}{len(attribute.domain)} values"
    if worlds.definitions:
        yield "concepts, which follow from them"
        for definition in worlds.definitions:
            variable = worlds.variables[definition.variable]
            parents = [worlds.variables[place].label for place in sorted(worlds.parents(definition))]
            many = f"{', '.join(parents[:6])}{', …' if len(parents) > 6 else ''}"
            rules = len(definition.rules) if isinstance(definition, ByRules) else len(definition.holds)
            yield f"  {variable.label}: {rules} rules" + (f", from {many}" if parents else "")
    if worlds.conditions:
        yield f"conditions: {len(worlds.conditions)} ground instances"
    if worlds.softs:
        yield f"soft constraints: {len(worlds.softs)} ground instances"
    yield f"route: {engine.route.name} ({engine.reason}), exact"
    for name, value in engine.route.statistics.items():
        yield f"  {name}: {value}"


def _times(count: int) -> str:
    return "" if count == 1 else f"{count} × "
