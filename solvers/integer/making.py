"""The solvers of integer programs by name."""

from __future__ import annotations

from nesy.solvers.backend import Options
from nesy.solvers.integer.completion import complete
from nesy.solvers.integer.packages import load_ortools
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Solver


def make_solver(name: str, program: LogicProgram, options: Options) -> Solver:
    """``cpsat``, ``cbc``, ``highs`` or ``scip`` for ``program``.

    Raises NesyError: E550, E551 for recursion that linear constraints cannot express, E552 for a missing package.
    """
    lowered = complete(program)
    load_ortools()
    if name == "cbc":
        from nesy.solvers.integer.cbc import Cbc

        return Cbc(program, lowered, seed=options.seed)
    if name == "cpsat":
        from nesy.solvers.integer.cpsat import CpSat

        return CpSat(program, lowered, seed=options.seed, workers=options.workers)
    from nesy.solvers.integer.mathopt import MathOpt

    return MathOpt(name, program, lowered, seed=options.seed)
