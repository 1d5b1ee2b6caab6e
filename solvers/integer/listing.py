"""What a program is compiled to, in LP format with the names of the program."""

from __future__ import annotations

from collections.abc import Iterator

from nesy.solvers.integer.completion import complete
from nesy.solvers.integer.lp_format import (
    combined,
    constraint_lines,
    declaration_lines,
    objective_lines,
    readable_names,
    used_variables,
)
from nesy.solvers.logic.objective import Objective
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.tasks import Task


def lp_listing(program: LogicProgram, resolution: int) -> str:
    """``program`` in LP format, without evidence: the costs of readings come with each instance.

    Several levels become one objective in which a level weighs more than all below it; where such weights leave the
    exact numbers of floating point, only the most important level stands there.
    """
    lowered = complete(program)
    rows = lowered.rows()
    name = readable_names(lowered, program.size)
    objective = Objective.of(program, Task(resolution=resolution))
    levels = [objective.terms[level] for level in objective.levels]
    one = combined(levels)
    terms = one if one is not None else levels[0]
    lines = [
        *(f"\\ {line}" for line in _remarks(program, objective, resolution, whole=one is not None)),
        *objective_lines(terms, name),
        "Subject To",
        *constraint_lines(rows, name),
        *declaration_lines(lowered, used_variables(rows, terms), name),
    ]
    return "\n".join(lines) + "\n"


def _remarks(program: LogicProgram, objective: Objective, resolution: int, *, whole: bool) -> Iterator[str]:
    yield f"The stable models of the program, as an integer program. {resolution} units of cost are one nat."
    yield "Evidence adds to each value of a percept its cost -log p, relative to the best value of its index."
    if program.determined:
        yield f"These concepts follow from the percepts and are worked out afterwards: {', '.join(program.determined)}."
    if len(objective.levels) > 1 and whole:
        named = ", ".join(map(str, objective.levels))
        yield f"The levels {named} are one objective: each weighs more than all those after it."
    elif not whole:
        left = ", ".join(map(str, objective.levels[1:]))
        yield f"The objective is that of level {objective.levels[0]}; the levels {left} come after it."
    constant = sum(objective.constants.values())
    if constant:
        yield "Costs that are paid in any case are left out."
