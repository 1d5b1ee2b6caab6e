"""The route of the back end ``asp``, see :mod:`~.searching`."""

from __future__ import annotations

from collections.abc import Sequence

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.statements import Query
from nesy.solvers.backend import Options
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.plan import Route
from nesy.solvers.planning.searching import searching_route


def plan_program(checked: CheckedProgram, queries: Sequence[Query], options: Options, estimates: Estimates) -> Route:
    """How the back end answers ``queries`` by answer sets."""
    return searching_route("asp", checked, queries, options, estimates)
