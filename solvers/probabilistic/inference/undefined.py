"""Answers without a mean: they have no value in some possible worlds, as 0 / 0, or their tails are too heavy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isnan

from nesy.dsl.diagnostics import Diagnostic
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.model.graph import ModelGraph

MOST_NAMED = 4


def with_undefined(graph: ModelGraph, found: Inferred) -> Inferred:
    """``found``, with a remark that names the estimands that have no mean or no deviation, and why."""
    remarks = list(_remarks(graph, found))
    return replace(found, remarks=(*found.remarks, *remarks)) if remarks else found


def _remarks(graph: ModelGraph, found: Inferred) -> Iterator[Diagnostic]:
    every = list(zip(graph.estimands, found.posteriors, strict=False))
    heavy = [estimand.label for estimand, posterior in every if posterior.heavy]
    undefined = [
        estimand.label
        for estimand, posterior in every
        if not posterior.heavy and posterior.mean is not None and isnan(posterior.mean)
    ]
    if undefined:
        yield undefined_remark(undefined)
    if heavy:
        verb = "has tails that are" if len(heavy) == 1 else "have tails that are"
        message = f"{_some(heavy)} {verb} too heavy for a mean or a deviation, where none is shown"
        yield Diagnostic("W599", message, hint="quantiles and probabilities hold; ask for these")


def undefined_remark(labels: Sequence[str]) -> Diagnostic:
    """W599 for queries that have no value in some possible worlds."""
    verb = "has" if len(labels) == 1 else "have"
    message = f"{_some(labels)} {verb} no value in some of the worlds that are possible"
    hint = "say what it is there: 'if N > 0 then X / N else 0'; 0 / 0, 'mod 0' and log(-1) have none"
    return Diagnostic("W599", message, hint=hint)


def _some(labels: Sequence[str]) -> str:
    """Some of the labels, and how many they are."""
    return ", ".join(labels) if len(labels) <= MOST_NAMED else f"{', '.join(labels[:3])}, … ({len(labels)} queries)"
