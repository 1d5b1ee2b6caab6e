"""Learning the parameters of a rule file by each method, and answering with them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from data import Cases, Floats
from names import ATTAINABLE, BY_RULES, CLOSEST, KEEP_ALL, NOTHING, POOLED, SPECIFIC, THRESHOLD, TRIMMED
from torch import Tensor

from nesy.solvers.backend import Options
from nesy.solvers.ground_model import AttributeLiteral, GroundModel
from nesy.solvers.possibilistic import compile_model
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.learning.pooling import Pooling, attainable
from nesy.solvers.possibilistic.systems import RuleSystem
from nesy.solvers.possibilistic.systems.rule_system import distance, lowest_solution

VALIDATION = 0.25
"""Share of the training cases by which a threshold is chosen."""


@dataclass(frozen=True)
class Learned:
    """A model with parameters, ∇ by concept, the transformation to answer with."""

    model: GroundModel
    distances: dict[str, float]
    transform: str = "antipignistic"

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """(s, r) of the rules, in order."""
        return [(rule.s, rule.r) for rule in self.model.uncertain]


def infer(learned: Learned, cases: Cases) -> dict[str, Floats]:
    """Possibility of every queried concept, ``[cases, values]``."""
    answer = compile_model(learned.model, Options(transform=learned.transform)).infer(cases.evidence)
    return {name: result.possibility.numpy() for name, result in answer.items()}


def untouched(model: GroundModel) -> Learned:
    """The model with s = r = 0 everywhere."""
    return _with_pairs(model, [(0.0, 0.0)] * len(model.uncertain), {})


def learn(model: GroundModel, cases: Cases, method: str, outliers: float, seed: int) -> Learned:
    """Learn by the method of this name; ``outliers`` is what trimming is told, ``seed`` draws validation cases."""
    if method == NOTHING:
        return untouched(model)
    if method == ATTAINABLE:
        return _attainable(model, cases)
    transform = "specificity" if method == SPECIFIC else "antipignistic"
    engine = compile_model(model, Options(transform=transform))
    validation = None
    if method == THRESHOLD:
        share = int(VALIDATION * len(cases))
        held_out, cases = cases.split((share, -1), seed + 1)
        validation = (held_out.evidence, _targets(model, held_out))
    found = engine.learn(cases.evidence, _targets(model, cases), _options(method, outliers), validation=validation)
    distances = {entry.concept: round(entry.distance, 4) for entry in found.report.rule_sets}
    return Learned(found.model, distances, transform)


def _options(method: str, outliers: float) -> LearningOptions:
    return {
        KEEP_ALL: LearningOptions(threshold=None),
        THRESHOLD: LearningOptions(threshold="validation"),
        TRIMMED: LearningOptions(threshold=None, estimate="trimmed", outliers=outliers),
        POOLED: LearningOptions(estimate="pooled"),
        SPECIFIC: LearningOptions(estimate="pooled"),
        BY_RULES: LearningOptions(estimate="pooled", pooling=Pooling(by="rules")),
        CLOSEST: LearningOptions(estimate="pooled", pooling=Pooling(solution="chebyshev")),
    }[method]


def _targets(model: GroundModel, cases: Cases) -> dict[str, Tensor]:
    """Outcomes as certain distributions."""
    found = {}
    for name, outcomes in cases.outcomes.items():
        count = len(model.attributes[model.attribute_places[name]].domain)
        found[name] = torch.from_numpy(np.eye(count)[outcomes])
    return found


def _attainable(model: GroundModel, cases: Cases) -> Learned:
    """The Chebyshev solution of all samples, targets first moved into what a program's one rule can say."""
    (rule,) = model.uncertain
    assert isinstance(rule.premise, AttributeLiteral)
    engine = compile_model(model, Options())
    (degrees,) = engine.possibilities(cases.evidence).values()
    premise = torch.zeros(degrees.shape[-1], dtype=torch.bool)
    premise[list(rule.premise.values)] = True
    (outcomes,) = cases.outcomes.values()
    holds = torch.from_numpy(outcomes == rule.conclusion.values[0])
    system = attainable(
        RuleSystem(
            signs=torch.tensor([[True], [False]]),
            possible=degrees[:, premise].amax(1, keepdim=True),
            excluded=degrees[:, ~premise].amax(1, keepdim=True),
            targets=torch.stack([holds, ~holds], 1).double(),
            columns=torch.tensor([0, 1]),
        )
    )
    found = distance(system)
    s, r = lowest_solution(system, found).tolist()
    return _with_pairs(model, [(s, r)], {next(iter(cases.outcomes)): float(found)})


def _with_pairs(model: GroundModel, pairs: list[tuple[float, float]], distances: dict[str, float]) -> Learned:
    rules = [dataclasses.replace(rule, s=s, r=r) for rule, (s, r) in zip(model.uncertain, pairs, strict=True)]
    return Learned(dataclasses.replace(model, uncertain=tuple(rules)), distances)
