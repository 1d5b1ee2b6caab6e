"""Answers that have no value in some possible worlds: a division of 0 by 0, the logarithm of a negative number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isnan

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.model.graph import ModelGraph


def with_undefined(graph: ModelGraph, found: Inferred) -> Inferred:
    """``found``, with a remark that names the estimands that are undefined with a probability above 0."""
    labels = list(_undefined(graph, found))
    if not labels:
        return found
    verb = "has" if len(labels) == 1 else "have"
    message = f"{', '.join(labels)} {verb} no value in some of the worlds that are possible"
    hint = "say what it is there: 'if N > 0 then X / N else 0'; 0 / 0, 'mod 0' and log(-1) have none"
    return replace(found, remarks=(*found.remarks, Diagnostic("W599", message, hint=hint)))


def _undefined(graph: ModelGraph, found: Inferred) -> Iterator[str]:
    for estimand, posterior in zip(graph.estimands, found.posteriors, strict=False):
        if posterior.mean is not None and isnan(posterior.mean):
            yield estimand.label
