"""Random numbers, systems and sets of rules of every kind that matters, from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from nesy.solvers.possibilistic.systems import RuleSystem

KINDS = ("random", "tied", "binary", "ones")


def numbers(random: np.random.Generator, kind: str, *shape: int) -> np.ndarray:
    """Degrees: all different, of five values, 0 or 1, or half of them 1."""
    values = random.random(shape)
    match kind:
        case "tied":
            return np.round(values * 4) / 4
        case "binary":
            return np.round(values)
        case "ones":
            return np.where(random.random(shape) < 0.5, 1.0, values)
    return values


@dataclass(frozen=True)
class Case:
    """One system; ``bound`` on half of them."""

    matrix: np.ndarray
    targets: np.ndarray
    bound: np.ndarray | None

    @property
    def tensors(self) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self.matrix), torch.from_numpy(self.targets)

    @property
    def limits(self) -> Tensor | None:
        return None if self.bound is None else torch.from_numpy(self.bound)


@st.composite
def systems(draw: st.DrawFn, bounded: bool | None = None) -> Case:
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(0, 5))
    kind, random = draw(st.sampled_from(KINDS)), np.random.default_rng(draw(st.integers(0, 2**32)))
    matrix, targets, bound = (numbers(random, kind, *shape) for shape in ((rows, columns), (rows,), (rows,)))
    if columns and draw(st.booleans()):
        matrix[random.integers(rows)] = 1
    return Case(matrix, targets, bound if (draw(st.booleans()) if bounded is None else bounded) else None)


@dataclass(frozen=True)
class RuleCase:
    """Systems of a set of rules and what counts of them."""

    system: RuleSystem
    keep: Tensor | None


@st.composite
def rule_systems(draw: st.DrawFn, columns: str | None = None, keep: str | None = None) -> RuleCase:
    """``columns``: "each" its own, "some" not learned, or some "tied"; ``keep``: "all", "samples" or "rows"."""
    batch, samples, cells, rules = (draw(st.integers(1, most)) for most in (3, 5, 6, 4))
    kind, seed = draw(st.sampled_from(KINDS)), draw(st.integers(0, 2**32))
    random = np.random.default_rng(seed)
    targets = numbers(random, kind, batch, samples, cells)
    if draw(st.booleans()):
        targets = np.eye(cells)[random.integers(cells, size=(batch, samples))]
    place = random.permutation(2 * rules)
    match columns or draw(st.sampled_from(["each", "some", "tied"])):
        case "some":
            place[random.random(2 * rules) < 0.4] = -1
        case "tied":
            place = random.integers(-1, rules + 1, 2 * rules)
    shapes = {"samples": (batch, samples), "rows": (batch, samples, cells)}
    shape = shapes.get(keep or draw(st.sampled_from(["all", "samples", "rows"])))
    return RuleCase(
        RuleSystem(
            torch.from_numpy(random.random((cells, rules)) < 0.5),
            torch.from_numpy(numbers(random, kind, batch, samples, rules)),
            torch.from_numpy(numbers(random, kind, batch, samples, rules)),
            torch.from_numpy(targets),
            torch.from_numpy(place),
            torch.from_numpy(numbers(random, kind, batch, samples, cells)) if draw(st.booleans()) else None,
            draw(st.booleans()),
        ),
        None if shape is None else torch.from_numpy(random.random(shape) < 0.6),
    )


def explicit_matrix(system: RuleSystem) -> Tensor:
    """Γ ``[..., samples, cells, unknowns]``: the least of the entries that share an unknown in a row, 1 over none."""
    *lead, cells = system.targets.shape
    matrix = torch.ones((*lead, cells, system.unknowns), dtype=system.targets.dtype)
    for rule in range(system.signs.shape[1]):
        for cell in range(cells):
            holds = bool(system.signs[cell, rule])
            place = int(system.columns[2 * rule + (0 if holds else 1)])
            if place >= 0:
                entry = (system.possible if holds else system.excluded)[..., rule]
                matrix[..., cell, place] = torch.minimum(matrix[..., cell, place], entry)
    return matrix


def explicit(case: RuleCase) -> tuple[Tensor, Tensor, Tensor | None]:
    """Γ, targets and constant terms, stacked; what does not count is an equation that always holds: bounded by 0."""
    system, keep = case.system, case.keep
    targets, bound = system.targets, system.bound
    if keep is not None:
        keep = (keep if keep.dim() == targets.dim() else keep[..., None]).expand(targets.shape)
        bound = (torch.ones_like(targets) if bound is None else bound).where(keep, torch.zeros_like(targets))
        targets = targets.where(keep, torch.zeros_like(targets))
    first = 0 if system.shared else targets.dim() - 2
    bound = None if bound is None else bound.flatten(first)
    return explicit_matrix(system).flatten(first, -2), targets.flatten(first), bound
