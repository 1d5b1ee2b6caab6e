"""Which way worlds are summed: by the structure that they have, never by name.

Tables along digits, chains and trees stay small under elimination. Where they would not, conditions on percepts are
compiled to a circuit; where that grows too large as well, few worlds can still be listed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.span import NOWHERE
from nesy.solvers.backend import Options
from nesy.solvers.probabilistic.counting.elimination_route import Route, elimination_route, largest_table
from nesy.solvers.probabilistic.counting.enumeration import MOST_WORLDS, TooManyWorldsError, enumeration_route
from nesy.solvers.probabilistic.counting.tabling import Tabled, tabled
from nesy.solvers.probabilistic.counting.worlds import Worlds

ROUTES = ("elimination", "circuit", "enumeration")
AUTOMATIC = ("auto", "exact")
"""Methods that leave the choice open: all routes are exact."""
NARROW = 1 << 14
"""Entries of the largest table up to which elimination is taken at once."""
WIDE = 1 << 22
"""Entries up to which it is taken where there is no circuit."""


def choose_route(worlds: Worlds, options: Options) -> tuple[Route, str]:
    """A compiled route and why it was taken; ``options.method`` forces one.

    Raises NesyError: E523 for an unknown route, E604 where every route is too large, E605 for a concept that is left
    open in a program that needs a circuit.
    """
    if options.method not in (*AUTOMATIC, *ROUTES):
        hint = did_you_mean(options.method, ROUTES) or f"for programs over percepts: {', '.join((*AUTOMATIC, *ROUTES))}"
        message = f"programs over percepts have no method '{options.method}'"
        raise NesyError(Diagnostic("E523", message, hint=hint, place="--method"))
    return _Choice(worlds, options).run()


class _Choice:
    def __init__(self, worlds: Worlds, options: Options) -> None:
        self.worlds, self.options = worlds, options
        self.found: Tabled | None = None
        self.size: int | None = None
        self.failures: list[str] = []
        self.forced = options.method not in AUTOMATIC

    def run(self) -> tuple[Route, str]:
        attempts: dict[str, Callable[[int], tuple[Route, str] | None]] = {
            "elimination": self.elimination,
            "circuit": lambda _: self.circuit(),
            "enumeration": lambda _: self.enumeration(),
        }
        if self.forced:
            order = [(self.options.method, WIDE)]
        else:
            order = [("elimination", NARROW), ("circuit", 0), ("elimination", WIDE), ("enumeration", 0)]
        for name, limit in order:
            chosen = attempts[name](limit)
            if chosen is not None:
                return (chosen[0], "as asked") if self.forced else chosen
        raise self.too_large()

    def elimination(self, limit: int) -> tuple[Route, str] | None:
        """By tables of at most ``limit`` entries."""
        if self.found is None:
            self.found = tabled(self.worlds)
        size = largest_table(self.found, stop_at=limit)
        if size > limit:
            self.failures.append(f"elimination needs tables of {size:,} entries or more (limit {limit:,})")
            return None
        route = elimination_route(self.worlds.model, self.found, self.options.chunk)
        return route, f"tables stay small: at most {size:,} entries"

    def circuit(self) -> tuple[Route, str] | None:
        """By a circuit, if PySDD is there and its diagrams stay small."""
        if find_spec("pysdd") is None:
            self.failures.append("a circuit needs the package PySDD (pip install PySDD)")
            return None
        from nesy.solvers.probabilistic.counting.circuits.compiling import NoCircuitError
        from nesy.solvers.probabilistic.counting.circuits.route import circuit_route

        try:
            route = circuit_route(self.worlds, self.options.chunk, seconds=self.options.time_limit)
        except NoCircuitError as error:
            self.failures.append(str(error))
            return None
        except NesyError as error:
            if self.forced:
                raise
            self.failures += [entry.message for entry in error.diagnostics]
            return None
        return route, "tables would be large: " + "; ".join(self.failures) if self.failures else "a circuit"

    def enumeration(self) -> tuple[Route, str] | None:
        """World by world, if there are few."""
        try:
            route = enumeration_route(self.worlds, self.options.chunk)
        except TooManyWorldsError as error:
            self.failures.append(f"there are {error.count:,} worlds (limit {MOST_WORLDS:,})")
            return None
        return route, "; ".join(self.failures) or "few worlds"

    def too_large(self) -> NesyError:
        """E604 with what each route would need, and the query or condition that most percepts stand in."""
        worlds = self.worlds
        asked = [
            (len(worlds.expressions.variables([node])), f"the query '{query.label}'", query.span)
            for node, query in zip(worlds.asked, worlds.model.queries, strict=True)
            if query.formula is not None
        ]
        stated = [
            (len(worlds.expressions.variables([each.node])), "this condition", each.origin.span)
            for each in worlds.restrictions
            if each.origin is not None
        ]
        _, what, span = max((*asked, *stated), key=lambda entry: entry[0], default=(0, "the program", None))
        message = f"{what} ties too many percepts together for an exact probability: {'; '.join(self.failures)}"
        hint = "ask for less at once, or take --with possibilistic or asp, whose cost does not grow like this"
        return NesyError(Diagnostic("E604", message, span or NOWHERE, hint))
