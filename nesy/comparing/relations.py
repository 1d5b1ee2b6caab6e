"""The relations between back ends, as functions of what these answer.

Each holds by the definitions of the back ends, whatever the program, under the condition that is named with it; what
need not hold is no relation but a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nesy.comparing.comparison import Check, Difference
from nesy.dsl.values import format_value
from nesy.solvers.answer import Answer, Result, Status

DUST = 1e-9
"""Degrees and probabilities that differ by less are equal."""
SEARCHING = ("asp", "integer")

TOGETHER = "all back ends find an instance infeasible, or none does"
SUPPORT = "what has a probability above 0 has a possibility above 0"
MODELS = "what has a probability above 0 is what holds in some answer set"
CERTAIN = "what has probability 1 is what holds in every answer set"
BETWEEN = "necessity ≤ probability ≤ possibility, for queries about one percept without restrictions"
COSTS = "the optima of answer sets and integer programs cost the same"
HEAVIEST = "the most probable world costs what the optimum costs"
OPTIMAL = "the value of an optimum is possible"
BEST = "where the optimum keeps every best reading, its values are most possible"
READINGS = "percepts without restrictions have one best value in all back ends"


@dataclass(frozen=True)
class Facts:
    """What relations need beside the answers.

    ``single`` are the labels of queries about one percept only, ``percepts`` those that are percepts;
    ``free[instance]`` tells that nothing restricts the readings: no constraint, and no rules that contradict one
    another. ``brave`` are all answer sets at once; ``heaviest[instance]`` is the cost of the most probable world, None
    where costs cannot be compared; ``tolerance`` how far two costs of one world may differ by rounding.
    """

    single: frozenset[str] = frozenset()
    percepts: frozenset[str] = frozenset()
    free: tuple[bool, ...] = ()
    brave: Answer | None = None
    heaviest: tuple[float, ...] | None = None
    tolerance: float = 0.0

    def is_free(self, instance: int) -> bool:
        """Whether nothing restricts the readings of an instance."""
        return instance < len(self.free) and self.free[instance]


def checks(answers: Mapping[str, Answer], facts: Facts, instance: int) -> Iterator[Check]:
    """All relations that can be checked in one instance."""
    yield from _statuses(answers, facts, instance)
    yield from _costs(answers, facts, instance)
    for label in labels(answers):
        row = Row({name: answer[label] for name, answer in answers.items()}, answers, facts, label, instance)
        yield from row.checks()


def differences(answers: Mapping[str, Answer], instance: int) -> Iterator[Difference]:
    """The queries that back ends answer with different values."""
    for label in labels(answers):
        values = {}
        for name, answer in answers.items():
            result = answer[label]
            if solved(answer, instance) and result.choice is not None:
                place = int(result.choice[instance])
                values[name] = format_value(result.domain.values[place]) if place >= 0 else "undecided"
        if len(set(values.values())) > 1:
            yield Difference(instance, label, values)


def labels(answers: Mapping[str, Answer]) -> list[str]:
    """The queries that every back end answers."""
    found = [
        dict.fromkeys(label for result in answer.results.values() for label in result.labels)
        for answer in answers.values()
    ]
    return [label for label in (found[0] if found else ()) if all(label in other for other in found)]


def solved(answer: Answer, instance: int) -> bool:
    """Whether an instance has an answer that is final."""
    return answer.status[instance] in (Status.SOLVED, Status.OPTIMAL)


def _statuses(answers: Mapping[str, Answer], facts: Facts, instance: int) -> Iterator[Check]:
    """Possibilistic degrees know no infeasibility: constraints are no part of them."""
    final = (Status.SOLVED, Status.OPTIMAL, Status.FEASIBLE, Status.INFEASIBLE)
    found = {name: answer.status[instance] for name, answer in answers.items() if name != "possibilistic"}
    if facts.brave is not None:
        found["answer sets"] = facts.brave.status[instance]
    known = {name: status is Status.INFEASIBLE for name, status in found.items() if status in final}
    if len(known) > 1:
        said = ", ".join(f"{name}: {'infeasible' if is_so else 'feasible'}" for name, is_so in known.items())
        yield Check(TOGETHER, instance, "", len(set(known.values())) == 1, said)


def _costs(answers: Mapping[str, Answer], facts: Facts, instance: int) -> Iterator[Check]:
    found = {}
    for name in SEARCHING:
        if name in answers and answers[name].status[instance] is Status.OPTIMAL:
            certificate = answers[name].certificates[instance]
            if certificate is not None:
                found[name] = certificate.costs
    if len(found) == len(SEARCHING):
        first, second = found.values()
        same = first.keys() == second.keys() and all(abs(first[level] - second[level]) < DUST for level in first)
        yield Check(COSTS, instance, "", same, f"asp: {dict(first)}, integer: {dict(second)}")
    if facts.heaviest is not None:
        for name, costs in found.items():
            paid, heaviest = costs.get(0, 0.0), facts.heaviest[instance]
            same = abs(paid - heaviest) <= facts.tolerance
            yield Check(HEAVIEST, instance, "", same, f"{name}: {paid:.6g}, probabilistic: {heaviest:.6g}")


@dataclass(frozen=True)
class Row:
    """One query of one instance: the result of each back end."""

    results: Mapping[str, Result]
    answers: Mapping[str, Answer]
    facts: Facts
    label: str
    instance: int

    def checks(self) -> Iterator[Check]:
        possible, necessary = self._numbers("possibilistic", "possibility"), self._numbers("possibilistic", "necessity")
        chances = self._numbers("probabilistic", "probability")
        if possible is not None and chances is not None:
            for value, chance in chances.items():
                detail = f"P({self.label} = {value}) = {chance:.6g}, Π = {possible[value]:.6g}"
                yield self._check(SUPPORT, chance <= DUST or possible[value] > 0, detail)
                if necessary is not None and self.label in self.facts.single and self.facts.is_free(self.instance):
                    between = necessary[value] - DUST <= chance <= possible[value] + DUST
                    yield self._check(BETWEEN, between, f"{detail}, N = {necessary[value]:.6g}")
        if chances is not None:
            yield from self._models(chances)
        yield from self._optima(possible, chances)
        if self.label in self.facts.percepts and self.facts.is_free(self.instance):
            yield from self._readings()

    def _models(self, chances: Mapping[str, float]) -> Iterator[Check]:
        brave = self.facts.brave
        if brave is None or not solved(brave, self.instance):
            return
        result = brave[self.label]
        assert result.possible is not None
        flags = dict(zip(chances, result.possible[self.instance].tolist(), strict=True))
        for value, chance in chances.items():
            detail = f"P({self.label} = {value}) = {chance:.6g}, {'some' if flags[value] else 'no'} answer set has it"
            yield self._check(MODELS, (chance > 0) == flags[value], detail)
        alone = sum(flags.values()) == 1
        for value, chance in chances.items():
            detail = f"P({self.label} = {value}) = {chance:.6g}, {'every' if alone and flags[value] else 'not every'}"
            if flags[value]:
                yield self._check(CERTAIN, (chance > 1 - DUST) or not alone, f"{detail} answer set has it")

    def _optima(self, possible: Mapping[str, float] | None, chances: Mapping[str, float] | None) -> Iterator[Check]:
        for name in SEARCHING:
            value = self._value(name)
            if value is None:
                continue
            if chances is not None:
                detail = f"{name}: {self.label} = {value}, P = {chances[value]:.6g}"
                yield self._check(OPTIMAL, chances[value] > 0, detail)
            if possible is not None:
                detail = f"{name}: {self.label} = {value}, Π = {possible[value]:.6g}"
                yield self._check(OPTIMAL, possible[value] > 0, detail)
                if self._keeps_readings(name):
                    yield self._check(BEST, possible[value] >= max(possible.values()) - DUST, detail)

    def _keeps_readings(self, name: str) -> bool:
        """Whether the optimum of a back end is free of cost at the level of the readings."""
        certificate = self.answers[name].certificates[self.instance]
        return certificate is not None and certificate.cost == 0

    def _readings(self) -> Iterator[Check]:
        """The best value of a percept, wherever one value is best."""
        values = {}
        for name, answer in self.answers.items():
            result = self.results[name]
            if solved(answer, self.instance) and result.choice is not None:
                values[name] = self._value(name)
        tied = any(value is None for value in values.values())
        if len(values) > 1 and not tied and self._margin() > DUST:
            said = ", ".join(f"{name}: {value}" for name, value in values.items())
            yield self._check(READINGS, len(set(values.values())) == 1, f"{self.label} is {said}")

    def _margin(self) -> float:
        """How much more probable (or possible) the best value is than the next; costs are rounded."""
        for name, measure in (("probabilistic", "probability"), ("possibilistic", "possibility")):
            numbers = self._numbers(name, measure)
            if numbers is not None:
                ranked = sorted(numbers.values(), reverse=True)
                least = 2 * self.facts.tolerance * ranked[0] if ranked else 0.0
                return ranked[0] - ranked[1] - least if len(ranked) > 1 else 1.0
        return 0.0

    def _value(self, name: str) -> str | None:
        """The answered value of a back end; None where it has none, or is not part of this."""
        if name not in self.results or not solved(self.answers[name], self.instance):
            return None
        result = self.results[name]
        place = -1 if result.choice is None else int(result.choice[self.instance])
        return format_value(result.domain.values[place]) if place >= 0 else None

    def _numbers(self, name: str, measure: str) -> dict[str, float] | None:
        """One number for each value, as far as the back end has the measure and an answer."""
        if name not in self.results or not solved(self.answers[name], self.instance):
            return None
        result = self.results[name]
        tensor = result.measures.get(measure)
        if tensor is None:
            return None
        return dict(zip(map(format_value, result.domain.values), tensor[self.instance].tolist(), strict=True))

    def _check(self, relation: str, holds: bool, detail: str) -> Check:
        return Check(relation, self.instance, self.label, holds, detail)
