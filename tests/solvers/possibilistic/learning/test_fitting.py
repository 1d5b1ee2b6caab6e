"""What is learned, against the definitions: explicit Γ, every maximum and minimum as it stands.

Degrees are multiples of 1/64, so that all arithmetic is exact and results are compared for equality.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nesy.solvers.backend import Options
from nesy.solvers.ground_model import AllOf, AttributeLiteral, GroundModel
from nesy.solvers.possibilistic.dependencies import dependencies
from nesy.solvers.possibilistic.learning.estimates import estimator
from nesy.solvers.possibilistic.learning.fitting import Fitter
from nesy.solvers.possibilistic.learning.floors import with_parameters
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.learning.stages import cut
from nesy.solvers.possibilistic.learning.table import Table
from nesy.solvers.possibilistic.learning.targets import cell_targets
from nesy.solvers.possibilistic.learning.tasks import parameter_keys, tasks_of
from nesy.solvers.possibilistic.relation import rule_sets
from tests.effort import tries
from tests.solvers.possibilistic.direct import Direct
from tests.solvers.possibilistic.learning.test_stages import floors_of
from tests.solvers.possibilistic.random_models import Maker
from tests.solvers.possibilistic.test_engine import evidence

Matrix = NDArray[np.float64]
Node = tuple[int, int]


def exact(values: Matrix) -> Matrix:
    found: Matrix = np.round(values * 64) / 64
    return found


def marked(model: GroundModel, random: Random, share: float) -> GroundModel:
    """Some rules to learn, some tied to others on the same concept; the other parameters fixed, in steps of 1/64."""
    spans: dict[tuple[int, int], object] = {}
    rules = []
    for rule in model.uncertain:
        rule = replace(rule, s=round(rule.s * 64) / 64, r=round(rule.r * 64) / 64)
        if random.random() < 0.7:
            learn = random.choice([("s", "r"), ("s", "r"), ("s",), ("r",)])
            group = random.randrange(3)
            if random.random() < share:
                span = spans.setdefault((rule.conclusion.attribute, group), rule.origin.span)
                rule = replace(rule, origin=replace(rule.origin, span=span))  # type: ignore[arg-type]
            rule = replace(rule, learn=learn, group=(group,))  # type: ignore[arg-type]
        rules.append(rule)
    return replace(model, uncertain=tuple(rules))


@dataclass
class Equation:
    """One row: entries by parameter, target, constant bound, and its sample (with rule set)."""

    entries: dict[Hashable, float]
    target: float
    bound: float
    sample: tuple[Node, int]


def rows_of(
    model: GroundModel, node: Node, samples: list[dict[int, Matrix]], targets: Mapping[int, Matrix]
) -> list[Equation]:
    """The equations of one rule set under the parameters of ``model``."""
    depends = dependencies(model)
    rules = rule_sets(model)[node]
    looped = any(depends.is_loop(members) and node in members for members in depends.order)
    found = []
    for number, sample in enumerate(samples):
        direct = Direct(model, depends.order)
        direct.run(sample)
        clauses = [] if looped else depends.clauses.get(node, [])
        limits = np.ones(rules.partition.size) if not clauses else np.zeros(rules.partition.size)
        for clause in clauses:
            assert isinstance(clause.head, AttributeLiteral)
            for value in clause.head.values:
                limits[value] = max(limits[value], direct.possibility(AllOf(clause.body)))
        for cell, values in enumerate(rules.partition.cells):
            row = Equation({}, 0.0, max(limits[value] for value in values), (node, number))
            row.target = max(targets[node[0]][number, node[1], value] for value in values)
            for place, rule in enumerate(rules.rules):
                sign = bool(rules.partition.signs[cell, place])
                premise = rule.premise if sign else direct.negation(rule.premise)
                degree = direct.possibility(premise)
                key = parameter_keys(rule, every=False)[0 if sign else 1]
                if key is None:
                    row.bound = min(row.bound, max(degree, rule.s if sign else rule.r))
                else:
                    row.entries[key] = min(row.entries.get(key, 1.0), degree)
            found.append(row)
    return found


def row_distances(rows: list[Equation]) -> Matrix:
    """∇_i, with a bound: what it lacks of the target at once, and no more than it leaves above."""
    keys = sorted({key for row in rows for key in row.entries}, key=repr)
    d, k = np.array([row.target for row in rows]), np.array([row.bound for row in rows])
    g = np.array([[row.entries.get(key, 1.0) for key in keys] for row in rows]).reshape(len(rows), len(keys))
    found = np.ones(len(rows))
    for i in range(len(rows)):
        for j in range(len(keys)):
            pushed = np.minimum(np.maximum(d - d[i], 0) / 2, np.maximum(d - g[:, j], 0)).max()
            found[i] = min(found[i], max(g[i, j] - d[i], pushed, 0.0))
    result: Matrix = np.maximum(np.maximum(d - k, 0), np.minimum(np.maximum(k - d, 0), found))
    return result


def solved(rows: list[Equation], threshold: float | None) -> tuple[dict[Hashable, float], float]:
    """Samples by their own distance, then equations by theirs, then the lowest solution of what is left."""
    samples: dict[object, list[Equation]] = {}
    for row in rows:
        samples.setdefault(row.sample, []).append(row)
    if threshold is not None:
        rows = [row for mine in samples.values() if row_distances(mine).max() < threshold for row in mine]
        shares = row_distances(rows)
        rows = [row for row, share in zip(rows, shares, strict=True) if share < threshold]
    nabla = float(row_distances(rows).max()) if rows else 0.0
    found: dict[Hashable, float] = {}
    for row in rows:
        for key, entry in row.entries.items():
            lowered = max(row.target - nabla, 0.0)
            found[key] = max(found.get(key, 0.0), lowered if entry < lowered else 0.0)
    return found, nabla


def check(random: Random, share: float, threshold: float | None) -> bool:
    """Learn on a random program, and compare with the definitions; False if nothing is learned or nothing settles."""
    maker = Maker(random)
    model = marked(maker.model, random, share)
    if not any(rule.learn for rule in model.uncertain):
        return False
    samples = [{place: exact(rows) for place, rows in maker.degrees(normalised=True).items()} for _ in range(4)]
    targets = {}
    for place, attribute in enumerate(model.attributes):
        table = exact(
            np.array([[[random.random() ** 4 for _ in attribute.domain.values] for _ in attribute.index]] * 4)
        )
        table[random.random() < 0.5 and table < 0.9] = 0.0
        for row in table.reshape(-1, table.shape[-1]):
            row[random.randrange(len(row))] = 1.0
        targets[place] = table
    stages = cut(model)
    tasks = tasks_of(stages, len(samples), every=False)
    table = Table(stages, evidence(model, samples), len(samples), torch.float64, torch.device("cpu"))
    tensors = {place: torch.from_numpy(values) for place, values in targets.items()}
    learning = LearningOptions()

    def targets_of(places: object) -> torch.Tensor:
        sets = [stages.sets[place] for place in places]  # type: ignore[attr-defined]
        return cell_targets(tensors[sets[0].node[0]], sets)

    fitter = Fitter(
        table, tasks, floors_of(stages), targets_of, estimator(learning, Options()), learning.grid, 20, lambda *_: None
    )
    fitter._refuse_empty = lambda *_: None  # type: ignore[method-assign]
    fitter._refuse_contradictions = lambda *_: None  # type: ignore[method-assign]
    fitter.run({task.attribute: threshold for task in tasks}, raised=False)
    if not fitter.settled:
        return False
    learned = with_parameters(model, stages, fitter.floors)
    for place, task in enumerate(tasks):
        blocks = [list(task.sets)] if task.shared else [[one] for one in task.sets]
        for number, block in enumerate(blocks):
            rows = [row for one in block for row in rows_of(learned, stages.sets[one].node, samples, targets)]
            expected, nabla = solved(rows, threshold)
            assert float(fitter.fits[place].estimate.distance[number]) == nabla
            for one in block:
                for rule in rule_sets(learned)[stages.sets[one].node].rules:
                    for key, value in zip(parameter_keys(rule, every=False), (rule.s, rule.r), strict=True):
                        assert key is None or value == expected.get(key, 0.0)
    return True


@given(st.randoms(use_true_random=False), st.sampled_from([None, 0.3, 0.5, 0.8]))
@settings(max_examples=tries(20), deadline=None)
def test_against_the_definitions(random: Random, threshold: float | None) -> None:
    """General cells, products, cascades, fixed rules, `:-` rules on the same concept."""
    check(random, 0.0, threshold)


@pytest.mark.slow
@given(st.randoms(use_true_random=False), st.sampled_from([None, 0.5]))
@settings(max_examples=tries(20), deadline=None)
def test_shared_parameters_against_the_definitions(random: Random, threshold: float | None) -> None:
    """Rules that share parameters inside a rule set, across rule sets of different sign tables, and across stages."""
    check(random, 0.8, threshold)
