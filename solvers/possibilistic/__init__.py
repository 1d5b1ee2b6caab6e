"""The possibilistic back end: min-max relational equations between possibility degrees.

In goes a ground model, out comes an engine that answers batches of percept distributions with the possibility and the
necessity of every query. The way there: :mod:`~.lower` turns rules into a circuit of minima and maxima,
:mod:`~.schedule` into a plan of tensor steps, :mod:`~.forward` runs it. Percept probabilities become possibilities by
:mod:`~.transform`. What is lost: constraints, soft constraints and optimisation, which have no place in the equations.
"""

from __future__ import annotations

import time

import torch

from nesy.dsl.devices import check_device
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.assembly import families
from nesy.solvers.possibilistic.engine import PossibilisticEngine, as_dtype, plan_of
from nesy.solvers.possibilistic.lower import lower

__all__ = ["PossibilisticEngine", "compile_model"]

CHOICES = {
    "dtype": ("float64", "float32"),
    "transform": ("antipignistic", "specificity"),
    "ties": ("symmetric", "reference"),
}


def compile_model(model: GroundModel, options: Options) -> PossibilisticEngine:
    """Compile ``model``.

    Raises :class:`NesyError` with E440 (no such device), E520 (a cycle through uncertain rules), E521 (negation of a
    derived relation), E522 (a formula that grows too large) or E523 (an option with an unknown value).
    """
    started = time.perf_counter()
    _check_options(options)
    check_device(options.device, torch.cuda.device_count)
    lowered = lower(model)
    plan = plan_of(lowered, families(model))
    seconds = time.perf_counter() - started
    return PossibilisticEngine(
        model, options, lowered, plan, seconds, as_dtype(options.dtype), torch.device(options.device)
    )


def _check_options(options: Options) -> None:
    problems = []
    for name, known in CHOICES.items():
        value = str(getattr(options, name))
        if value not in known:
            hint = did_you_mean(value, known) or f"known: {', '.join(known)}"
            message = f"the possibilistic back end knows no {name} '{value}'"
            problems.append(Diagnostic("E523", message, hint=hint, place=f"option {name}"))
    if problems:
        raise NesyError(problems)
