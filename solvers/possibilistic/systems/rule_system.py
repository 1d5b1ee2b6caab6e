"""Systems of a set of rules, Y = Γ □ X, whose matrix Γ is never made.

A sample u with premise degrees (λ, ρ) and targets Y gives one equation for each cell c of the partition of the
concept's domain: Y_c = min_i (max(s_i, λ_i) if the conclusion of rule i holds in c, else max(r_i, ρ_i)). The unknowns
X are the parameters.

Throughout, ``keep`` says what counts, as bool ``[..., samples]`` or, where equations of several samples make one
system, also
``[..., samples, cells]``. What does not count is not copied, its targets may be anything, and its distance is 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems import rule_pieces
from nesy.solvers.possibilistic.systems.rule_layout import Piece, RuleSystem
from nesy.solvers.possibilistic.systems.rule_rows import (
    conclusions,
    highest_of_piece,
    reaching_rows_of_piece,
    row_distances_of_piece,
)

__all__ = [
    "RuleSystem",
    "distance",
    "lowest_solution",
    "lowest_targets",
    "min_max",
    "reaching_rows",
    "residuals",
    "row_distances",
    "sample_distances",
]


def sample_distances(system: RuleSystem, *, keep: Tensor | None = None) -> Tensor:
    """∇^u ``[..., samples]`` of the equations of each sample alone."""
    flat = rule_pieces.flat_rules(system, keep, alone=True)
    found = flat.targets.new_zeros(len(flat.targets))
    for (batch, _), piece in flat.pieces():
        found[batch] = rule_pieces.distance_alone(piece)
    return found.view(flat.lead)


def distance(system: RuleSystem, *, keep: Tensor | None = None) -> Tensor:
    """∇ ``[...]`` of the system of all samples; one number if ``shared``."""
    flat = rule_pieces.flat_rules(system, keep)
    start = flat.targets.new_zeros(len(flat.targets))
    return rule_pieces.raised(start, rule_pieces.maxima_of(flat), flat).view(flat.lead)


def row_distances(system: RuleSystem, *, keep: Tensor | None = None) -> Tensor:
    """∇_i ``[..., samples, cells]`` of each equation in the system of all samples."""
    flat = rule_pieces.flat_rules(system, keep)
    found = torch.empty_like(flat.targets)
    maxima = rule_pieces.maxima_of(flat)
    for place, piece in flat.pieces():
        rows = row_distances_of_piece(maxima.part(place[0]), piece)
        found[place] = piece.samples_last(rows)
    return found.view(system.targets.shape)


def reaching_rows(system: RuleSystem, threshold: Tensor | float, *, keep: Tensor | None = None) -> Tensor:
    """Whether ∇_i ≥ ``threshold [...]``, bool ``[..., samples, cells]``: faster than :func:`row_distances`."""
    flat = rule_pieces.flat_rules(system, keep)
    given = torch.as_tensor(threshold, dtype=flat.targets.dtype, device=flat.targets.device)
    least = given.expand(flat.lead).reshape(-1)
    found = torch.empty(flat.targets.shape, dtype=torch.bool, device=flat.targets.device)
    maxima = rule_pieces.maxima_of(flat)
    for place, piece in flat.pieces():
        rows = reaching_rows_of_piece(least[place[0]], maxima.part(place[0]), piece)
        found[place] = piece.samples_last(rows)
    return found.view(system.targets.shape)


def lowest_solution(system: RuleSystem, distance: Tensor, *, keep: Tensor | None = None) -> Tensor:
    """x_low ``[..., unknowns]`` at ``distance [...]``; an unknown that no equation pushes is 0."""
    flat = rule_pieces.flat_rules(system, keep)
    least = distance.expand(flat.lead).reshape(-1)
    highest = rule_pieces.highest(least, flat)
    return (highest - least[:, None]).clamp_(min=0).view(*flat.lead, flat.layout.columns.unknowns)


def min_max(system: RuleSystem, unknowns: Tensor) -> Tensor:
    """Γ □ X ``[..., samples, cells]`` for ``unknowns [..., M]``, whatever the targets are."""
    flat = rule_pieces.flat_rules(system, None)
    found = torch.empty_like(flat.targets)
    for place, piece, values in _with_unknowns(flat, unknowns):
        found[place] = piece.samples_last(conclusions(piece, values))
    return found.view(system.targets.shape)


def residuals(system: RuleSystem, unknowns: Tensor, *, keep: Tensor | None = None) -> Tensor:
    """``[..., samples]``: how far Γ □ X is from the targets of each sample at most, for ``unknowns [..., M]``."""
    flat = rule_pieces.flat_rules(system, keep)
    found = flat.targets.new_empty(flat.targets.shape[:2])
    for place, piece, values in _with_unknowns(flat, unknowns):
        worst = piece.where_kept((conclusions(piece, values) - piece.targets).abs_())
        found[place] = worst.amax(0).view(piece.systems, piece.samples)
    return found.view(system.targets.shape[:-1])


def _with_unknowns(flat: rule_pieces.FlatRules, unknowns: Tensor) -> Iterator[tuple[rule_pieces.Place, Piece, Tensor]]:
    """The pieces, each with the ``unknowns [..., M]`` of its samples, ``[M, n]``."""
    known = flat.layout.columns.unknowns
    values = unknowns.expand(*flat.lead, known).reshape(len(flat.targets), known)
    for place, piece in flat.pieces():
        yield place, piece, values[place[0]].T.repeat_interleave(piece.samples, 1)


def lowest_targets(system: RuleSystem, *, distances: Tensor | None = None, keep: Tensor | None = None) -> Tensor:
    """``[..., samples, cells]``: each sample's own lowest Chebyshev approximation of its targets.

    ``distances [..., samples]`` are the samples' ∇^u, if known already. Samples that do not count get 0.
    """
    alone = (sample_distances(system, keep=keep) if distances is None else distances).reshape(-1)
    flat = rule_pieces.flat_rules(system, keep, alone=True)
    found = torch.empty_like(flat.targets)
    for place, piece in flat.pieces():
        some = alone[place[0]]
        unknowns = (highest_of_piece(piece, some) - some).clamp_(min=0)
        found[place] = piece.samples_last(piece.where_kept(conclusions(piece, unknowns)))
    return found.view(system.targets.shape)
