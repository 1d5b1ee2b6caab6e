"""Systems whose equations do not fit in memory: they come in chunks, which are read twice, or three times for G □ x.

The first reading gathers the staircases of the columns, which are all that equations say about the unknowns; the
second raises the distance to that of the worst equation; x_low is then read off the staircases. Nothing else is
kept of a chunk, and the numbers are those of the whole system in one piece, to the last bit.

A chunk is ``(matrix, targets)`` or ``(matrix, targets, bound)``, shaped as in :func:`chebyshev_distance`, or a
:class:`RuleSystem` of some of the samples; all chunks have the same leading dimensions and unknowns. The source
must give the same chunks each time that it is iterated over: a list, or an object whose ``__iter__`` reads them
anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems import chebyshev, rule_pieces, rule_system, solutions
from nesy.solvers.possibilistic.systems.rule_layout import RuleSystem
from nesy.solvers.possibilistic.systems.suffix_maxima import SuffixMaxima, add_to, joined, lowest_unknowns

Chunk = tuple[Tensor, Tensor] | tuple[Tensor, Tensor, Tensor] | RuleSystem


@dataclass(frozen=True, slots=True)
class Solution:
    """∇ ``distance [...]`` and x_low ``unknowns [..., M]``."""

    distance: Tensor
    unknowns: Tensor


def solve(source: Iterable[Chunk]) -> Solution:
    """Chebyshev distance and lowest approximate solution of the equations in all chunks of ``source``.

    Raises ``TypeError`` if the source can be read only once, ``ValueError`` if it is empty.
    """
    if isinstance(source, Iterator):
        raise TypeError(
            f"the chunks are read twice, and a {type(source).__name__} can be read once: pass a list instead"
        )
    maxima, lead = _maxima(source)
    distance = maxima.levels.new_zeros(len(maxima.levels))
    for chunk in source:
        part = _flat(chunk)
        match part:
            case chebyshev.Equations():
                distance = chebyshev.raised(distance, maxima, part)
            case rule_pieces.FlatRules():
                distance = rule_pieces.raised(distance, maxima, part)
    unknowns = lowest_unknowns(maxima, distance)
    return Solution(distance.view(lead), unknowns.view(*lead, unknowns.shape[1]))


def approximations(source: Iterable[Chunk], unknowns: Tensor) -> Iterator[Tensor]:
    """G □ x, chunk by chunk: ``[..., N]`` or, of rules, ``[..., samples, cells]``."""
    for chunk in source:
        if isinstance(chunk, RuleSystem):
            yield rule_system.min_max(chunk, unknowns)
        else:
            yield solutions.min_max(chunk[0], unknowns, bound=chunk[2] if len(chunk) == 3 else None)


def _maxima(source: Iterable[Chunk]) -> tuple[SuffixMaxima, torch.Size]:
    """The staircases of all chunks, and the leading dimensions."""
    stack: list[SuffixMaxima] = []
    lead = torch.Size()
    for chunk in source:
        part = _flat(chunk)
        lead = part.lead
        match part:
            case chebyshev.Equations():
                add_to(stack, chebyshev.maxima_of(part))
            case rule_pieces.FlatRules():
                add_to(stack, rule_pieces.maxima_of(part))
    if not stack:
        raise ValueError("a system without a single chunk has no unknowns")
    return joined(stack), lead


def _flat(chunk: Chunk) -> chebyshev.Equations | rule_pieces.FlatRules:
    if isinstance(chunk, RuleSystem):
        return rule_pieces.flat_rules(chunk, None)
    return chebyshev.equations_of(*chunk)
