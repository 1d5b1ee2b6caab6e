"""Which solver searches: by the user's word, else by the structure of the program."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.solvers.backend import Options
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Mode, Solver
from nesy.solvers.possibilistic import CHOICES

SOLVERS = {"asp": ("clingo", "cpsat"), "integer": ("cpsat", "cbc", "highs", "scip")}
"""The solvers of each back end; the first is what it is named for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A solver and why it was taken."""

    solver: str
    reason: str


def check_options(backend: str, options: Options) -> None:
    """E523 for options that this back end does not know."""
    problems = []
    known = SOLVERS[backend]
    if options.solver is not None and options.solver not in known:
        problems.append(_unknown(backend, "solver", options.solver, known))
    modes = tuple(Mode) if backend == "asp" else (Mode.OPTIMUM, Mode.MODELS)
    if options.mode not in modes:
        problems.append(_unknown(backend, "mode", options.mode, tuple(map(str, modes))))
    if options.mode == Mode.DEGREES:
        problems += [
            _unknown(backend, name, value, CHOICES[name])
            for name, value in (("transform", options.transform), ("ties", options.ties))
            if value not in CHOICES[name]
        ]
    if options.solver == "cpsat" and options.mode in (Mode.BRAVE, Mode.CAUTIOUS, Mode.DEGREES):
        hint = "leave the choice of the solver open, or take clingo"
        problems.append(Diagnostic("E523", f"cpsat has no mode '{options.mode}'", hint=hint, place="option solver"))
    problems += [
        Diagnostic("E523", f"{name} is {value}", hint=f"{name} is {wanted}", place=f"option {name}")
        for name, value, sound, wanted in (
            ("models", options.models, options.models >= 0, "a number from 0 (all) on"),
            ("time_limit", options.time_limit, options.time_limit is None or options.time_limit > 0, "above 0 seconds"),
            ("seed", options.seed, 0 <= options.seed < 2**31, "a number from 0 to 2147483647"),
            ("workers", options.workers, options.workers >= 1, "a number from 1 on"),
            ("resolution", options.resolution, 1 <= options.resolution <= 10**6, "a number from 1 to 1000000"),
        )
        if not sound
    ]
    if problems:
        raise NesyError(problems)


def _unknown(backend: str, what: str, value: str, known: tuple[str, ...]) -> Diagnostic:
    hint = did_you_mean(value, known) or f"known: {', '.join(known)}"
    return Diagnostic("E523", f"the back end '{backend}' knows no {what} '{value}'", hint=hint, place=f"option {what}")


def choose(backend: str, program: LogicProgram, options: Options) -> Choice:
    """The solver for ``program``."""
    if options.solver is not None:
        return Choice(options.solver, "as asked")
    if backend == "integer":
        return Choice("cpsat", "the default of the integer back end")
    if options.mode != Mode.OPTIMUM:
        return Choice("clingo", f"mode {options.mode} enumerates or combines models")
    if program.loops:
        return Choice("clingo", "the program is recursive")
    return Choice("cpsat", "the optimum of a program without recursion")


def solver_for(backend: str, program: LogicProgram, options: Options) -> Solver:
    """The chosen solver, made for ``program``."""
    chosen = choose(backend, program, options).solver
    if chosen == "clingo":
        from nesy.solvers.asp.clasp import Clasp

        return Clasp(program, seed=options.seed)
    from nesy.solvers.integer.making import make_solver

    return make_solver(chosen, program, options)
