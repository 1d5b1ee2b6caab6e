"""The compiled probabilistic program: evidence in, posteriors out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from torch import Tensor

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.devices import check_device
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Formula
from nesy.solvers.answer import Answer, Draws, Status
from nesy.solvers.backend import Options
from nesy.solvers.evidence import check_evidence
from nesy.solvers.explanation import Explanation
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.grounding.sources import Sources
from nesy.solvers.probabilistic.answering import details, results
from nesy.solvers.probabilistic.batches import answer_batch
from nesy.solvers.probabilistic.building.build import Built, build
from nesy.solvers.probabilistic.explaining import conflict_explanation, explain
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.conflicts import conflicting, contradiction, impossible
from nesy.solvers.probabilistic.inference.finite import Finite
from nesy.solvers.probabilistic.inference.part import Decision
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.inference.undefined import undefined_remark, with_undefined
from nesy.solvers.probabilistic.model.expressions import Scalar
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.model.interventions import intervened
from nesy.solvers.probabilistic.model.questions import predictive, prior
from nesy.solvers.probabilistic.most_probable import check, most_probable
from nesy.solvers.probabilistic.pointwise import with_likelihood

MODES = {"posterior": None, "prior": prior, "predictive": predictive, "map": None}
"""What a program is asked for (``--mode``), with the graph that asks it where it is another one."""
UNSAID = Options().mode
MOST_CONFLICTS = 10
"""Infeasible instances of a batch of which it is said what cannot hold together."""


@dataclass(frozen=True)
class ProbabilisticEngine:
    """Answers batches of evidence; a program without percepts has one instance."""

    checked: CheckedProgram
    built: Built
    options: Options
    chosen: Chosen
    compile_seconds: float

    @property
    def graph(self) -> ModelGraph:
        """The ground program."""
        return self.built.graph

    @property
    def decision(self) -> Decision:
        """The method of inference, and why."""
        return self.chosen.decision

    @cached_property
    def model(self) -> GroundModel:
        """The percepts and crisp relations, as every engine shows them."""
        facts: dict[str, tuple[tuple[Scalar, ...], ...]] = {}
        for (name, _), rows in self.built.facts.rows.items():
            if name not in self.checked.types:
                facts[name] = (*facts.get(name, ()), *rows)
        return GroundModel(self.checked, self.built.percepts, facts, (), (), (), (), self.built.warnings)

    def infer(self, evidence: Mapping[str, Tensor]) -> Answer:
        """The posteriors for one batch of percept distributions, ``[batch, *index shape, value]`` by percept name.

        Of a finite model over percepts they have gradients to the readings, as ``statistics["log_evidence"]`` has,
        ``[batch]``, and lie on their device.
        """
        started = time.perf_counter()
        whole = self.options.mode != "map" and self.chosen.finite is not None and bool(self.built.percepts)
        device = self.options.device if whole else "cpu"
        checked = check_evidence(self.model, evidence, device=device, dtype=torch.float64)
        readings = {
            attribute.name: checked[attribute.name].reshape(-1, len(attribute.index), len(attribute.domain))
            for attribute in self.built.percepts
        }
        batch = max((len(tensor) for tensor in readings.values()), default=1)
        if self.options.mode == "map":
            conflict = self._contradiction(readings) if impossible(self.chosen, readings) else None
            return most_probable(self.chosen, readings, batch, self.model.warnings, conflict, self.options.seed)
        if whole and self.chosen.finite is not None:
            return self._batched(self.chosen.finite, readings, batch, started)
        found = self.chosen.infer(readings, batch, seed=self.options.seed, time_limit=self.options.time_limit)
        found = [with_undefined(self.graph, entry) for entry in found]
        statistics = {
            "seconds": time.perf_counter() - started,
            "compile_seconds": self.compile_seconds,
            "method": [entry.method for entry in found],
            "exact": self.decision.exact,
            "reason": self.decision.reason,
            "log_evidence": [entry.log_evidence for entry in found],
            "log_evidence_error": [entry.log_evidence_error for entry in found],
            "diagnostics": [dict(entry.diagnostics) for entry in found],
        }
        conflicts = self._conflicts([entry.status for entry in found], readings)
        found = [replace(entry, remarks=conflicts.get(i, entry.remarks)) for i, entry in enumerate(found)]
        remarks = dict.fromkeys(remark for entry in found for remark in entry.remarks)
        return Answer(
            "probabilistic",
            results(self.graph, found),
            [entry.status for entry in found],
            statistics,
            (*self.model.warnings, *remarks),
            partial(self._explain, found.__getitem__, readings),
            details=[details(entry) for entry in found],
            drawer=partial(self._drawn, readings),
        )

    def _batched(self, finite: Finite, readings: Mapping[str, Tensor], batch: int, started: float) -> Answer:
        """As :meth:`infer`, for a finite model over percepts: no loop over instances."""
        found = answer_batch(finite, readings, batch)
        readings = {name: tensor.detach().cpu() for name, tensor in readings.items()}
        evidences = found.log_evidence.detach().tolist()
        status = [Status.SOLVED if evidence > -torch.inf else Status.INFEASIBLE for evidence in evidences]
        conflicts = self._conflicts(status, readings)
        order = finite.elimination.order
        diagnostics = {"width": order.width, "largest_table": order.largest}
        every = [
            Inferred("elimination", True, each, (), evidence, 0.0, diagnostics, conflicts.get(instance, ()))
            for instance, (each, evidence) in enumerate(zip(status, evidences, strict=True))
        ]
        remarks = dict.fromkeys(remark for entry in every for remark in entry.remarks)
        warnings = (*self.model.warnings, *remarks)
        if found.undefined:
            warnings = (*warnings, undefined_remark(found.undefined))

        def inferred(instance: int) -> Inferred:
            return self.chosen.infer(_only(readings, instance), 1, seed=self.options.seed, time_limit=None)[0]

        return Answer(
            "probabilistic",
            dict(found.results),
            status,
            {
                "seconds": time.perf_counter() - started,
                "compile_seconds": self.compile_seconds,
                "method": ["elimination"] * batch,
                "exact": True,
                "reason": self.decision.reason,
                "log_evidence": found.log_evidence,
                "log_evidence_error": [0.0] * batch,
                "diagnostics": [diagnostics] * batch,
            },
            warnings,
            partial(self._explain, inferred, readings),
            details=[details(entry) for entry in every],
            drawer=partial(self._drawn, readings),
        )

    def _conflicts(self, status: Sequence[Status], readings: Mapping[str, Tensor]) -> dict[int, tuple[Diagnostic, ...]]:
        """What cannot hold together in infeasible instances, told of the first ones."""
        impossible_ = [instance for instance, each in enumerate(status) if each is Status.INFEASIBLE]
        return {each: (self._contradiction(_only(readings, each)),) for each in impossible_[:MOST_CONFLICTS]}

    def _drawn(self, readings: Mapping[str, Tensor], instance: int) -> Draws | None:
        return with_likelihood(
            self.chosen, _only(readings, instance), seed=self.options.seed, time_limit=self.options.time_limit
        )

    # ----- what cannot be, what if, and why

    def _contradiction(self, readings: Mapping[str, Tensor]) -> Diagnostic:
        return contradiction(conflicting(self.chosen, {name: tensor[:1] for name, tensor in readings.items()}))

    def intervened(self, settings: Mapping[str, Scalar]) -> ProbabilisticEngine:
        """The engine of the program in which nodes are set from outside. Raises E598 and E592."""
        graph = intervened(self.graph, settings)
        built = replace(self.built, graph=graph)
        chosen = Chosen(graph, self.chosen.rows, self.options.method, self.options.samples)
        return replace(self, built=built, chosen=chosen)

    def _explain(
        self, inferred: Callable[[int], Inferred], readings: Mapping[str, Tensor], instance: int, query: str | None
    ) -> tuple[Explanation, ...]:
        statement = Sources(self.checked.program).statement
        single = _only(readings, instance)
        found = inferred(instance)
        if found.status is Status.INFEASIBLE:
            return (conflict_explanation(conflicting(self.chosen, single), statement, instance),)
        if not found.posteriors:
            return ()

        def infer(graph: ModelGraph) -> Inferred:
            chosen = Chosen(graph, self.chosen.rows, self.options.method, self.options.samples)
            return chosen.infer(single, 1, seed=self.options.seed, time_limit=self.options.time_limit)[0]

        return explain(self.graph, found, infer, statement, instance, query)

    def listing(self) -> str:
        """The program as Python text that imports torch and pyro alone."""
        from nesy.solvers.probabilistic.emission.program import pyro_program

        sources = Sources(self.checked.program)
        return pyro_program(self.graph, sources.statement, sources.title)


def _only(readings: Mapping[str, Tensor], instance: int) -> dict[str, Tensor]:
    """The readings of one instance."""
    return {name: tensor[instance : instance + 1] if len(tensor) > 1 else tensor for name, tensor in readings.items()}


def compile_graph(
    checked: CheckedProgram, queries: Sequence[Query] | None, options: Options, *, given: Sequence[Formula] = ()
) -> ProbabilisticEngine:
    """Build the model graph of a program with random variables and choose its method of inference.

    ``given`` is observed on top of what the program observes.
    """
    started = time.perf_counter()
    check_device(options.device, torch.cuda.device_count)
    if options.mode not in (*MODES, UNSAID):
        hint = did_you_mean(options.mode, MODES) or f"the modes are {', '.join(MODES)}"
        raise NesyError(Diagnostic("E523", f"there is no mode '{options.mode}'", hint=hint, place="--mode"))
    built = build(checked, queries, given=given, strict=options.strict)
    asking = MODES.get(options.mode)
    if asking is not None:
        built = replace(built, graph=asking(built.graph))
    rows = {attribute.label(place): place for attribute in built.percepts for place in range(len(attribute.index))}
    chosen = Chosen(built.graph, rows, options.method, options.samples)
    if options.mode == "map":
        check(chosen)
    return ProbabilisticEngine(checked, built, options, chosen, time.perf_counter() - started)
