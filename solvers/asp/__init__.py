"""The answer-set back end: the stable models of a program, the most plausible readings of its percepts first.

The program becomes clingo text, gringo grounds it, clasp searches (:mod:`~.clasp`). Where what is wanted is the most
plausible model of a program without recursion, CP-SAT searches instead, unless told otherwise: it proves in
milliseconds the optima of fine-grained costs on which clasp takes minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.dsl.checked import CheckedProgram
    from nesy.dsl.statements import Query
    from nesy.solvers.backend import Engine, Options

__all__ = ["compile_program"]


def compile_program(checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> Engine:
    """Ground ``checked`` and prepare a solver.

    Raises :class:`NesyError`: what grounding finds (E512, E513, E516, E517), E523 for an unknown option.
    """
    # imported here: the processes of a race use the modules of this package, and have no use for torch
    from nesy.solvers.logic.choice import Structure, check_options, choose, solver_for
    from nesy.solvers.logic.engine import CONSEQUENCES, compile_logic
    from nesy.solvers.logic.reading import ground_logic, logic_text
    from nesy.solvers.logic.tasks import Mode

    check_options("asp", options)

    def write() -> str:
        return logic_text(checked, queries, whole=True).listing()

    if options.mode == Mode.DEGREES:
        from nesy.solvers.asp.degrees import compile_degrees

        return compile_degrees(checked, queries, options, write)
    program = ground_logic(checked, queries, whole=options.mode in CONSEQUENCES, budget=options.budget)
    reason = choose("asp", Structure.of(program), options).reason
    return compile_logic("asp", program, options, lambda given: solver_for("asp", given, options), reason, write)
