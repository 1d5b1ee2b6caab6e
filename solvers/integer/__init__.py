"""The integer back end: the most plausible model of a program by integer programming.

The ground program, the same as that of the answer-set back end, is completed to linear constraints
(:mod:`~.completion`); CP-SAT, CBC, HiGHS or SCIP finds the optimum and proves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.dsl.checked import CheckedProgram
    from nesy.dsl.statements import Query
    from nesy.solvers.backend import Options
    from nesy.solvers.logic.engine import LogicEngine

__all__ = ["compile_program"]


def compile_program(checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> LogicEngine:
    """Ground and complete ``checked``.

    Raises :class:`NesyError`: what grounding finds (E512, E513, E516, E517), E523 for an unknown option, E550 and
    E551 for recursion that linear constraints cannot express.
    """
    # imported here: the processes of a race use the modules of this package, and have no use for torch
    from nesy.solvers.logic.choice import Structure, check_options, choose, solver_for
    from nesy.solvers.logic.engine import compile_logic
    from nesy.solvers.logic.reading import ground_logic

    check_options("integer", options)
    program = ground_logic(checked, queries, budget=options.budget)
    reason = choose("integer", Structure.of(program), options).reason

    def write() -> str:
        from nesy.solvers.integer.listing import lp_listing

        return lp_listing(program, options.resolution)

    return compile_logic(
        "integer", program, options, lambda given: solver_for("integer", given, options), reason, write
    )
