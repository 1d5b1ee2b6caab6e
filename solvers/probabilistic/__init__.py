"""The probabilistic back end: posteriors of probabilistic programs and of programs over percepts.

``building`` makes a model graph (``model``) of a program with random variables; ``vectorised`` runs it on tensors,
``interpreter`` one trace at a time, ``inference`` holds the methods and chooses among them, ``engine`` answers.
``elimination`` sums discrete networks exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.statements import Query
from nesy.solvers.backend import Engine, Options

__all__ = ["compile_program"]


def compile_program(checked: CheckedProgram, queries: Sequence[Query] | None, options: Options) -> Engine:
    """An engine for ``checked``.

    Raises :class:`NesyError`: what building the model graph finds (E51x, E59x), E523 and E596 for a method that is
    unknown or cannot answer the program.
    """
    from nesy.solvers.probabilistic.engine import compile_graph

    return compile_graph(checked, queries, options)
