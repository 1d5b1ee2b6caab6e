"""Which methods answer a model: it is taken apart into independent parts, and each is answered by its own best one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError, counted, did_you_mean
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.contradictions import interval_conflict
from nesy.solvers.probabilistic.inference.dividing import Division, divide, gathered
from nesy.solvers.probabilistic.inference.finite import Finite
from nesy.solvers.probabilistic.inference.joining import Answered, evaluated, joined
from nesy.solvers.probabilistic.inference.part import METHODS, Decision, Part
from nesy.solvers.probabilistic.inference.propositional import propositional_conflict
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.solvers.probabilistic.model.graph import Condition, Estimand, ModelGraph

DIVIDED = ("auto", "exact", "quadrature")
"""The methods for which a model is taken apart; one that samples draws all of it together."""
APART = 7919
"""Parts draw from streams whose seeds are this far apart."""


def decide(graph: ModelGraph, rows: Mapping[str, int] | None = None, method: str = "auto") -> Decision:
    """How a model is answered, without answering it; arguments as for :class:`Chosen`. Raises E523, E594 and E596."""
    return Chosen(graph, rows or {}, method).decision


@dataclass
class Chosen:
    """A model with the methods of its parts; the preparations that several instances share are made once.

    ``rows`` says which row of its family's evidence belongs to each percept. ``conflict`` is a smallest set of
    conditions that intervals, or logic and order, show to be impossible together. Raises E523 for an unknown method,
    E594 for an observed definition that no method can take, E596 for a method that does not fit the model.
    """

    graph: ModelGraph
    rows: Mapping[str, int]
    method: str = "auto"
    samples: int | None = None
    drawing: bool = False
    """Whether exact tables come with draws, as ArviZ wants them."""
    conflict: tuple[Condition, ...] = field(init=False)
    parts: tuple[Part, ...] = field(init=False, default=())
    asked: tuple[tuple[int, ...], ...] = field(init=False, default=())
    """For each part the places of its estimands among those of the model."""
    across: tuple[tuple[int, ...], ...] = field(init=False, default=())
    """The estimands that speak of several parts, in groups that speak of the same ones."""
    decision: Decision = field(init=False)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            hint = did_you_mean(self.method, METHODS) or f"the methods are {', '.join(METHODS)}"
            raise NesyError(Diagnostic("E523", f"there is no method '{self.method}'", hint=hint, place="--method"))
        self.conflict = interval_conflict(self.graph) or propositional_conflict(self.graph)
        if self.conflict:
            self.decision = Decision("none", True, "what is known cannot hold together")
            return
        self._divide()
        self.decision = self._decide()

    @property
    def finite(self) -> Finite | None:
        """The whole model, if it is finite and one part."""
        return self.parts[0].finite if len(self.parts) == 1 and not self.across else None

    # ----- parts

    @cached_property
    def division(self) -> Division:
        """The independent components of the model."""
        return divide(self.graph)

    def _divide(self) -> None:
        known = len(self.division.components) - 1
        taken: list[tuple[tuple[int, ...], Part]] = []
        for group in gathered(self.division) if self.method in DIVIDED else (tuple(range(known + 1)),):
            alone = self.method not in DIVIDED or sum(number != known for number in group) <= 1
            part = self._group(group, alone=alone)
            if part is None:
                # too entangled together: some of the components may be exact by themselves
                parts = [((number,), self._group((number,), alone=True)) for number in group if self._holds(number)]
                taken += [(own, each) for own, each in parts if each is not None]
            else:
                taken.append((group, part))
        taken = self._sampled_together(taken)
        self.parts = tuple(part for _, part in taken)
        self.asked = tuple(self._places(group) for group, _ in taken)
        local = {place for places in self.asked for place in places}
        across: dict[frozenset[int], list[int]] = {}
        for place, numbers in enumerate(self.division.asked):
            if place not in local:
                across.setdefault(numbers, []).append(place)
        self.across = tuple(map(tuple, across.values()))

    def _sampled_together(self, taken: list[tuple[tuple[int, ...], Part]]) -> list[tuple[tuple[int, ...], Part]]:
        """Parts of which one estimand speaks are one part if one of them is sampled: its traces answer the rest too."""
        for numbers in self.division.asked:
            involved = [(group, part) for group, part in taken if numbers & set(group)]
            if len(involved) > 1 and not all(part.decision.exact for _, part in involved):
                group = tuple(sorted(number for group, _ in involved for number in group))
                part = self._group(group, alone=True)
                if part is not None:
                    taken = [(group, part), *(entry for entry in taken if entry not in involved)]
        return taken

    def _holds(self, number: int) -> bool:
        """Whether there is anything in a component: the last one may be empty."""
        known = len(self.division.components) - 1
        return number != known or bool(self.division.part((known,), ()).conditions or self._places((known,)))

    def _part(self, graph: ModelGraph) -> Part:
        rows = {label: row for label, row in self.rows.items() if label in graph.by_label}
        return Part(graph, rows, self.method, self.samples, self.drawing)

    def _places(self, group: tuple[int, ...]) -> tuple[int, ...]:
        """The places of the estimands that speak of a group alone; constant ones go with what is known."""
        known = len(self.division.components) - 1
        return tuple(
            place
            for place, numbers in enumerate(self.division.asked)
            if (numbers <= set(group) if numbers else known in group)
        )

    def _group(self, group: tuple[int, ...], *, alone: bool) -> Part | None:
        """A part with its estimands, and behind them the variables from which estimands across parts are computed.

        None where it has no exact answer and is not ``alone``: it is worth taking apart.
        """
        if len(group) == len(self.division.components):
            graph = self.graph
        else:
            own = [self.graph.estimands[place] for place in self._places(group)]
            graph = self.division.part(group, (*own, *self._beside(group)))
        try:
            part = self._part(graph)
        except NesyError:
            if alone:
                raise
            return None
        return part if alone or part.decision.exact else None

    def _beside(self, group: tuple[int, ...]) -> tuple[Estimand, ...]:
        found: dict[str, Estimand] = {}
        for estimand, numbers in zip(self.graph.estimands, self.division.asked, strict=True):
            if not numbers <= set(group) and numbers & set(group):
                for source in self.division.free_sources(estimand):
                    if self.division.spanned((source.label,)) <= set(group):
                        found[source.label] = source
        return tuple(found.values())

    @cached_property
    def wholes(self) -> tuple[ModelGraph, ...]:
        """For each group of estimands across parts the model of all that it speaks of."""
        return tuple(
            self.division.part(self.division.asked[places[0]], [self.graph.estimands[place] for place in places])
            for places in self.across
        )

    @cached_property
    def _together(self) -> tuple[Part, ...]:
        return tuple(map(self._part, self.wholes))

    # ----- the decision

    def _decide(self) -> Decision:
        if len(self.parts) == 1 and not self.across:
            return self.parts[0].decision
        every = [*zip(self.asked, self.parts, strict=True), *zip(self.across, self._together, strict=True)]
        listed = [(self._named(places, part), part.decision) for places, part in every]
        exact = all(decision.exact for _, decision in listed)
        methods = dict.fromkeys(decision.method for _, decision in listed)
        reason = counted(len(self.parts), "independent part")
        then = dict.fromkeys(method for _, decision in listed for method in decision.then)
        return Decision(" + ".join(methods), exact, reason, tuple(then), tuple(listed))

    def _named(self, places: tuple[int, ...], part: Part) -> str:
        labels = [self.graph.estimands[place].label for place in places]
        if not labels:
            labels = [variable.label for variable in part.graph.variables]
        return _shortened(labels) if labels else "what is known"

    # ----- inference

    def infer(
        self, readings: Mapping[str, Tensor], batch: int, *, seed: int, time_limit: float | None
    ) -> list[Inferred]:
        """The answer of each instance; ``readings`` are ``[batch, rows, values]`` by percept family."""
        if self.conflict:
            return [Inferred("none", True, Status.INFEASIBLE, (), -inf)] * batch
        if len(self.parts) == 1 and not self.across:
            return self.parts[0].infer(readings, batch, seed=seed, time_limit=time_limit)
        deadline = inf if time_limit is None else time.perf_counter() + time_limit
        every = (*self.parts, *self._together)
        columns = []
        for number, part in enumerate(every):
            left = None if time_limit is None else max(deadline - time.perf_counter(), 0.0) / (len(every) - number)
            columns.append(part.infer(readings, batch, seed=seed + APART * number, time_limit=left))
        return [self._joined([column[instance] for column in columns]) for instance in range(batch)]

    def _joined(self, found: Sequence[Inferred]) -> Inferred:
        names = [self._named(places, part) for places, part in zip(self.asked, self.parts, strict=True)]
        parts = [
            Answered(name, places, part.graph, each)
            for name, places, part, each in zip(names, self.asked, self.parts, found[: len(self.parts)], strict=True)
        ]
        together = [
            evaluated(self.graph, places, part.graph, each, parts)
            for places, part, each in zip(self.across, self._together, found[len(self.parts) :], strict=True)
        ]
        return joined(self.graph, parts, together)


def _shortened(labels: Sequence[str]) -> str:
    return ", ".join(labels[:3]) + (", …" if len(labels) > 3 else "")
