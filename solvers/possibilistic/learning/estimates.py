"""From equations and the samples to keep, parameters: the one step of learning that can be exchanged.

An estimator takes a system, which samples ``[rule sets, samples]`` count, and a threshold for each system (infinite:
none). Systems are the rule sets one by one, or all of them as one where they share parameters; results have one entry
for each system.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch
from torch import Tensor

from nesy.solvers.backend import Options
from nesy.solvers.possibilistic.learning.options import LearningOptions
from nesy.solvers.possibilistic.learning.pooling import Pooling, pooled_parameters
from nesy.solvers.possibilistic.systems.rule_system import (
    RuleSystem,
    distance,
    lowest_solution,
    lowest_targets,
    reaching_rows,
    row_distances,
    sample_distances,
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """``parameters`` ``[systems, unknowns]``, ``distance`` ``[systems]`` (∇ of what was kept), ``kept`` ``[rule sets,
    samples]``, and how many equations of kept samples were dropped, ``[systems]``."""

    parameters: Tensor
    distance: Tensor
    kept: Tensor
    equations_dropped: Tensor


Solve: TypeAlias = Callable[[RuleSystem, Tensor, Tensor], Estimate]
Certain: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Estimator:
    """``solve`` takes a system, the samples to keep and thresholds.

    ``certain``, if not None, tells from the ∇ᵘ and from the residuals at X = 0 of the samples kept, both ``[systems,
    samples]``, in which systems ``solve`` would find X = 0, and with which ∇; these need not be solved.
    """

    solve: Solve
    certain: Certain | None = None


def estimator(learning: LearningOptions, options: Options) -> Estimator:
    """The estimator that the options ask for."""
    if learning.estimate == "pooled":
        pooling = replace(learning.pooling, transform=options.transform, ties=options.ties)
        return Estimator(lambda system, keep, _: pooled(system, keep, pooling))
    policy = Estimator(exact, _exact_zero) if learning.policy == "exact" else Estimator(reference, _reference_zero)
    if learning.estimator == "trimmed":
        share = learning.outliers
        return Estimator(lambda system, keep, limits: policy.solve(system, trimmed(system, keep, share), limits))
    return policy


def _exact_zero(alone: Tensor, at_zero: Tensor) -> tuple[Tensor, Tensor]:
    """∇ of the stack is at least that of each sample, and at most what X = 0 leaves; X = 0 where both agree."""
    found = alone.amax(1)
    return at_zero.amax(1) <= found, found


def _reference_zero(alone: Tensor, at_zero: Tensor) -> tuple[Tensor, Tensor]:
    """Where X = 0 is the lowest solution for each sample, it is that of their lowest approximations' stack: ∇ = 0."""
    return (at_zero <= alone).all(1), torch.zeros_like(alone[:, 0])


def compact(system: RuleSystem, keep: Tensor, systems: Tensor) -> tuple[RuleSystem, Tensor, Tensor]:
    """The rule sets ``systems`` (a mask; of a shared system all) with the samples that count first and as few others as
    may be.

    Also ``keep`` for them, and which samples ``[rule sets, samples left]`` they are.
    """
    rows = torch.arange(len(keep), device=keep.device) if system.shared else systems.nonzero()[:, 0]
    mine = keep[rows]
    order = mine.to(torch.int8).argsort(dim=1, descending=True, stable=True)[:, : int(mine.sum(1).max())]

    def taken(values: Tensor) -> Tensor:
        return values[rows[:, None], order]

    smaller = replace(
        system,
        possible=taken(system.possible),
        excluded=taken(system.excluded),
        targets=taken(system.targets),
        bound=None if system.bound is None else taken(system.bound.expand_as(system.targets)),
    )
    return smaller, taken(keep), order


def exact(system: RuleSystem, keep: Tensor, thresholds: Tensor) -> Estimate:
    """The lowest of the parameters that come closest to the targets of all equations kept.

    Equations whose distance reaches the threshold in the system of the kept samples are dropped. What is left has
    distances below it, since dropping equations never raises the distance of another; no parameters come closer to it
    than its ∇.
    """
    counted = keep
    found = distance(system, keep=keep)
    dropped = torch.zeros_like(thresholds, dtype=torch.int64)
    if bool((found.reshape(-1) >= thresholds).any()):
        reaching = reaching_rows(system, thresholds[0] if system.shared else thresholds, keep=keep)
        counted = keep[..., None] & ~reaching
        dropped = _per_system(system, (keep[..., None] & reaching).sum((-2, -1)))
        found = distance(system, keep=counted)
    parameters = lowest_solution(system, found, keep=counted)
    return Estimate(_listed(parameters, 2), _listed(found, 1), keep, dropped)


def reference(system: RuleSystem, keep: Tensor, thresholds: Tensor) -> Estimate:
    """The published procedure, steps 4 to 6: targets replaced by each sample's lowest approximation, the largest
    distance below the threshold taken for all equations."""
    system = replace(system, targets=lowest_targets(system))
    found = distance(system, keep=keep)
    if bool((found.reshape(-1) >= thresholds).any()):
        rows = row_distances(system, keep=keep)
        near = rows.where(rows < thresholds.view(-1, 1, 1), 0.0)
        found = near.amax((-2, -1))
        found = found.amax() if system.shared else found
    parameters = lowest_solution(system, found, keep=keep)
    return Estimate(_listed(parameters, 2), _listed(found, 1), keep, torch.zeros_like(thresholds, dtype=torch.int64))


def pooled(system: RuleSystem, keep: Tensor, pooling: Pooling) -> Estimate:
    """Parameters from frequencies in groups of alike samples, rule set by rule set; see :mod:`~.pooling`."""
    if system.shared:
        single = [(system, keep)]
    else:
        single = [
            (
                replace(
                    system,
                    possible=system.possible[place],
                    excluded=system.excluded[place],
                    targets=system.targets[place],
                    bound=None if system.bound is None else system.bound[place],
                ),
                keep[place],
            )
            for place in range(len(keep))
        ]
    found = [pooled_parameters(part, pooling, mine) for part, mine in single]
    distances = torch.tensor([entry.distance for entry in found], dtype=system.targets.dtype, device=keep.device)
    return Estimate(
        torch.stack([entry.parameters for entry in found]),
        distances,
        keep,
        torch.zeros(len(found), dtype=torch.int64, device=keep.device),
    )


def trimmed(system: RuleSystem, keep: Tensor, share: float) -> Tensor:
    """Which of the samples ``keep`` are left after trimming.

    At most the given share of each system's samples is left out, in one order: by the distance of the sample alone,
    then by the largest distance of its equations among all, then by its number; the worst first. ∇ of the rest does not
    increase along this order. It is taken as low as it gets within the share, and no more samples are left out than
    that takes.
    """
    alone = sample_distances(system).where(keep, -1.0)
    among = row_distances(system, keep=keep).amax(-1).where(keep, -1.0)
    rows = 1 if system.shared else len(keep)
    order = among.view(rows, -1).argsort(dim=1, descending=True, stable=True)
    order = order.gather(1, alone.view(rows, -1).gather(1, order).argsort(dim=1, descending=True, stable=True))
    ranks = torch.empty_like(order).scatter_(
        1, order, torch.arange(order.shape[1], device=order.device).expand_as(order)
    )

    def left(count: Tensor) -> Tensor:
        return keep & (ranks >= count[:, None]).view(keep.shape)

    budget = (keep.view(rows, -1).sum(1) * share).long()
    best = distance(system, keep=left(budget)).reshape(-1)
    low, high = torch.zeros_like(budget), budget
    while bool((low < high).any()):
        middle = (low + high) // 2
        enough = distance(system, keep=left(middle)).reshape(-1) <= best
        low, high = torch.where(enough, low, middle + 1), torch.where(enough, middle, high)
        low = torch.minimum(low, high)
    return left(high)


def _per_system(system: RuleSystem, counts: Tensor) -> Tensor:
    return counts.sum()[None] if system.shared else counts


def _listed(values: Tensor, dimensions: int) -> Tensor:
    """Results with a leading axis of systems."""
    return values if values.dim() == dimensions else values[None]
