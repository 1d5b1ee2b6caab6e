"""Which of the conditions of an infeasible model cannot hold together, part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, Label
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.contradictions import minimal
from nesy.solvers.probabilistic.inference.finite import compile_finite
from nesy.solvers.probabilistic.model.graph import Condition, ModelGraph


def impossible(chosen: Chosen, readings: Mapping[str, Tensor]) -> bool:
    """Whether what is known cannot hold together in some instance, as far as intervals and tables show."""
    finite = [part.finite for part in chosen.parts if part.finite is not None]
    return bool(chosen.conflict) or any(
        bool((each.elimination.posteriors(readings)[0] == -torch.inf).any()) for each in finite
    )


def conflicting(chosen: Chosen, readings: Mapping[str, Tensor]) -> tuple[Condition, ...]:
    """A smallest part of what is known that is impossible, for an infeasible model; ``readings`` are of one instance.

    All conditions, where nothing but sampling could tell them apart.
    """
    if chosen.conflict:
        return chosen.conflict
    for part in chosen.parts:
        rows = part.rows

        def fails(graph: ModelGraph, conditions: Sequence[Condition], rows: Mapping[str, int] = rows) -> bool:
            finite = compile_finite(replace(graph, conditions=tuple(conditions), estimands=()), rows)
            return finite is not None and finite.infer(readings, 1)[0].status is Status.INFEASIBLE

        if fails(part.graph, part.graph.conditions):
            return minimal(part.graph, part.graph.conditions, fails)
    return chosen.graph.conditions


def contradiction(conditions: Sequence[Condition]) -> Diagnostic:
    """The warning (W593) that names conditions which cannot hold together, at least one."""
    first, *others = conditions
    if not others:
        return Diagnostic("W593", f"what is known is impossible: {first.text}", first.span, "correct it")
    labels = tuple(Label(entry.span, f"and this: {entry.text}") for entry in others)
    message = f"what is known cannot hold together: {', '.join(entry.text for entry in conditions)}"
    return Diagnostic("W593", message, first.span, "correct or leave out one of them", labels)
