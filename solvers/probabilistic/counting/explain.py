"""Explaining a posterior: which readings carry it, what comes next, which reading would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import exp
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from nesy.dsl.values import format_value
from nesy.solvers.answer import Status
from nesy.solvers.explanation import Alternative, Explanation, Reading, Step
from nesy.solvers.ground_model import GroundQuery
from nesy.solvers.probabilistic.counting.reasons import Reason, ReasonFinder

if TYPE_CHECKING:
    from nesy.solvers.probabilistic.counting.engine import CountingEngine

REASONS = 3
"""How many reasons are shown."""
SURE = 0.995
"""Readings that are at least so probable are not worth a word."""
LONGEST = 12
"""How many readings of a reason are named."""


def explain(
    engine: CountingEngine, evidence: Mapping[str, Tensor], instance: int, query: str | None
) -> tuple[Explanation, ...]:
    """Each query about more than a percept (or the one called ``query``); where nothing is possible, why."""
    given = {name: tensor.double().cpu() for name, tensor in evidence.items()}
    queries = [
        place
        for place, each in enumerate(engine.model.queries)
        if (each.label == query if query is not None else not _is_percept(engine, each))
    ]
    if query is not None and not queries:
        raise KeyError(f"'{query}' is not among the queries")
    if not queries:
        queries = list(range(len(engine.model.queries)))
    explainer = _Explainer(engine, given, instance)
    if explainer.total == -torch.inf:
        return (explainer.impossible(),)
    return tuple(explainer.query(place) for place in queries)


def _is_percept(engine: CountingEngine, query: GroundQuery) -> bool:
    return query.formula is None and engine.model.attributes[query.attribute].kind == "percept"


class _Explainer:
    def __init__(self, engine: CountingEngine, evidence: Mapping[str, Tensor], instance: int) -> None:
        self.engine, self.evidence, self.instance = engine, evidence, instance
        self.finder = ReasonFinder(engine.worlds, engine.options)
        with torch.no_grad():
            total, self.posteriors = self.finder.route.posteriors(evidence)
        self.total = float(total[0])

    def impossible(self) -> Explanation:
        """The constraints and readings that cannot hold together."""
        from nesy.solvers.logic.costs import readings
        from nesy.solvers.logic.explain import explain_without_model
        from nesy.solvers.logic.reading import ground_logic
        from nesy.solvers.logic.tasks import Task

        model = self.engine.model
        asked = self.engine.queries
        program = ground_logic(model.program, asked, whole=True)
        _, excluded = readings(program, self.evidence, 1).of(0)
        return explain_without_model(program, Task((), tuple(excluded)), Status.INFEASIBLE, self.instance)

    def query(self, place: int) -> Explanation:
        """Why a query has the distribution that it has."""
        query = self.engine.model.queries[place]
        shares = self.posteriors[place][0]
        ranked = sorted(range(len(shares)), key=lambda value: -float(shares[value]))
        best = ranked[0]
        reasons = self.finder.reasons(self.evidence, place, best, REASONS)
        other = None
        if len(ranked) > 1 and float(shares[ranked[1]]) > 0:
            other = self._alternative(place, best, ranked[1], float(shares[ranked[1]]))
        notes = []
        if self.engine.worlds.conditions and not self.engine.worlds.softs:
            notes.append(f"the constraints hold with probability {exp(self.total):.3g}; this is given that they do")
        if other is not None and float(shares[ranked[1]]) == float(shares[best]):
            notes.append("several values are equally probable")
        return Explanation(
            self.instance,
            query.label,
            self._value(place, best),
            "probability",
            float(shares[best]),
            tuple(self._step(reason, float(shares[best])) for reason in reasons),
            tuple(self._readings(reasons[0])) if reasons else (),
            other,
            notes=tuple(notes),
        )

    def _alternative(self, place: int, best: int, value: int, share: float) -> Alternative:
        reasons = self.finder.reasons(self.evidence, place, value, 1)
        steps = tuple(self._step(reason, share) for reason in reasons)
        readings = tuple(self._readings(reasons[0])) if reasons else ()
        return Alternative(self._value(place, value), share, steps, readings, self._contrast(place, best, value))

    def _contrast(self, place: int, best: int, value: int) -> str:
        """A sentence on the most probable single reading that would make ``value`` the most probable one."""
        changes = []
        given: dict[str, list[Tensor]] = {name: [] for name in self.evidence}
        for percept in self.finder.percepts:
            if self.engine.worlds.asked[place] == percept and self.engine.model.queries[place].formula is None:
                continue
            variable = self.engine.worlds.variables[percept]
            name = self.engine.model.attributes[variable.attribute].name
            row = self.evidence[name][0, variable.index]
            for other in range(len(row)):
                if 0 < float(row[other]) < 1:
                    changes.append((float(row[other]), percept, other))
                    for each, tensor in self.evidence.items():
                        changed = tensor[0].clone()
                        if each == name:
                            changed[variable.index] = torch.nn.functional.one_hot(torch.tensor(other), len(row))
                        given[each].append(changed)
        if not changes:
            return ""
        with torch.no_grad():
            _, answers = self.finder.route.posteriors({name: torch.stack(rows) for name, rows in given.items()})
        table = answers[place]
        flips = (table.argmax(1) == value) & (table[:, value] > table[:, best])
        turning = [change for change, flip in zip(changes, flips.tolist(), strict=True) if flip]
        if not turning:
            return "no single reading would make it the most probable value"
        chance, percept, other = max(turning)
        said = self._said(percept, other)
        return f"it would be the most probable value if {said} were certain (probability {chance:.3g})"

    # ----- words

    def _step(self, reason: Reason, share: float) -> Step:
        """A reason: its readings, how probable they are, and how much of what they support that is."""
        weight = exp(reason.log_weight - self.total)
        named = list(self._named(reason))
        shown = ", ".join(named[:LONGEST]) + (f" and {len(named) - LONGEST} more" if len(named) > LONGEST else "")
        part = f"{100 * min(1.0, weight / share):.3g} % of this" if share > 0 else ""
        return Step(shown or "every percept as it is read", weight, part)

    def _named(self, reason: Reason) -> Iterator[str]:
        """The readings that are not beyond doubt."""
        for percept, value in reason.values.items():
            if self._probability(percept, value) < SURE:
                yield self._said(percept, value)

    def _readings(self, reason: Reason) -> Iterator[Reading]:
        for percept, value in reason.values.items():
            chance = self._probability(percept, value)
            if chance < SURE:
                label = self.engine.worlds.variables[percept].label
                yield Reading(label, self._said(percept, value), chance, chance)

    def _probability(self, percept: int, value: int) -> float:
        variable = self.engine.worlds.variables[percept]
        name = self.engine.model.attributes[variable.attribute].name
        return float(self.evidence[name][0, variable.index, value])

    def _said(self, percept: int, value: int) -> str:
        variable = self.engine.worlds.variables[percept]
        domain = self.engine.model.attributes[variable.attribute].domain
        if domain.is_bool:
            return variable.label if domain.values[value] else f"not {variable.label}"
        return f"{variable.label} = {format_value(domain.values[value])}"

    def _value(self, place: int, value: int) -> str:
        query = self.engine.model.queries[place]
        if query.formula is not None:
            return "true" if value else "false"
        return format_value(self.engine.model.attributes[query.attribute].domain.values[value])
