"""Systems of a set of rules, Y = Γ □ X (spec §1.3), solved without Γ: first form, by explicit matrices."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems import chebyshev, solutions


@dataclass(frozen=True, slots=True)
class RuleSystem:
    """The equations that samples give for the parameters of a set of rules.

    ``signs`` bool ``[cells, rules]``: whether the conclusion of the rule holds in the cell of the partition.
    ``possible``, ``excluded`` ``[..., samples, rules]``: λ and ρ, how possible premise and no premise are.
    ``targets`` ``[..., samples, cells]``: Y in [0, 1].
    ``columns`` int64 ``[2 · rules]``: which unknown s_1, r_1, s_2, r_2, … are; -1: none (not learned); equal numbers: one shared parameter.
    ``bound`` ``[..., samples, cells]``: the constant term of each equation, from rules whose parameters are fixed.
    ``shared``: False: one X for each leading index; True: one X for all of them.
    """

    signs: Tensor
    possible: Tensor
    excluded: Tensor
    targets: Tensor
    columns: Tensor
    bound: Tensor | None = None
    shared: bool = False

    @property
    def unknowns(self) -> int:
        """Number of unknowns in X."""
        return int(self.columns.max()) + 1 if len(self.columns) else 0


def explicit_matrix(system: RuleSystem) -> Tensor:
    """Γ ``[..., samples, cells, unknowns]``: in each row, the least of the entries that share an unknown, 1 where there are none."""
    own = torch.where(system.signs, system.possible[..., None, :], system.excluded[..., None, :])
    column = torch.where(system.signs, system.columns[0::2], system.columns[1::2]).expand(own.shape)
    matrix = own.new_ones((*own.shape[:-1], system.unknowns + 1))
    return matrix.scatter_reduce(-1, column % (system.unknowns + 1), own, "amin")[..., :-1]


def sample_distances(system: RuleSystem, *, keep: Tensor | None = None) -> Tensor:
    """∇^u ``[..., samples]`` of the equations of each sample alone; 0 for samples left out by ``keep [..., samples]``."""
    found = chebyshev.chebyshev_distance(explicit_matrix(system), system.targets, bound=system.bound)
    return found if keep is None else found.where(keep, found.new_zeros(()))


def row_distances(system: RuleSystem, *, keep: Tensor | None = None) -> Tensor:
    """∇_i ``[..., samples, cells]`` of each equation in the system of all samples; 0 for equations left out.

    ``keep`` is of samples ``[..., samples]`` or of single equations ``[..., samples, cells]``.
    """
    matrix, targets, bound = _stacked(system, keep)
    return chebyshev.row_distances(matrix, targets, bound=bound).view(system.targets.shape)


def distance(system: RuleSystem, *, keep: Tensor | None = None) -> Tensor:
    """∇ ``[...]`` of the system of all samples; one number if ``shared``. ``keep`` as in :func:`row_distances`."""
    matrix, targets, bound = _stacked(system, keep)
    return chebyshev.chebyshev_distance(matrix, targets, bound=bound)


def lowest_solution(system: RuleSystem, distance: Tensor, *, keep: Tensor | None = None) -> Tensor:
    """x_low ``[..., unknowns]`` at ``distance [...]``; an unknown that no equation pushes is 0."""
    matrix, targets, _ = _stacked(system, keep)
    return solutions.lowest_approximate_solution(matrix, targets, distance)


def lowest_targets(system: RuleSystem) -> Tensor:
    """``[..., samples, cells]``: each sample's own lowest Chebyshev approximation of its targets, from its own ∇^u."""
    matrix = explicit_matrix(system)
    alone = chebyshev.chebyshev_distance(matrix, system.targets, bound=system.bound)
    return solutions.lowest_approximation(matrix, system.targets, alone, bound=system.bound)


def _stacked(system: RuleSystem, keep: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Γ, targets and bound with one system for each X; equations left out hold for every x (0 □ x = … is bounded by 0)."""
    matrix, targets, bound = explicit_matrix(system), system.targets, system.bound
    if keep is not None:
        keep = keep if keep.dim() == targets.dim() else keep[..., None]
        nothing = targets.new_zeros(())
        bound = (targets.new_ones(()) if bound is None else bound).where(keep, nothing)
        targets = targets.where(keep, nothing)
    start = 0 if system.shared else targets.dim() - 2
    return (
        matrix.flatten(start, -2),
        targets.flatten(start, -1),
        None if bound is None else bound.expand(system.targets.shape).flatten(start, -1),
    )
