"""Which method answers one part of a model: chosen by rule from its structure, or asked for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf

import torch
from torch import Generator, Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference import chains, filtering, gibbs, laplace, tempering, variational, weighting
from nesy.solvers.probabilistic.inference.contradictions import has_equations
from nesy.solvers.probabilistic.inference.exact_draws import with_draws
from nesy.solvers.probabilistic.inference.finite import MOST_COST, Finite, compile_finite, width_of
from nesy.solvers.probabilistic.inference.particles import Filter, compile_filter
from nesy.solvers.probabilistic.inference.quadrature import Nested, compile_nested
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.inference.sieve import Sieve
from nesy.solvers.probabilistic.model.graph import Equation, ModelGraph, unobserved
from nesy.solvers.probabilistic.model.readings import with_readings
from nesy.solvers.probabilistic.vectorised.executor import Executor

PILOT, FEWEST_PILOT = 20_000, 200.0
"""Traces by which a quadrature is checked, and effective ones among them below which they say nothing."""

METHODS = ("auto", "exact", "quadrature", "laplace", "nuts", "weighting", "filter", "gibbs", "smc", "svi")
ASKED = "it was asked for"
SMOOTH = ("laplace", "nuts", "svi")
"""The methods that need a density without jumps."""
CLIMBING = ("laplace", "nuts")
"""Those among them that are tried where weighting does not reach."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The method that answers, whether it is exact, and why it was chosen.

    ``then`` are the methods that take over, in this order, where the diagnostics of those before them are bad.
    ``parts`` are the decisions of independent parts, each with what is asked of it; none where the model is one part.
    """

    method: str
    exact: bool
    reason: str
    then: tuple[str, ...] = ()
    parts: tuple[tuple[str, Decision], ...] = ()


@dataclass
class Part:
    """A model that is answered as a whole, with its method; what several instances share is prepared once.

    ``drawing``: exact tables come with draws as well.

    Raises E594 and E596, see :class:`~nesy.solvers.probabilistic.inference.choose.Chosen`.
    """

    graph: ModelGraph
    rows: Mapping[str, int]
    method: str = "auto"
    samples: int | None = None
    drawing: bool = False
    decision: Decision = field(init=False)
    finite: Finite | None = field(init=False, default=None)
    nested: Nested | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.decision = self._decide()

    @cached_property
    def executor(self) -> Executor:
        """The graph on tensors."""
        return Executor(self.graph)

    @cached_property
    def sieve(self) -> Sieve:
        """The model for weighting."""
        return Sieve(self.graph)

    def _decide(self) -> Decision:
        if self.method in ("auto", "exact"):
            self.finite = compile_finite(self.graph, self.rows, most_cost=MOST_COST if self.method == "auto" else inf)
            if self.finite is not None:
                order = self.finite.elimination.order
                reason = f"all variables are finite, and the largest table has {order.largest} entries"
                return Decision("elimination", True, reason)
        if self.method in ("auto", "exact", "quadrature"):
            self.nested = compile_nested(self._unread)
            if self.nested is not None:
                return Decision(self.nested.method, True, self.nested.reason)
        if self.method in ("exact", "quadrature"):
            message = (
                "this model has no exact answer: it is neither finite, nor linear and Gaussian but for two numbers"
            )
            raise NesyError(Diagnostic("E596", message, hint="leave --method out, or take weighting", place="--method"))
        if self.method in SMOOTH:
            return self._smooth_decision()
        if self.method == "gibbs":
            return self._gibbs_decision()
        if has_equations(self.graph):
            entry = next(entry for entry in self.graph.conditions if isinstance(entry, Equation))
            message = f"'{entry.text}' has probability 0: a continuous value that is computed was observed exactly"
            hint = "observe a random variable around it: random seen : real ~ normal(value, 0.1)."
            raise NesyError(Diagnostic("E594", message, entry.span, hint))
        if self.method in ("smc", "weighting", "filter"):
            return Decision(self.method, False, ASKED)
        if self.filtered is not None:
            reason = f"evidence comes in {self.filtered.schedule.count} stages, each with new unknown variables"
            return Decision("filter", False, reason, (*self._by_density, *self._by_blocks, "smc"))
        return Decision("weighting", False, self._reason, (*self._by_density, *self._by_blocks, "smc"))

    @cached_property
    def staged(self) -> Filter:
        """The model with its evidence in stages."""
        return compile_filter(self.graph)

    @property
    def filtered(self) -> Filter | None:
        """The same if it is sequential."""
        return self.staged if self.staged.schedule.sequential else None

    def _gibbs_decision(self) -> Decision:
        if self.blocked is None:
            message = "the method 'gibbs' needs finite variables, and nothing that is impossible among them"
            raise NesyError(Diagnostic("E596", message, hint="leave --method out", place="--method"))
        return Decision("gibbs", False, ASKED)

    @property
    def _by_blocks(self) -> tuple[str, ...]:
        return ("gibbs",) if self.blocked is not None else ()

    @cached_property
    def blocked(self) -> gibbs.Blocked | None:
        """The model for sweeps of Gibbs sampling; None if it is not finite, or an event is known."""
        return gibbs.compile_blocked(self.graph, self.rows)

    def _smooth_decision(self) -> Decision:
        if self.smooth is None or not self.smooth.parts.outer:
            message = f"the method '{self.method}' needs a smooth density, which this model does not have"
            hint = (
                "events over numbers, unbounded counts and many finite variables stand against it; leave --method out"
            )
            raise NesyError(Diagnostic("E596", message, hint=hint, place="--method"))
        return Decision(self.method, False, ASKED)

    @property
    def _by_density(self) -> tuple[str, ...]:
        """The methods of the cascade that a smooth density makes possible."""
        return CLIMBING if self.smooth is not None and self.smooth.parts.outer else ()

    @property
    def _reason(self) -> str:
        numbers = sum(v.domain is None and v.label not in self.graph.observed for v in self.graph.variables)
        if not numbers:
            return self._wide
        return "numbers that are neither jointly normal nor few enough for a grid"

    @property
    def _wide(self) -> str:
        found = width_of(self.graph, self.rows)
        if found is None:
            return "the finite variables are too entangled for tables: a function of them has too many entries"
        return f"the finite variables are too entangled for tables: the largest would join {found + 1} of them or more"

    @cached_property
    def smooth(self) -> Nested | None:
        """The model with a smooth density over its outer numbers; None if it has none."""
        return compile_nested(self._unread, decentred=True)

    @property
    def _unread(self) -> ModelGraph:
        """The model without evidence of percepts, by which its method is chosen."""
        return with_readings(self.graph, {}) if self.rows else self.graph

    # ----- inference

    def infer(
        self, readings: Mapping[str, Tensor], batch: int, *, seed: int, time_limit: float | None
    ) -> list[Inferred]:
        """The answer of each instance; ``readings`` are ``[batch, rows, values]`` by percept family."""
        if self.finite is not None:
            found = self.finite.infer(readings, batch)
            if not self.drawing:
                return found
            single = [self._single(readings, instance) for instance in range(batch)]
            return [with_draws(self.graph, self.rows, *pair, seed) for pair in zip(found, single, strict=True)]
        if self.rows and any(variable.domain is None for variable in unobserved(self.graph)):
            # numbers: each instance is a model of its own, whatever its method
            return [self._read(readings, instance, seed, time_limit) for instance in range(batch)]
        if self.nested is not None:
            integrated = self.nested.infer(torch.Generator().manual_seed(seed))
            if self.method == "quadrature" or self._plausible(integrated, seed):
                return [integrated] * batch
        return [self._sampled(readings, instance, seed, time_limit) for instance in range(batch)]

    def _read(self, readings: Mapping[str, Tensor], instance: int, seed: int, time_limit: float | None) -> Inferred:
        shares = {label: tensor.tolist() for label, tensor in (self._single(readings, instance) or {}).items()}
        part = Part(with_readings(self.graph, shares), {}, self.method, self.samples, self.drawing)
        return part.infer({}, 1, seed=seed, time_limit=time_limit)[0]

    def _plausible(self, found: Inferred, seed: int) -> bool:
        """Whether a quadrature agrees with a few weighted traces: a grid may miss what is far off and narrow."""
        if found.method == "gaussian":
            return True
        pilot = weighting.weigh(self.sieve, torch.Generator().manual_seed(seed), samples=PILOT)
        if pilot.effective < FEWEST_PILOT or found.log_evidence is None:
            return True
        apart = abs(pilot.log_evidence - found.log_evidence)
        return apart < 6 * pilot.evidence_error + found.log_evidence_error + 0.02

    def _sampled(self, readings: Mapping[str, Tensor], instance: int, seed: int, time_limit: float | None) -> Inferred:
        generator = torch.Generator().manual_seed(seed)
        deadline = inf if time_limit is None else time.perf_counter() + time_limit
        single = self._single(readings, instance)
        if self.method in SMOOTH:
            assert self.smooth is not None
            return self._by_gradients(self.method, self.smooth, generator, deadline)
        if self.method == "gibbs":
            return self._swept(generator, deadline, single)
        if self.method == "smc":
            return self._tempered(generator, deadline, single)
        if self.decision.method == "filter":
            found = filtering.infer(self.staged, generator, samples=self.samples, deadline=deadline, readings=single)
            over = found.status is Status.ESTIMATED or time.perf_counter() > deadline
            return found if over or self.method != "auto" else self._cascade(generator, deadline, single)
        found = weighting.infer(self.sieve, generator, samples=self.samples, deadline=deadline, readings=single)
        if found.status is not Status.UNKNOWN:
            return found
        if self.method != "auto":
            return _too_rare(found)
        return self._cascade(generator, deadline, single)

    def _cascade(self, generator: Generator, deadline: float, readings: Mapping[str, Tensor] | None) -> Inferred:
        """Where weighting and filtering do not reach: gradients for smooth densities, else a tempered population."""
        for method in self._by_density:
            assert self.smooth is not None
            found = self._by_gradients(method, self.smooth, generator, deadline)
            if found.status is Status.ESTIMATED or time.perf_counter() > deadline:
                return found
        if self.blocked is not None:
            found = self._swept(generator, deadline, readings)
            if found.status is Status.ESTIMATED or time.perf_counter() > deadline:
                return self._told(found)
        return self._told(self._tempered(generator, deadline, readings))

    def _told(self, found: Inferred) -> Inferred:
        """A refusal of a finite model says why there is no exact answer either."""
        if found.status is Status.ESTIMATED or any(v.domain is None for v in unobserved(self.graph)):
            return found
        hint = "let conditions and functions speak of fewer variables at once, or take them apart by further variables"
        return replace(found, remarks=(*found.remarks, Diagnostic("W599", self._wide, hint=hint)))

    def _swept(self, generator: Generator, deadline: float, readings: Mapping[str, Tensor] | None) -> Inferred:
        assert self.blocked is not None
        return gibbs.infer(self.blocked, generator, samples=self.samples, deadline=deadline, readings=readings)

    def _by_gradients(self, method: str, smooth: Nested, generator: Generator, deadline: float) -> Inferred:
        if method == "laplace":
            return laplace.infer(smooth, generator, samples=self.samples)
        if method == "svi":
            return variational.infer(smooth, generator, samples=self.samples, deadline=deadline)
        return chains.infer(smooth, generator, samples=self.samples, deadline=deadline)

    def _tempered(self, generator: Generator, deadline: float, readings: Mapping[str, Tensor] | None) -> Inferred:
        return tempering.infer(self.executor, generator, samples=self.samples, deadline=deadline, readings=readings)

    def _single(self, readings: Mapping[str, Tensor], instance: int) -> Mapping[str, Tensor] | None:
        if not readings:
            return None
        found: dict[str, Tensor] = {}
        for variable in self.graph.variables:
            if variable.family in readings and variable.label in self.rows:
                tensor = readings[variable.family]
                found[variable.label] = tensor[instance if len(tensor) > 1 else 0, self.rows[variable.label]]
        return found


def _too_rare(found: Inferred) -> Inferred:
    effective, traces = found.diagnostics["effective"], found.diagnostics["traces"]
    message = f"what is known is too rare for weighting: {effective} effective of {traces} traces"
    remark = Diagnostic("W599", message, hint="take --method smc, or leave --method out")
    return replace(found, remarks=(remark,))
