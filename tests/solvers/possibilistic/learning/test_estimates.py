"""Estimators: shortcuts give what they cut short, trimming does what it says."""

from __future__ import annotations

from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nesy.solvers.backend import Options
from nesy.solvers.possibilistic.learning.estimates import compact, estimator, trimmed
from nesy.solvers.possibilistic.learning.learn import learn
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.systems.rule_system import RuleSystem, distance, residuals, sample_distances
from tests.effort import tries
from tests.solvers.possibilistic.learning.programs import hot, program, readings

EXAMPLES = settings(max_examples=tries(60), deadline=None)


def random_system(random: Random) -> tuple[RuleSystem, Tensor]:
    """A system in steps of 1/64 with samples left out; many of its samples are solved by X = 0."""
    sets, samples, rules, cells = (random.randint(1, 4) for _ in range(4))
    generator = torch.Generator().manual_seed(random.randrange(1 << 30))

    def degrees(*shape: int) -> Tensor:
        steps = torch.randint(0, 65, shape, generator=generator)
        crisp = torch.rand(shape, generator=generator) < 0.4
        return torch.where(crisp, (steps > 32) * 64, steps).double() / 64

    signs = torch.rand(cells, rules, generator=generator) < 0.5
    possible, excluded = degrees(sets, samples, rules), degrees(sets, samples, rules)
    lowest = torch.where(signs, possible[..., None, :], excluded[..., None, :]).amin(-1)
    meets = torch.rand(sets, samples, 1, generator=generator) < 0.6
    columns = torch.tensor([random.choice([-1, place]) for place in range(2 * rules)])
    numbers = {column: number for number, column in enumerate(sorted(set(columns.tolist()) - {-1}))}
    system = RuleSystem(
        signs=signs,
        possible=possible,
        excluded=excluded,
        targets=torch.where(meets, lowest, degrees(sets, samples, cells)),
        columns=torch.tensor([numbers.get(column, -1) for column in columns.tolist()]),
        bound=random.choice([None, degrees(sets, samples, cells)]),
        shared=random.random() < 0.5,
    )
    return system, torch.rand(sets, samples, generator=generator) < 0.8


@given(st.randoms(use_true_random=False), st.sampled_from(["exact", "reference"]))
@EXAMPLES
def test_what_is_certain_need_not_be_solved(random: Random, policy: str) -> None:
    """Where the residuals of X = 0 say so, solving gives X = 0 with the same ∇."""
    system, keep = random_system(random)
    found = estimator(LearningOptions(policy=policy), Options())  # type: ignore[arg-type]
    assert found.certain is not None
    count = 1 if system.shared else len(keep)
    unknowns = int(system.columns.max().clamp(min=-1)) + 1
    if not unknowns:
        return
    alone = sample_distances(system, keep=keep).view(count, -1)
    at_zero = residuals(system, torch.zeros(unknowns, dtype=torch.float64), keep=keep).view(count, -1)
    solved, nabla = found.certain(alone, at_zero)
    full = found.solve(system, keep, torch.full((count,), torch.inf, dtype=torch.float64))
    assert torch.equal(full.parameters[solved], torch.zeros_like(full.parameters[solved]))
    assert torch.equal(full.distance[solved], nabla[solved])


@given(st.randoms(use_true_random=False), st.sampled_from(["exact", "reference"]), st.sampled_from([0.25, 0.5, 2.0]))
@EXAMPLES
def test_samples_that_do_not_count_may_be_left_away(random: Random, policy: str, threshold: float) -> None:
    system, keep = random_system(random)
    if not bool((system.columns >= 0).any()):
        return
    solve = estimator(LearningOptions(policy=policy), Options()).solve  # type: ignore[arg-type]
    count = 1 if system.shared else len(keep)
    systems = torch.tensor([random.random() < 0.7 for _ in range(count)])
    if not bool(systems.any()) or not bool(keep.any()):
        return
    limits = torch.full((count,), threshold, dtype=torch.float64)
    full = solve(system, keep, limits)
    smaller, mine, order = compact(system, keep, systems)
    part = solve(smaller, mine, limits[systems])
    assert torch.equal(part.parameters, full.parameters[systems])
    assert torch.equal(part.distance, full.distance[systems])
    assert torch.equal(part.equations_dropped, full.equations_dropped[systems])
    rows = slice(None) if system.shared else systems
    assert torch.equal(torch.zeros_like(keep[rows]).scatter(1, order, part.kept), full.kept[rows])


@given(st.randoms(use_true_random=False), st.sampled_from([0.1, 0.3, 0.6]))
@EXAMPLES
def test_trimming_lowers_the_distance_with_as_few_samples_as_it_can(random: Random, share: float) -> None:
    system, keep = random_system(random)
    if not bool((system.columns >= 0).any()):
        return
    left = trimmed(system, keep, share)
    assert not bool((left & ~keep).any())
    count = 1 if system.shared else len(keep)
    out = (keep & ~left).view(count, -1).sum(1)
    budget = (keep.view(count, -1).sum(1) * share).long()
    assert bool((out <= budget).all())
    before, after = distance(system, keep=keep).view(-1), distance(system, keep=left).view(-1)
    assert bool((after <= before).all())
    assert bool((after < before)[out > 0].all())


def test_an_outlier_is_trimmed() -> None:
    """Nine samples agree with the readings, one does not: ∇ falls from 1 to what the readings leave open."""
    possible = torch.tensor([[1.0]] * 10, dtype=torch.float64)
    excluded = torch.tensor([[0.1]] * 10, dtype=torch.float64)
    targets = torch.tensor([[1.0, 0.0]] * 9 + [[0.0, 1.0]], dtype=torch.float64)
    system = RuleSystem(torch.tensor([[True], [False]]), possible, excluded, targets, torch.tensor([0, 1]), shared=True)
    keep = torch.ones(10, dtype=torch.bool)
    assert float(distance(system)) == 1.0
    assert trimmed(system, keep, 0.05).all()
    left = trimmed(system, keep, 0.4)
    assert left.tolist() == [True] * 9 + [False]
    assert float(distance(system, keep=left)) == 0.1


def expert(count: int, fails: float) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """A rule that fails at a known rate where its premise holds, and otherwise never."""
    random = Random(8)
    premise = [random.randrange(2) for _ in range(count)]
    holds = [int(p and random.random() >= fails) for p in premise]
    labels = hot(premise, 2)
    return {"a": readings(random, labels)}, {"c": hot(holds, 2)}


TEXT = "percept a : bool. concept c : bool. c iff a [learn]. query c."


@pytest.mark.parametrize(("transform", "expected"), [("antipignistic", 0.3), ("specificity", 0.15)])
def test_pooled_parameters_follow_the_rate_of_failure(transform: str, expected: float) -> None:
    data = expert(4000, 0.15)
    options = Options(transform=transform)
    learned = learn(program(TEXT), options, *data, LearningOptions(threshold=None, estimate="pooled"))
    (rule,) = learned.model.uncertain
    assert rule.r == pytest.approx(expected, abs=0.03)
    assert rule.s == 0.0
    plain = learn(program(TEXT), options, *data, LearningOptions(threshold=None))
    assert plain.model.uncertain[0].r == 0.0


def test_trimmed_samples_are_told() -> None:
    evidence, targets = expert(200, 0.05)
    learning = LearningOptions(threshold=None, outliers=0.1)
    report = learn(program(TEXT), Options(), evidence, targets, learning).report
    assert report.estimate == "trimmed"
    (entry,) = report.rule_sets
    (drop,) = entry.dropped
    flipped = (evidence["a"].argmax(1) != targets["c"].argmax(1)).nonzero()[:, 0].tolist()
    assert drop.reason == "trimmed"
    assert flipped
    assert set(flipped) <= set(drop.samples)
    assert len(drop.samples) <= 20
    assert entry.kept == 200 - len(drop.samples)
    assert entry.distance < 0.5
