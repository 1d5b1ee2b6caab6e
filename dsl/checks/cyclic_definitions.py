"""Values that are computed from themselves: definitions and random variables without index."""

from __future__ import annotations

from nesy.dsl.checks.declarations import kind_of
from nesy.dsl.checks.dependencies import Dependencies
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.graphs import shortest_cycle


def check_cyclic_definitions(symbols: Symbols, found: Dependencies, report: Report) -> None:
    """Report E309 for each definition or random variable that depends on itself.

    With an index this may be sound, as in ``define place(T) = place(T - 1) + 1 for step(T)``; the back end decides.
    """
    computed = {
        name
        for name, symbol in symbols.attributes.items()
        if symbol.kind in ("random", "definition") and not symbol.items
    }
    edges = {name: sorted(found.direct[name] & computed) for name in computed}
    covered: set[str] = set()
    for name in sorted(computed):
        cycle = () if name in covered else shortest_cycle(name, edges)
        if cycle:
            covered.update(cycle)
            statement = symbols.attributes[name].statement
            text = f"the {kind_of(statement)} '{name}' depends on itself: {' ← '.join((*cycle, name))}"
            report.add("E309", text, statement.span, "give one of them a value that does not need the others")
