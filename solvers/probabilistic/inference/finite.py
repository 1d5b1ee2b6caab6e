"""Exact inference in finite models: variable elimination on the network of tables, for a whole batch at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan

import torch
from torch import Tensor

from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.elimination import Elimination, compile_elimination, elimination_order
from nesy.solvers.probabilistic.inference.lowering import Lowering, TooLargeError
from nesy.solvers.probabilistic.inference.results import LEVELS, Inferred, Posterior, of_table
from nesy.solvers.probabilistic.model.graph import Equation, Estimand, ModelGraph, unobserved
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes

MOST_ENTRIES = 1 << 24
"""A model whose elimination needs a table of more entries is not answered exactly."""
MOST_COST = 1 << 28
"""The same for the entries of all tables together, unless an exact answer is asked for."""


@dataclass(frozen=True)
class Asked:
    """An estimand: its probe (None where its value is known), and the codes of the values on the probe's axis."""

    estimand: Estimand
    probe: int | None
    items: Tensor


@dataclass(frozen=True)
class Finite:
    """A finite model, compiled."""

    graph: ModelGraph
    elimination: Elimination
    asked: tuple[Asked, ...]
    codes: Codes
    log_shift: float = 0.0
    """The log of what the tables of observed numbers were divided by."""

    def infer(self, readings: Mapping[str, Tensor], batch: int) -> list[Inferred]:
        """The posteriors of each instance; ``readings`` are ``[batch, rows, values]`` by percept family."""
        log_evidence, tables = self.elimination.posteriors(readings)
        log_evidence = log_evidence.expand(batch)
        tables = [each.expand(batch, -1) for each in tables]
        diagnostics = {"width": self.elimination.order.width, "largest_table": self.elimination.order.largest}
        found = []
        for instance in range(batch):
            evidence = float(log_evidence[instance]) + self.log_shift
            if evidence == -torch.inf:
                found.append(Inferred("elimination", True, Status.INFEASIBLE, (), evidence, 0.0, diagnostics))
                continue
            posteriors = tuple(self._posterior(asked, tables, instance) for asked in self.asked)
            found.append(Inferred("elimination", True, Status.SOLVED, posteriors, evidence, 0.0, diagnostics))
        return found

    def _posterior(self, asked: Asked, tables: Sequence[Tensor], instance: int) -> Posterior:
        one = torch.ones(1, dtype=FLOAT)
        raw = one if asked.probe is None else tables[asked.probe][instance].to(FLOAT)
        shares = raw / raw.sum()
        domain = asked.estimand.domain
        if domain is None:
            posterior = of_table(asked.items, shares, numeric=True)
            return Posterior(None, posterior.mean, posterior.sd, posterior.quantiles)
        probability = torch.zeros(len(domain), dtype=FLOAT)
        codes = self.codes.domain(domain).to(FLOAT)
        for code, share in zip(asked.items.tolist(), shares.tolist(), strict=True):
            if not isnan(code):
                probability[int((codes - code).abs().argmin())] += share
        numeric = all(isinstance(value, int) and not isinstance(value, bool) for value in domain.values)
        if numeric and float(shares[asked.items.isnan()].sum()) > 0:
            return Posterior(probability, nan, nan, (nan,) * len(LEVELS))
        return of_table(codes, probability, numeric=numeric)

    def most_probable(self, readings: Mapping[str, Tensor]) -> tuple[Tensor, list[Tensor]]:
        """The log joint of the most probable assignment, ``[batch]``, and the place of each estimand's value in it."""
        value, tables = self.elimination.most_probable(readings)
        return value, [
            torch.zeros(len(value), dtype=torch.long) if asked.probe is None else tables[asked.probe].argmax(-1)
            for asked in self.asked
        ]


def compile_finite(
    graph: ModelGraph, rows: Mapping[str, int] | None = None, *, most_cost: float = inf
) -> Finite | None:
    """The model compiled for elimination; None if an unobserved variable is not finite, or it is too entangled.

    ``rows`` gives the row of each percept in its family's evidence; ``most_cost`` bounds the entries of all tables.
    """
    if any(variable.domain is None for variable in unobserved(graph)):
        return None
    if any(isinstance(condition, Equation) for condition in graph.conditions):
        return None
    codes = Codes(graph)
    lowering = Lowering(graph, codes, rows=rows or {})
    try:
        lowering.run()
        found = [(estimand, *lowering.asked(estimand.expression)) for estimand in graph.estimands]
    except TooLargeError:
        return None
    network = lowering.network()
    probes = list(dict.fromkeys(number for _, number, _ in found if number is not None))
    scopes = [(number,) for number in probes]
    order = elimination_order(network, scopes, stop_at=MOST_ENTRIES)
    if order.largest > MOST_ENTRIES or order.cost > most_cost:
        return None
    asked = tuple(
        Asked(estimand, None if number is None else probes.index(number), torch.as_tensor(items, dtype=FLOAT))
        for estimand, number, items in found
    )
    return Finite(graph, compile_elimination(network, scopes), asked, codes, lowering.log_shift)


def width_of(graph: ModelGraph, rows: Mapping[str, int]) -> int | None:
    """The number of variables of the largest table less one, up to the first one that is too large.

    None where already a function of the model is too large, see :class:`TooLargeError`.
    """
    lowering = Lowering(graph, Codes(graph), rows=rows)
    try:
        lowering.run()
    except TooLargeError:
        return None
    return elimination_order(lowering.network(), (), stop_at=MOST_ENTRIES).width
