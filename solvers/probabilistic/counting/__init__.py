"""Programs over percepts as probabilistic models: exact posteriors by counting weighted worlds.

:mod:`~.reading` turns a program into :class:`~.worlds.Worlds`: percepts are independent categorical variables, concepts
follow from them, constraints are conditions. :mod:`~.routes` chooses how these are summed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.statements import Query
from nesy.solvers.backend import Options
from nesy.solvers.probabilistic.counting.engine import CountingEngine
from nesy.solvers.probabilistic.counting.reading import read_worlds
from nesy.solvers.probabilistic.counting.routes import choose_route

__all__ = ["CountingEngine", "compile_counting"]


def compile_counting(checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> CountingEngine:
    """Compile ``checked`` for its queries (or for ``queries``); ``options.solver`` forces a way to answer.

    Raises :class:`NesyError`: what grounding finds, E440 for the device, E523 for an option, E600–E605 for what has no
    probabilistic meaning or is too large.
    """
    started = time.perf_counter()
    worlds = read_worlds(checked, queries)
    chosen, reason = choose_route(worlds, options)
    return CountingEngine(worlds, options, chosen, reason, time.perf_counter() - started)
