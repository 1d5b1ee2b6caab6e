"""The compiled probabilistic program: evidence in, posteriors out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import torch
from torch import Tensor

from nesy.dsl.checked import CheckedProgram
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
from nesy.solvers.probabilistic.building.build import Built, build
from nesy.solvers.probabilistic.explaining import conflict_explanation, explain
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.conflicts import conflicting, contradiction, impossible
from nesy.solvers.probabilistic.inference.part import Decision
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.inference.undefined import with_undefined
from nesy.solvers.probabilistic.model.expressions import Scalar
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.solvers.probabilistic.model.interventions import intervened
from nesy.solvers.probabilistic.model.questions import predictive, prior
from nesy.solvers.probabilistic.most_probable import check, most_probable
from nesy.solvers.probabilistic.pointwise import with_likelihood

MODES = {"posterior": None, "prior": prior, "predictive": predictive, "map": None}
"""What a program is asked for (``--mode``), with the graph that asks it where it is another one."""
UNSAID = Options().mode


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
        """The posteriors for one batch of percept distributions, ``[batch, *index shape, value]`` by percept name."""
        started = time.perf_counter()
        checked = check_evidence(self.model, evidence, device="cpu", dtype=torch.float64)
        readings = {
            attribute.name: checked[attribute.name].reshape(-1, len(attribute.index), len(attribute.domain))
            for attribute in self.built.percepts
        }
        batch = max((len(tensor) for tensor in readings.values()), default=1)
        if self.options.mode == "map":
            conflict = self._contradiction(readings) if impossible(self.chosen, readings) else None
            return most_probable(self.chosen, readings, batch, self.model.warnings, conflict, self.options.seed)
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
        if any(entry.status is Status.INFEASIBLE for entry in found):
            conflict = self._contradiction(readings)
            found = [replace(e, remarks=(conflict,)) if e.status is Status.INFEASIBLE else e for e in found]
        remarks = dict.fromkeys(remark for entry in found for remark in entry.remarks)
        return Answer(
            "probabilistic",
            results(self.graph, found),
            [entry.status for entry in found],
            statistics,
            (*self.model.warnings, *remarks),
            partial(self._explain, found, readings),
            details=[details(entry) for entry in found],
            drawer=partial(self._drawn, readings),
        )

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
        self, found: Sequence[Inferred], readings: Mapping[str, Tensor], instance: int, query: str | None
    ) -> tuple[Explanation, ...]:
        statement = Sources(self.checked.program).statement
        single = _only(readings, instance)
        if found[instance].status is Status.INFEASIBLE:
            return (conflict_explanation(conflicting(self.chosen, single), statement, instance),)
        if not found[instance].posteriors:
            return ()

        def infer(graph: ModelGraph) -> Inferred:
            chosen = Chosen(graph, self.chosen.rows, self.options.method, self.options.samples)
            return chosen.infer(single, 1, seed=self.options.seed, time_limit=self.options.time_limit)[0]

        return explain(self.graph, found[instance], infer, statement, instance, query)

    def listing(self) -> str:
        """The program as Python text that imports torch and pyro alone."""
        from nesy.solvers.probabilistic.emission.program import pyro_program

        sources = self.checked.program.sources
        title = Path(sources[0][0]).name if sources else ""
        return pyro_program(self.graph, Sources(self.checked.program).statement, title)


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
