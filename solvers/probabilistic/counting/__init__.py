"""Programs over percepts as probabilistic models: exact posteriors by counting weighted worlds.

:mod:`~.reading` turns a program into :class:`~.worlds.Worlds`: percepts are independent categorical variables, concepts
follow from them, constraints are conditions. :mod:`~.routes` chooses how these are summed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import torch

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.devices import check_device
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.statements import Query
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.grounding.sources import Sources
from nesy.solvers.probabilistic.counting.engine import CountingEngine
from nesy.solvers.probabilistic.counting.reading import read_worlds
from nesy.solvers.probabilistic.counting.routes import choose_route
from nesy.solvers.probabilistic.counting.worlds import Worlds

__all__ = ["CountingEngine", "compile_counting"]

DTYPES = ("float64", "float32")


def compile_counting(checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> CountingEngine:
    """Compile ``checked`` for its queries (or for ``queries``); ``options.method`` forces a way to answer.

    Raises :class:`NesyError`: what grounding finds, E440 for the device, E523 for an option, E600–E605 for what has no
    probabilistic meaning or is too large.
    """
    started = time.perf_counter()
    _check(options)
    worlds = read_worlds(checked, queries)
    chosen, reason = choose_route(worlds, options)
    worlds = replace(worlds, model=with_warnings(worlds, chosen.open_concepts))
    title = Sources(checked.program).title
    return CountingEngine(worlds, queries, options, chosen, reason, time.perf_counter() - started, title)


def _check(options: Options) -> None:
    """E440 for a device that is not there, E523 for options that have no such value."""
    wrong = []
    if options.dtype not in DTYPES:
        hint = did_you_mean(options.dtype, DTYPES) or f"known: {', '.join(DTYPES)}"
        wrong.append(Diagnostic("E523", f"there is no dtype '{options.dtype}' here", hint=hint, place="option dtype"))
    if options.chunk is not None and options.chunk < 1:
        hint = "a chunk holds at least 1 instance"
        wrong.append(Diagnostic("E523", f"a chunk of {options.chunk} instances", hint=hint, place="option chunk"))
    if wrong:
        raise NesyError(wrong)
    check_device(options.device, torch.cuda.device_count)


def with_warnings(worlds: Worlds, open_concepts: Sequence[int]) -> GroundModel:
    """The ground model of ``worlds`` with a warning (W606) for each concept that the rules may leave open."""
    first: dict[int, int] = {}
    for variable in open_concepts:
        first.setdefault(worlds.variables[variable].attribute, variable)
    found = []
    for attribute, variable in first.items():
        info = worlds.model.attributes[attribute]
        label = worlds.variables[variable].label
        message = f"the rules may leave '{label}' several values: these share the probability evenly"
        hint = "add rules that decide about it in every case"
        found.append(Diagnostic("W606", message, info.span, hint))
    return replace(worlds.model, warnings=(*worlds.model.warnings, *found))
