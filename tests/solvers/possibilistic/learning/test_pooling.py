"""Pooled estimation: the theorems of its docstring, and what it does where the others fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nesy.solvers.possibilistic.learning.pooling import Pooling, attainable, pignistic, pooled_parameters
from nesy.solvers.possibilistic.systems.rule_system import RuleSystem, distance, lowest_solution, lowest_targets
from nesy.solvers.possibilistic.transform import possibility
from tests.effort import tries

EXAMPLES = settings(max_examples=tries(60), deadline=None)
BOTH = pytest.mark.parametrize("by", ["readings", "rules"])


def one_rule(premise: Tensor, holds: Tensor, unsure: Tensor) -> RuleSystem:
    """“if p then q”: whether p is read, whether q holds, and the degree of the other reading of p."""
    sure = torch.ones_like(unsure)
    return RuleSystem(
        signs=torch.tensor([[True], [False]]),
        possible=torch.where(premise, sure, unsure)[:, None],
        excluded=torch.where(premise, unsure, sure)[:, None],
        targets=torch.stack([holds, ~holds], 1).double(),
        columns=torch.tensor([0, 1]),
    )


def drawn(count: int, despite: float, fails: float, seed: int, unsure: float = 0.2) -> RuleSystem:
    """One rule whose conclusion holds at rate ``despite`` without the premise, and fails at ``fails`` with it."""
    random = torch.Generator().manual_seed(seed)
    premise = torch.rand(count, generator=random) < 0.5
    chance = torch.rand(count, generator=random)
    holds = torch.where(premise, chance >= fails, chance < despite)
    return one_rule(premise, holds, unsure * torch.rand(count, generator=random).double())


def one_for_each(readings: Tensor, labels: Tensor, values: int) -> RuleSystem:
    """“b = K iff a = K” for each K, for certain readings of a."""
    read = torch.nn.functional.one_hot(readings, values).double()
    return RuleSystem(
        signs=torch.eye(values, dtype=torch.bool),
        possible=read,
        excluded=1.0 - read,
        targets=torch.nn.functional.one_hot(labels, values).double(),
        columns=torch.arange(2 * values),
    )


samples = st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.0, 0.99)), min_size=1, max_size=30)


# ----- why: single labels tell the Chebyshev distance nothing


@EXAMPLES
@given(samples)
def test_labels_do_not_matter_to_the_chebyshev_distance(rows: list[tuple[bool, bool, float]]) -> None:
    premise, holds, unsure = zip(*rows, strict=True)
    system = one_rule(torch.tensor(premise), torch.tensor(holds), torch.tensor(unsure, dtype=torch.float64))
    assert lowest_solution(system, distance(system)).tolist() == [0.0, 0.0]
    approximated = replace(system, targets=lowest_targets(system))
    assert float(distance(approximated)) == 0.0
    assert lowest_solution(approximated, distance(approximated)).tolist() == [0.0, 0.0]


@EXAMPLES
@given(st.integers(0, 100_000))
def test_nor_in_any_rule_set_whose_readings_point_to_cells(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    signs = (torch.rand(6, 4, generator=random) < 0.5).unique(dim=0)
    cells = len(signs)
    read, labels = torch.randint(cells, (2, 12), generator=random)
    unsure = torch.rand(12, 4, generator=random, dtype=torch.float64)
    system = RuleSystem(
        signs=signs,
        possible=torch.where(signs[read], 1.0, unsure),
        excluded=torch.where(signs[read], unsure, 1.0),
        targets=torch.nn.functional.one_hot(labels, cells).double(),
        columns=torch.arange(8),
    )
    keep = torch.rand(12, generator=random) < 0.7
    assert not lowest_solution(system, distance(system, keep=keep), keep=keep).any()
    approximated = replace(system, targets=lowest_targets(system))
    assert not lowest_solution(approximated, distance(approximated, keep=keep), keep=keep).any()


def test_nor_do_rates_of_failure_to_the_other_solutions() -> None:
    for fails in (0.01, 0.1, 0.4):
        system = drawn(1_000, fails, fails, seed=1, unsure=0.0)
        certain = lowest_solution(system, torch.zeros((), dtype=torch.float64))
        assert certain.tolist() == [1.0, 1.0]
        moved = attainable(system)
        assert float(distance(moved)) == 0.5
        assert lowest_solution(moved, distance(moved)).tolist() == [0.5, 0.5]


# ----- what pooling gives


@EXAMPLES
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8))
def test_the_pignistic_probability_is_the_inverse_of_the_antipignistic(degrees: list[float]) -> None:
    distribution = torch.tensor([*degrees, 1.0], dtype=torch.float64)
    found = pignistic(distribution)
    assert float(found.sum()) == pytest.approx(1.0)
    assert possibility(found, "antipignistic", "symmetric").tolist() == pytest.approx(distribution.tolist(), abs=1e-9)


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize(("transform", "factor"), [("antipignistic", 2.0), ("specificity", 1.0)])
def test_rates_of_failure_are_recovered(by: str, transform: str, factor: float) -> None:
    for despite, fails in ((0.1, 0.2), (0.0, 0.3), (0.25, 0.05)):
        system = drawn(40_000, despite, fails, seed=3, unsure=0.0)
        found = pooled_parameters(system, Pooling(by, transform=transform))  # type: ignore[arg-type]
        assert found.parameters.tolist() == pytest.approx([factor * despite, factor * fails], abs=0.02)
        assert found.distance < 1e-9
        assert int(found.samples.sum()) == 40_000


@pytest.mark.slow
def test_the_error_shrinks_with_the_number_of_samples() -> None:
    errors = []
    for count in (100, 10_000):
        found = [pooled_parameters(drawn(count, 0.1, 0.2, seed), Pooling()).parameters for seed in range(20)]
        wanted = torch.tensor([0.2, 0.4], dtype=torch.float64)
        errors.append(float((torch.stack(found) - wanted).abs().mean()))
    assert errors[1] < errors[0] / 5


@BOTH
@EXAMPLES
@given(samples)
def test_without_exceptions_it_is_the_exact_result(by: str, rows: list[tuple[bool, bool, float]]) -> None:
    premise, _, unsure = zip(*rows, strict=True)
    read = torch.tensor(premise)
    system = one_rule(read, read, torch.tensor(unsure, dtype=torch.float64))
    found = pooled_parameters(system, Pooling(by, smallest=1))  # type: ignore[arg-type]
    assert found.parameters.tolist() == lowest_solution(system, distance(system)).tolist() == [0.0, 0.0]
    assert found.distance == 0.0


@EXAMPLES
@given(st.integers(0, 10_000))
def test_groups_of_one_sample_are_the_samples(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    order = torch.randperm(5, generator=random)
    system = one_for_each(order, torch.randint(5, (5,), generator=random), 5)
    soft = torch.rand(5, 5, generator=random, dtype=torch.float64)
    system = replace(system, targets=soft / soft.amax(1, keepdim=True))
    found = pooled_parameters(system, Pooling(smallest=1, solution="chebyshev"))
    alone = attainable(system)
    assert found.groups == 5
    assert found.distance == pytest.approx(float(distance(alone)), abs=1e-9)
    assert found.parameters.tolist() == pytest.approx(lowest_solution(alone, distance(alone)).tolist(), abs=1e-9)


@EXAMPLES
@given(st.integers(0, 10_000))
def test_the_parameters_are_the_lowest_that_cover_the_groups(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    shown, labels = torch.randint(4, (2, 40), generator=random)
    system = one_for_each(shown, labels, 4)
    found = pooled_parameters(system, Pooling(smallest=1)).parameters.view(4, 2)
    values = shown.unique().tolist()
    groups = [labels[shown == value].bincount(minlength=4).double() for value in values]
    wanted = [possibility(group / group.sum(), "antipignistic", "symmetric") for group in groups]
    for row, value in zip(wanted, values, strict=True):
        said = torch.minimum(found[:, 0], found[value, 1])
        said[value] = 1.0
        assert bool((said >= row - 1e-12).all())
        others = [float(other[value]) for other, where in zip(wanted, values, strict=True) if where != value]
        assert float(found[value, 0]) == pytest.approx(max(others, default=0.0))


def test_a_mistake_does_not_hide_another() -> None:
    """4 → 9 and 1 → 7 cannot both be said by parallel rules: ∇ > 0, which the Chebyshev solution takes from all."""
    random = torch.Generator().manual_seed(0)
    shown = torch.randint(10, (40_000,), generator=random)
    chance = torch.rand(40_000, generator=random)
    filed = torch.where((shown == 4) & (chance < 0.2), 9, torch.where((shown == 1) & (chance < 0.1), 7, shown))
    system = one_for_each(shown, filed, 10)
    covering = pooled_parameters(system, Pooling())
    assert covering.distance == pytest.approx(0.1, abs=0.02)
    pairs = covering.parameters.view(10, 2)
    assert [float(pairs[4, 1]), float(pairs[9, 0])] == pytest.approx([0.4, 0.4], abs=0.03)
    assert [float(pairs[1, 1]), float(pairs[7, 0])] == pytest.approx([0.2, 0.2], abs=0.03)
    closest = pooled_parameters(system, Pooling(solution="chebyshev")).parameters
    assert closest.tolist() == pytest.approx((covering.parameters - covering.distance).clamp(min=0.0).tolist())


@BOTH
def test_a_share_of_wrong_labels_changes_little(by: str) -> None:
    clean = drawn(2_000, 0.1, 0.2, seed=5, unsure=0.0)
    before = pooled_parameters(clean, Pooling(by)).parameters  # type: ignore[arg-type]
    for side in (0, 1):
        mine = (clean.excluded[:, 0] == (0.0 if side else 1.0)).nonzero()[:, 0]
        wrong = mine[: len(mine) // 20]
        targets = clean.targets.clone()
        targets[wrong] = targets[wrong].flip(1)
        after = pooled_parameters(replace(clean, targets=targets), Pooling(by)).parameters  # type: ignore[arg-type]
        assert float((after - before).abs().max()) <= 2 * 0.05 + 1e-9
        assert float(after[1 - side]) == float(before[1 - side])


@BOTH
def test_a_rule_that_mostly_fails_says_nothing(by: str) -> None:
    found = pooled_parameters(drawn(1_000, 0.7, 0.9, seed=0), Pooling(by))  # type: ignore[arg-type]
    assert found.parameters.tolist() == [1.0, 1.0]


def test_a_systematic_mistake_is_found_by_readings() -> None:
    random = torch.Generator().manual_seed(0)
    shown = torch.randint(10, (20_000,), generator=random)
    filed = torch.where((shown == 4) & (torch.rand(20_000, generator=random) < 0.2), 9, shown)
    system = one_for_each(shown, filed, 10)
    by_readings = pooled_parameters(system, Pooling()).parameters.view(10, 2)
    by_rules = pooled_parameters(system, Pooling("rules")).parameters.view(10, 2)
    wanted = torch.zeros(10, 2, dtype=torch.float64)
    wanted[4, 1] = wanted[9, 0] = 2 * float((filed == 9)[shown == 4].double().mean())
    assert torch.allclose(by_readings, wanted)
    assert 0.35 < float(wanted[4, 1]) < 0.46
    assert float(by_rules[4, 1]) == pytest.approx(float(wanted[4, 1]))
    assert float(by_rules[9, 0]) == pytest.approx(2 * float((filed == 9)[shown != 9].double().mean()))


# ----- odd cases


def test_a_rule_in_one_direction() -> None:
    """s = 1 is fixed: its half of the equations is a constant term, and only r is learned."""
    system = drawn(10_000, 0.5, 0.15, seed=2, unsure=0.0)
    bound = torch.where(system.signs[:, 0], torch.ones(1, dtype=torch.float64), 1.0).expand_as(system.targets)
    one_way = replace(system, columns=torch.tensor([-1, 0]), bound=bound)
    for by in ("readings", "rules"):
        found = pooled_parameters(one_way, Pooling(by))  # type: ignore[arg-type]
        assert found.parameters.tolist() == pytest.approx([0.3], abs=0.03)


def test_tied_rules_are_estimated_together() -> None:
    random = torch.Generator().manual_seed(1)
    shown = torch.randint(3, (20_000,), generator=random)
    wrong = torch.rand(20_000, generator=random) < 0.3
    labels = torch.where(wrong, (shown + torch.randint(1, 3, (20_000,), generator=random)) % 3, shown)
    tied = replace(one_for_each(shown, labels, 3), columns=torch.tensor([0, 1] * 3))
    together = pooled_parameters(tied, Pooling())
    assert together.parameters.tolist() == pytest.approx([0.45, 0.45], abs=0.03)
    assert together.samples.tolist() == [40_000, 20_000]
    apart = pooled_parameters(tied, Pooling("rules"))
    assert apart.parameters.tolist() == pytest.approx([0.3, 0.6], abs=0.03)


def test_samples_that_do_not_count() -> None:
    system = drawn(400, 0.1, 0.2, seed=4)
    expected = pooled_parameters(system, Pooling())
    undecided = replace(
        system,
        possible=torch.cat([system.possible, torch.ones(3, 1, dtype=torch.float64)]),
        excluded=torch.cat([system.excluded, torch.ones(3, 1, dtype=torch.float64)]),
        targets=torch.cat([system.targets, torch.tensor([[0.0, 1.0]] * 3, dtype=torch.float64)]),
    )
    found = pooled_parameters(undecided, Pooling())
    assert torch.equal(found.parameters, expected.parameters)
    assert found.left_out == 3
    without = replace(undecided, targets=undecided.targets.index_fill(0, torch.arange(10), torch.nan))
    keep = torch.arange(403) >= 10
    assert torch.equal(
        pooled_parameters(without, Pooling()).parameters, pooled_parameters(undecided, Pooling(), keep).parameters
    )


@BOTH
def test_rules_of_which_nothing_is_read(by: str) -> None:
    """Two concepts whose rules share their parameters, as one system of blocks: inert degrees for the other's rule."""
    first, second = drawn(4_000, 0.1, 0.2, seed=1), drawn(8_000, 0.2, 0.4, seed=2)
    zeros = torch.nn.functional.pad
    joint = RuleSystem(
        signs=torch.block_diag(first.signs.int(), second.signs.int()).bool(),
        possible=torch.cat([zeros(first.possible, (0, 1), value=1.0), zeros(second.possible, (1, 0), value=1.0)]),
        excluded=torch.cat([zeros(first.excluded, (0, 1), value=1.0), zeros(second.excluded, (1, 0), value=1.0)]),
        targets=torch.cat([zeros(first.targets, (0, 2)), zeros(second.targets, (2, 0))]),
        columns=torch.tensor([0, 1, 2, 1]),
        bound=torch.cat([zeros(torch.ones(4_000, 2), (0, 2)), zeros(torch.ones(8_000, 2), (2, 0))]).double(),
    )
    found = pooled_parameters(joint, Pooling(by)).parameters.tolist()  # type: ignore[arg-type]
    alone = [pooled_parameters(system, Pooling(by)).parameters.tolist() for system in (first, second)]  # type: ignore[arg-type]
    assert [found[0], found[2]] == pytest.approx([alone[0][0], alone[1][0]])
    if by == "readings":
        assert found[1] == pytest.approx(alone[1][1])
    else:
        assert found[1] == pytest.approx(2 * (0.2 + 2 * 0.4) / 3, abs=0.04)


def test_small_groups_are_left_to_the_rules() -> None:
    system = drawn(30, 0.1, 0.2, seed=4)
    found = pooled_parameters(system, Pooling(smallest=100))
    assert torch.equal(found.parameters, pooled_parameters(system, Pooling("rules")).parameters)
    assert (found.by, found.groups, found.left_out) == ("rules", 2, 0)


def test_a_parameter_without_a_large_group_is_left_to_its_rule() -> None:
    shown = torch.cat([torch.zeros(100, dtype=torch.int64), torch.ones(10, dtype=torch.int64)])
    labels = shown.clone()
    labels[-2:] = 0
    system = one_for_each(shown, labels, 2)
    found = pooled_parameters(system, Pooling())
    assert (found.by, found.groups, found.left_out) == ("readings", 1, 10)
    assert found.samples.tolist() == [10, 100, 100, 10]
    assert found.parameters.tolist() == pytest.approx([0.4, 0.0, 0.0, 0.4])


@BOTH
def test_nothing_to_learn_from(by: str) -> None:
    system = drawn(10, 0.1, 0.2, seed=4)
    found = pooled_parameters(system, Pooling(by), torch.zeros(10, dtype=torch.bool))  # type: ignore[arg-type]
    assert found.parameters.tolist() == [0.0, 0.0]
    assert found.samples.tolist() == [0, 0]
    assert (found.groups, found.left_out) == (0, 10)


def test_systems_that_share_their_parameters() -> None:
    system = drawn(400, 0.1, 0.2, seed=4)
    parts = replace(
        system,
        possible=system.possible.view(4, 100, 1),
        excluded=system.excluded.view(4, 100, 1),
        targets=system.targets.view(4, 100, 2),
        shared=True,
    )
    assert torch.equal(pooled_parameters(parts, Pooling()).parameters, pooled_parameters(system, Pooling()).parameters)
