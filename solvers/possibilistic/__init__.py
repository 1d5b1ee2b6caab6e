"""The possibilistic back end: min-max relational equations between possibility degrees.

In goes a ground model, out comes an engine that answers batches of percept distributions with the possibility and the
necessity of every query. The way there: :mod:`~.lower` turns rules into a circuit of minima and maxima,
:mod:`~.schedule` into a plan of tensor steps, :mod:`~.forward` runs it. Percept probabilities become possibilities by
:mod:`~.transform`. What is lost: constraints, soft constraints and optimisation, which have no place in the equations.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import torch

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.devices import check_device
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.statements import Query
from nesy.solvers.backend import CHOICES, Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic.assembly import families
from nesy.solvers.possibilistic.engine import PossibilisticEngine, as_dtype, plan_of
from nesy.solvers.possibilistic.learning.parameters import apply
from nesy.solvers.possibilistic.lower import lower

__all__ = ["PossibilisticEngine", "compile_model", "compile_program", "with_options"]


def compile_program(checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> PossibilisticEngine:
    """Ground ``checked`` for its queries (or for ``queries``) and compile it; errors of both."""
    return compile_model(ground(checked, queries, strict=options.strict, budget=options.budget), options)


def compile_model(model: GroundModel, options: Options) -> PossibilisticEngine:
    """Compile ``model``, with the parameters of the options where there are any.

    Raises :class:`NesyError` with E440 (no such device), E520 (a cycle through uncertain rules), E521 (negation of a
    derived relation), E522 (a formula that grows too large), E523 (an option with an unknown value), E561 (parameters
    of another program) or E562 (no parameters for a rule).
    """
    started = time.perf_counter()
    model = with_options(model, options)
    lowered = lower(model)
    plan = plan_of(lowered, families(model))
    seconds = time.perf_counter() - started
    return PossibilisticEngine(
        model, options, lowered, plan, seconds, as_dtype(options.dtype), torch.device(options.device)
    )


def with_options(model: GroundModel, options: Options) -> GroundModel:
    """``model`` with the parameters of checked ``options``; E440, E523, E561 and E562 as for compiling."""
    _check_options(options)
    check_device(options.device, torch.cuda.device_count)
    return model if options.parameters is None else apply(model, options.parameters)


def _check_options(options: Options) -> None:
    problems = []
    for name, known in CHOICES.items():
        value = str(getattr(options, name))
        if value not in known:
            hint = did_you_mean(value, known) or f"known: {', '.join(known)}"
            message = f"the possibilistic back end knows no {name} '{value}'"
            problems.append(Diagnostic("E523", message, hint=hint, place=f"option {name}"))
    if options.chunk is not None and options.chunk < 1:
        message = f"a chunk of {options.chunk} instances"
        problems.append(Diagnostic("E523", message, hint="a chunk holds at least 1 instance", place="option chunk"))
    if problems:
        raise NesyError(problems)
