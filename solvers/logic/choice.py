"""Which solver searches: by the user's word, else by the structure of the program.

The rule is what ``benchmarks/speed/choice.py`` measures, see the table in ``benchmarks/speed/README.md``:

* CP-SAT proves the optima of all families of programs with costs, recursive ones included. Where costs are few and
  small clingo is faster, by up to seven times, but on readings' costs it does not come to a proof: the most that is
  lost by CP-SAT is small, the most that is lost by clingo is the answer.
* Where there is nothing to optimise clingo finds a model first.
* What linear constraints cannot express (recursion through aggregates, alternatives that lead to one another), and all
  modes that enumerate or combine models, are clingo's.
"""

from __future__ import annotations

from dataclasses import dataclass

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.solvers.backend import CHOICES, Options
from nesy.solvers.logic.linear import is_linear
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Mode, Solver

SOLVERS = {
    "asp": ("clingo", "cpsat", "race"),
    "integer": ("cpsat", "cbc", "highs", "scip", "race"),
}
"""The solvers of each back end; the first is what it is named for."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What of a program decides between solvers.

    ``recursive``: atoms support themselves in a circle (None: not known before grounding). ``linear``: linear
    constraints over its completion express it. ``readings``: percepts cost something; ``levels`` counts all levels with
    costs.
    """

    recursive: bool | None
    linear: bool
    readings: bool
    levels: int

    @property
    def optimising(self) -> bool:
        """Whether models differ in what they cost."""
        return self.levels > 0

    @staticmethod
    def of(program: LogicProgram) -> Structure:
        """The structure of a ground program."""
        readings = any(attribute.kind == "percept" for attribute in program.model.attributes)
        levels = {penalty.level for penalty in program.penalties}.union({0} if readings else ())
        return Structure(bool(program.loops), is_linear(program), readings, len(levels))


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
    if options.solver in ("cpsat", "race") and options.mode in (Mode.BRAVE, Mode.CAUTIOUS, Mode.DEGREES):
        hint = "leave the choice of the solver open, or take clingo"
        message = f"{options.solver} has no mode '{options.mode}'"
        problems.append(Diagnostic("E523", message, hint=hint, place="option solver"))
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


def choose(backend: str, structure: Structure, options: Options) -> Choice:
    """The solver for a program of this structure."""
    if options.solver == "race":
        return Choice("race", f"as asked; {' against '.join(racers(structure))}")
    if options.solver is not None:
        return Choice(options.solver, "as asked")
    if options.mode not in (Mode.OPTIMUM, Mode.MODELS) or (backend == "asp" and options.mode == Mode.MODELS):
        return Choice("clingo", f"mode {options.mode} enumerates or combines models")
    if backend == "integer":
        return Choice("cpsat", "the default of the integer back end")
    if not structure.linear:
        return Choice("clingo", "the program is beyond linear constraints")
    if not structure.optimising:
        return Choice("clingo", "there is nothing to optimise")
    return Choice("cpsat", "the optimum of a program with costs")


def racers(structure: Structure) -> tuple[str, str]:
    """The two solvers of a race: those that complement one another on programs of this structure.

    Beside CP-SAT, CBC where the relaxation decides (costs of readings, sums), clingo where search does: recursion,
    several levels of whole weights, nothing to optimise. Beyond linear constraints clingo races itself, by cores and by
    branch and bound.
    """
    if not structure.linear:
        return ("clingo", "clingo-bb")
    if structure.recursive or structure.levels >= 3 or not structure.optimising:
        return ("clingo", "cpsat")
    return ("cpsat", "cbc")


def solver_for(backend: str, program: LogicProgram, options: Options) -> Solver:
    """The chosen solver, made for ``program``."""
    structure = Structure.of(program)
    chosen = choose(backend, structure, options).solver
    if chosen != "race":
        return make_named(chosen, program, options)
    from nesy.solvers.racing.race import Race

    return Race(racers(structure), program, options)


def make_named(name: str, program: LogicProgram, options: Options) -> Solver:
    """One solver by its name; ``clingo-bb`` is clingo by branch and bound."""
    if name.startswith("clingo"):
        from nesy.solvers.asp.clasp import Clasp

        return Clasp(program, seed=options.seed, strategy="bb" if name == "clingo-bb" else "usc")
    from nesy.solvers.integer.making import make_solver

    return make_solver(name, program, options)
