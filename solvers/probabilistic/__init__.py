"""The probabilistic back end: posteriors of probabilistic programs and of programs over percepts.

``building`` makes a model graph (``model``) of a program with random variables; ``vectorised`` runs it on tensors,
``interpreter`` one trace at a time, ``inference`` holds the methods and chooses among them, ``engine`` answers.
``counting`` answers programs over percepts, by summing the weights of their worlds. ``elimination`` sums discrete
networks exactly, for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Query
from nesy.solvers.backend import Options
from nesy.solvers.grounding.selection import names_in

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.counting import CountingEngine
    from nesy.solvers.probabilistic.engine import ProbabilisticEngine

__all__ = ["compile_program", "is_about_percepts", "refuse_modes"]


def compile_program(
    checked: CheckedProgram, queries: Sequence[Query] | None, options: Options
) -> CountingEngine | ProbabilisticEngine:
    """An engine for ``checked``.

    Raises :class:`NesyError`: what building the model graph finds (E51x, E59x), E523 and E596 for a method that is
    unknown or cannot answer the program, E60x for programs over percepts that have no probability.
    """
    if is_about_percepts(checked, queries):
        refuse_modes(options)
        from nesy.solvers.probabilistic.counting import compile_counting

        return compile_counting(checked, queries, options)
    from nesy.solvers.probabilistic.engine import compile_graph

    return compile_graph(checked, queries, options)


def refuse_modes(options: Options) -> None:
    """E523 for a mode, which programs over percepts do not have."""
    if options.mode != Options().mode:
        message = f"there is no mode '{options.mode}' for programs over percepts"
        hint = "leave it out; modes are for programs with random variables"
        raise NesyError(Diagnostic("E523", message, hint=hint, place="--mode"))


def is_about_percepts(checked: CheckedProgram, queries: Sequence[Query] | None) -> bool:
    """Whether no query (None: of the program's own) draws on a random variable or a definition."""
    if queries is None:
        queries = [statement for statement in checked.program.statements if isinstance(statement, Query)]
    random = {name for name, info in checked.attributes.items() if info.kind in ("random", "definition")}
    if not queries:
        return not random
    return not random & checked.needed_by(names_in(checked, [query.formula for query in queries]))
