"""Systems of a set of rules without Γ against Γ made, and the theorems about them."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from nesy.solvers.possibilistic.systems import (
    RuleSystem,
    chebyshev_distance,
    lowest_approximate_solution,
    lowest_approximation,
    min_max,
    row_distances,
    rule_pieces,
    rule_system,
)
from tests.solvers.possibilistic.systems.cases import (
    RuleCase,
    explicit,
    explicit_matrix,
    numbers,
    rule_systems,
)


@given(rule_systems(), st.sampled_from([8, 1 << 17]))
def test_the_same_as_with_the_matrix(case: RuleCase, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule_pieces, "NUMBERS", size)
        matrix, targets, bound = explicit(case)
        expected = chebyshev_distance(matrix, targets, bound=bound)
        distance = rule_system.distance(case.system, keep=case.keep)
        assert torch.equal(distance, expected)
        unknowns = rule_system.lowest_solution(case.system, distance, keep=case.keep)
        assert torch.equal(unknowns, lowest_approximate_solution(matrix, targets, distance))
        rows = row_distances(matrix, targets, bound=bound).view(case.system.targets.shape)
        assert torch.equal(rule_system.row_distances(case.system, keep=case.keep), rows)
        everything = explicit(RuleCase(case.system, None))
        found = rule_system.min_max(case.system, unknowns).view(everything[1].shape)
        assert torch.equal(found, min_max(everything[0], unknowns, bound=everything[2]))
        off = (min_max(matrix, unknowns, bound=bound) - targets).abs().view(case.system.targets.shape).amax(-1)
        assert torch.equal(rule_system.residuals(case.system, unknowns, keep=case.keep), off)


@given(rule_systems(), st.sampled_from([0.0, 0.25, 0.5, None]))
def test_reaching_rows(case: RuleCase, threshold: float | None) -> None:
    rows = rule_system.row_distances(case.system, keep=case.keep)
    threshold = float(rows.max()) if threshold is None else threshold
    keep = torch.tensor(True) if case.keep is None else case.keep
    keep = keep[..., None] if keep.dim() == rows.dim() - 1 else keep
    found = rule_system.reaching_rows(case.system, threshold, keep=case.keep)
    assert torch.equal(found, (rows >= threshold) & keep)


@given(rule_systems())
def test_samples_alone(case: RuleCase) -> None:
    system, keep = case.system, case.keep
    keep = None if keep is None or keep.dim() == 3 else keep
    matrix = explicit_matrix(system)
    alone = chebyshev_distance(matrix, system.targets, bound=system.bound)
    low = lowest_approximation(matrix, system.targets, alone, bound=system.bound)
    if keep is not None:
        alone, low = alone * keep, low * keep[..., None]
    found = rule_system.sample_distances(system, keep=keep)
    assert torch.equal(found, alone)
    assert torch.equal(rule_system.lowest_targets(system, keep=keep), low)
    assert torch.equal(rule_system.lowest_targets(system, distances=found, keep=keep), low)


@given(rule_systems(keep="samples"))
def test_what_does_not_count_may_hold_anything(case: RuleCase) -> None:
    system, keep = case.system, case.keep
    assert keep is not None
    broken = replace(
        system,
        possible=system.possible.where(keep[..., None], torch.nan),
        targets=system.targets.where(keep[..., None], torch.nan),
    )
    distance = rule_system.distance(system, keep=keep)
    assert torch.equal(rule_system.distance(broken, keep=keep), distance)
    solution = rule_system.lowest_solution(system, distance, keep=keep)
    assert torch.equal(rule_system.lowest_solution(broken, distance, keep=keep), solution)
    for function in (rule_system.sample_distances, rule_system.row_distances, rule_system.lowest_targets):
        assert torch.equal(function(broken, keep=keep), function(system, keep=keep))


@given(st.integers(0, 2**32), st.integers(1, 3), st.booleans())
def test_tied_columns_against_a_search(seed: int, unknowns: int, limited: bool) -> None:
    """Degrees of five values: then ∇ and x_low are multiples of ⅛, and the search goes through all of these."""
    random = np.random.default_rng(seed)
    shapes = (2, 3), (2, 3), (2, 4)
    possible, excluded, targets = (torch.from_numpy(numbers(random, "tied", *shape)) for shape in shapes)
    signs = torch.from_numpy(random.random((4, 3)) < 0.5)
    columns = torch.from_numpy(random.integers(0, unknowns, 6))
    bound = torch.from_numpy(numbers(random, "tied", 2, 4)) if limited else None
    system = RuleSystem(signs, possible, excluded, targets, columns, bound)
    distance = rule_system.distance(system)
    best, lowest = 2.0, []
    for vector in product(np.arange(9) / 8, repeat=system.unknowns):
        worst = float((plain_conclusions(system, torch.tensor(vector)) - targets).abs().max())
        if worst < best:
            best, lowest = worst, []
        if worst == best:
            lowest.append(vector)
    assert float(distance) == best
    assert rule_system.lowest_solution(system, distance).tolist() == list(np.min(lowest, axis=0))


def plain_conclusions(system: RuleSystem, unknowns: Tensor) -> Tensor:
    """Y of the equations as they are written, rule by rule, for one X."""
    values = torch.ones_like(system.targets) if system.bound is None else system.bound.clone()
    for rule in range(system.signs.shape[1]):
        for sign, degrees in ((True, system.possible), (False, system.excluded)):
            place = int(system.columns[2 * rule + (not sign)])
            reached = torch.maximum(degrees[..., rule], unknowns[place])[..., None].expand(values.shape)
            values = torch.where(system.signs[:, rule] == sign, torch.minimum(values, reached), values)
    return values


def test_fixed_parameters_are_constant_terms() -> None:
    random = np.random.default_rng(3)
    possible, excluded = (torch.from_numpy(random.random((40, 4))) for _ in range(2))
    signs = torch.from_numpy(random.random((6, 4)) < 0.5)
    parameters = torch.from_numpy(random.random(8) / 2)
    free = RuleSystem(signs, possible, excluded, torch.zeros(40, 6, dtype=torch.float64), torch.arange(8))
    targets = rule_system.min_max(free, parameters)
    fixed = torch.tensor([2, 3, 6])
    columns = torch.arange(8)
    columns[fixed] = -1
    rest = columns >= 0
    columns[rest] = torch.arange(5)
    others = torch.full_like(torch.arange(8), -1)
    others[fixed] = torch.arange(3)
    bound = rule_system.min_max(replace(free, columns=others), parameters[fixed])
    system = replace(free, targets=targets, columns=columns, bound=bound)
    assert float(rule_system.distance(system)) == 0
    low = rule_system.lowest_solution(system, torch.zeros((), dtype=torch.float64))
    assert (low <= parameters[rest]).all()
    assert torch.equal(rule_system.min_max(system, low), targets)
    worse = rule_system.distance(replace(system, targets=(targets + 0.3).clamp(max=1)))
    assert float(worse) > 0  # the constant terms are too low now, and nothing can mend them


def product_rules(
    domain: int, attributes: int, samples: int, seed: int, sharp: float = 6.0
) -> tuple[RuleSystem, Tensor, Tensor]:
    """The rules "conclusion in {(…, v, …)} iff attribute = v"; the labels; how possible all but each value is."""
    random = np.random.default_rng(seed)
    values = torch.tensor(list(product(range(domain), repeat=attributes)))
    signs = (values[:, :, None] == torch.arange(domain)).flatten(1)
    labels = torch.from_numpy(random.integers(domain, size=(samples, attributes)))
    logits = torch.from_numpy(random.normal(0, 2, (samples, attributes, domain)))
    logits = logits.scatter_add(2, labels[..., None], torch.full((samples, attributes, 1), sharp, dtype=torch.float64))
    possible = logits.exp() / logits.exp().amax(2, keepdim=True)
    others = possible[..., None, :].masked_fill(torch.eye(domain, dtype=torch.bool), 0).amax(3)
    truth = (values == labels[:, None]).all(2).double()
    columns = torch.arange(2 * signs.shape[1])
    return RuleSystem(signs, possible.flatten(1), others.flatten(1), truth, columns), labels, others


@pytest.mark.parametrize(("domain", "attributes"), [(2, 2), (4, 2), (3, 3), (10, 1)])
@pytest.mark.parametrize("sharp", [0.0, 2.0, 6.0])
def test_closed_form_of_one_hot_targets(domain: int, attributes: int, sharp: float) -> None:
    """∇_c = min(least entry where c and the true cell differ, least max(a, min(½, 1 - a)) where they agree)."""
    system, labels, others = product_rules(domain, attributes, 60, 0, sharp)
    entries = torch.where(system.signs, system.possible[:, None], system.excluded[:, None])
    true = system.targets.argmax(1)
    agree = system.signs == system.signs[true][:, None]
    forced = torch.where(agree, torch.maximum(entries, (1 - entries).clamp(max=0.5)), entries).amin(2)
    expected = forced.where(system.targets == 0, torch.zeros(())).amax(1)
    found = rule_system.sample_distances(system)
    assert torch.equal(found, expected)
    assert torch.equal(found, chebyshev_distance(explicit_matrix(system), system.targets))
    doubt = others.gather(2, labels[..., None]).amax((1, 2))
    small = found < 0.5
    assert torch.equal(found[small], doubt[small])  # the possibility that some label is not the true one
    assert torch.equal(small, doubt < 0.5)


@pytest.mark.parametrize("targets", ["one-hot", "lowest"])
def test_clean_samples_teach_zero(targets: str) -> None:
    """Normalised readings that agree with their labels: the system is consistent, and its lowest solution is 0."""
    system, labels, _ = product_rules(4, 2, 200, 1)
    right = (system.possible.view(200, 2, 4).argmax(2) == labels).all(1)
    assert 150 < int(right.sum()) < 200
    alone = rule_system.sample_distances(system)
    low = rule_system.lowest_targets(system, distances=alone)
    zero = torch.zeros(system.unknowns, dtype=torch.float64)
    assert torch.equal(low[right], rule_system.min_max(system, zero)[right])
    if targets == "lowest":
        system = replace(system, targets=low)
        assert float(rule_system.distance(system, keep=right)) == 0
    distance = rule_system.distance(system, keep=right)
    assert torch.equal(rule_system.lowest_solution(system, distance, keep=right), zero)


def test_a_wrong_reading_is_as_far_off_as_can_be() -> None:
    system, labels, _ = product_rules(4, 2, 200, 1)
    wrong = (system.possible.view(200, 2, 4).argmax(2) != labels).any(1)
    assert (rule_system.sample_distances(system)[wrong] == 1).all()
    assert (rule_system.sample_distances(system)[~wrong] < 1).all()


def test_dropping_the_rows_that_reach_a_threshold() -> None:
    system, _, _ = product_rules(3, 2, 50, 4, 1.0)
    full = rule_system.distance(system)
    reaching = rule_system.reaching_rows(system, 0.9 * full)
    rest = rule_system.distance(system, keep=~reaching)
    assert reaching.any()
    assert rest < full
    solution = rule_system.lowest_solution(system, rest, keep=~reaching)
    residual = (rule_system.min_max(system, solution) - system.targets).abs()
    assert float(residual[~reaching].max()) == pytest.approx(float(rest), abs=1e-15)


def test_float32() -> None:
    system, _, _ = product_rules(3, 2, 50, 4, 1.0)
    single = replace(
        system, possible=system.possible.float(), excluded=system.excluded.float(), targets=system.targets.float()
    )
    distance = rule_system.distance(single)
    assert distance.dtype == torch.float32
    assert float(distance) == pytest.approx(float(rule_system.distance(system)), abs=1e-6)
    alone = rule_system.sample_distances(single)
    torch.testing.assert_close(alone.double(), rule_system.sample_distances(system), atol=1e-6, rtol=0)
    found = rule_system.min_max(single, rule_system.lowest_solution(single, distance))
    assert float((found - single.targets).abs().max()) == pytest.approx(float(distance), abs=1e-6)


@pytest.mark.parametrize("shape", [(0, 4), (3, 0)])
def test_no_systems_and_no_samples(shape: tuple[int, int]) -> None:
    degrees = torch.zeros(*shape, 2)
    system = RuleSystem(torch.eye(2).bool(), degrees, degrees, degrees, torch.arange(4))
    distance = rule_system.distance(system)
    assert distance.tolist() == [0] * shape[0]
    assert rule_system.lowest_solution(system, distance).shape == (shape[0], 4)
    assert rule_system.sample_distances(system).shape == shape
    assert rule_system.lowest_targets(system).shape == (*shape, 2)
