"""Pooled estimation: parameters from frequencies of alike samples instead of from single labels.

*Why.* The Chebyshev distance is a worst case, and one label is a certainty: it says that one value is possible and
all others are not. Where readings are normalised (max(λ, ρ) = 1) and point to a cell of the partition (no rules whose
premises are read true contradict one another), the row of that cell is all ones. So a sample whose label agrees with
it is solved by s = r = 0, and one whose label does not has ∇ = 1, and d − ∇ = 0 is solved by s = r = 0 as well:
*whatever the labels are, the lowest approximate solution is s = r = 0*, for any number of samples, whichever of them
a threshold or trimming drops. Nor do other solutions from single labels help: with ∇ left out, one exception to “if p
then q” gives r = 1, and the targets moved to what the rules can say (4. below) have ∇ = 1/2 and give r = 1/2. None of
the three depends on how often the rule fails.

*What.* Samples with the same hard readings of their premises form a group g, in which the labels are what they are
taken for in statistics, draws from one distribution:

1.  p_g(c) = Σ_u w_u · p_u(c) / Σ_u w_u over the samples u of g. p_u is the target of u as a probability: all on one
    cell if it is a label, and the pignistic probability (Dubois and Prade 1982; Smets) if it is a possibility
    distribution. w_u = min over the rules of |λ − ρ|, the necessity of the reading. A premise of which nothing is
    read (λ = ρ = 1) is a reading of its own, and its rule says nothing in such groups; a sample of which nothing is
    read at all has no say.
2.  Y_g = p_g made a possibility distribution by the transformation that the percepts undergo. With the antipignistic
    one, the inverse of the pignistic, a group of one sample has Y_g = Y_u exactly.
3.  λ and ρ of the group are the medians of its members. A median is one of them (the lower one of an even number),
    stays normalised, keeps its place under every rescaling of degrees, and a few odd readings do not move it.
4.  Y_g is moved into [G □ 0, G □ 1], what the rules can say at all: a rule “if p then q” calls q fully possible
    whenever p is, so that a group in which q never holds would otherwise give ∇ = 1 for everybody and hide what the
    rest tells.
5.  The parameters are the lowest x with G □ x ≥ Y: max(g_ij, x_j) has to be at least Y_i for each j, so x_j = max_i
    (g_ij ε Y_i), with g ε y = y if g < y, else 0. Among all parameters by which nothing that happens in the groups is
    less possible than it was found to be, they are the most specific: what the transformation in 2. is to
    probabilities. Where the system is consistent this is its lowest solution. ``solution="chebyshev"`` takes the
    lowest approximate solution instead, x_j = max_i (g_ij ε (Y_i − ∇)⁺), which errs on both sides but as little as
    possible; then one place where the rules do not fit takes ∇ from every parameter.

*What it gives.* One rule, two cells, failing at the rate f < 1/2 where its premise is read true: (1, 2f) by the
antipignistic transformation, (1, f) by minimum specificity; hence r → 2f (or f) and s → the same for the rate at
which the conclusion holds where the premise is read false: consistent, since frequencies, the transformations and the
closed form of this system are continuous. A rule that fails more often than not gets 1: it says nothing. Changing a
fraction η of a group's labels changes r by no more than 2η (until it drowns in the group's ρ). Where every label
agrees with the readings all p_g are certain, Y_g = G □ 0 and s = r = 0: the exact method's own result. ∇ of the
groups is reported: with samples enough it tells what no parameters of these rules can express.

*Which groups.* ``readings``: samples that agree on all premises of the rule set. s and r are then worst cases over
the readings, as π(q | ¬p) is the maximum over the ways in which p may fail: “4 is labelled 9 in 20 % of the cases”
gives s = 0.4 for 9, even if among all that is not a 9 it is 2 %. Being maxima of frequencies they come out too high
where groups are small, so groups with fewer than ``smallest`` samples are left out; a parameter that no other group
tells anything about is estimated by rules, and all are if more than 20 % of the samples would be left out: then there
are more readings than samples can tell about. ``rules``: for each rule the samples that agree on its premise; s and r
are the transformed frequencies of failure themselves, each rule estimated on its own.

Related: possibility distributions from frequencies, with confidence bounds, in Masson and Denœux, *Inferring a
possibility distribution from empirical data*, Fuzzy Sets and Systems 157 (2006).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from nesy.solvers.possibilistic.systems.rule_system import RuleSystem, distance, lowest_solution
from nesy.solvers.possibilistic.transform import possibility

MOST_LEFT_OUT = 0.2
"""Share of the samples in groups that are too small beyond which parameters are estimated by rules."""


@dataclass(frozen=True, slots=True)
class Pooling:
    """How samples are pooled.

    ``by`` says which samples form a group, ``solution`` which parameters are taken; groups of ``readings`` with fewer
    than ``smallest`` samples are left out. ``transform`` and ``ties`` are those of the engine's options.
    """

    by: Literal["readings", "rules"] = "readings"
    solution: Literal["covering", "chebyshev"] = "covering"
    smallest: int = 20
    transform: str = "antipignistic"
    ties: str = "symmetric"


@dataclass(frozen=True, slots=True)
class Pooled:
    """What pooling found.

    ``parameters`` ``[M]`` and ``samples`` ``[M]``, how many samples stand behind each (0: nothing is known, and the
    parameter is 0). ``by`` says how it was pooled in the end. ``distance`` is ∇ of the groups' system (0 for
    ``rules``); ``groups`` is how many groups it has, and ``left_out`` how many samples lay in smaller ones or were
    undecided.
    """

    parameters: Tensor
    samples: Tensor
    by: Literal["readings", "rules"]
    distance: float
    groups: int
    left_out: int


def pooled_parameters(system: RuleSystem, pooling: Pooling, keep: Tensor | None = None) -> Pooled:
    """Estimate the parameters of one rule set.

    All leading dimensions of ``system`` count as samples, so it has to be ``shared`` or have one system only. ``keep``
    ``[..., samples]`` says which samples count; those without a target (a NaN) never do.
    """
    flat, weights = _flattened(system, keep)
    rates = _by_rules(flat, weights, pooling)
    if pooling.by == "rules":
        return rates
    least = torch.where(weights > 0, weights, torch.inf).amin(1)
    return _by_readings(flat, least.where(least.isfinite(), least.new_zeros(())), rates, pooling)


def pignistic(degrees: Tensor) -> Tensor:
    """The pignistic probability of normalised possibility distributions ``[..., values]``.

    p(v) = Σ over the levels l ≥ rank of v of (π_(l) − π_(l+1)) / l: each α-cut shares its weight evenly. The inverse
    of the antipignistic transformation.
    """
    ordered, order = degrees.sort(dim=-1, descending=True, stable=True)
    steps = ordered - torch.nn.functional.pad(ordered[..., 1:], (0, 1))
    ranks = torch.arange(1, degrees.shape[-1] + 1, dtype=degrees.dtype, device=degrees.device)
    shares = (steps / ranks).flip(-1).cumsum(-1).flip(-1)
    found = torch.zeros_like(degrees).scatter(-1, order, shares)
    return found / found.sum(-1, keepdim=True)


def attainable(system: RuleSystem) -> RuleSystem:
    """The system with each target moved to the nearest degree that some parameters give: into [G □ 0, G □ 1]."""
    learned = (system.columns >= 0).view(-1, 2)
    inert = torch.ones((), dtype=system.targets.dtype, device=system.targets.device)
    signs = system.signs
    lowest = inert
    for rule in range(signs.shape[1]):
        alpha = system.possible[..., rule, None] if learned[rule, 0] else inert
        beta = system.excluded[..., rule, None] if learned[rule, 1] else inert
        lowest = torch.minimum(lowest, torch.where(signs[:, rule], alpha, beta))
    targets = torch.maximum(system.targets, lowest)
    if system.bound is not None:
        targets = torch.minimum(targets, system.bound)
    return replace(system, targets=targets)


# ----- samples


def _flattened(system: RuleSystem, keep: Tensor | None) -> tuple[RuleSystem, Tensor]:
    """One list of samples, their targets as probabilities; and |λ − ρ| ``[samples, rules]`` of those that count."""
    rules, cells = system.possible.shape[-1], system.targets.shape[-1]
    possible, excluded = system.possible.reshape(-1, rules), system.excluded.reshape(-1, rules)
    targets = system.targets.reshape(-1, cells)
    bound = None if system.bound is None else system.bound.expand_as(system.targets).reshape(-1, cells)
    counts = ~targets.isnan().any(-1)
    if keep is not None:
        counts &= keep.reshape(-1)
    weights = (possible - excluded).abs() * counts[:, None]
    probabilities = torch.where(counts[:, None], targets, 0.0)
    graded = counts & ((targets > 0).sum(-1) != 1)  # a label is its own probability
    probabilities[graded] = pignistic(targets[graded])
    flat = replace(system, possible=possible, excluded=excluded, targets=probabilities, bound=bound, shared=False)
    return flat, weights


def _transformed(probabilities: Tensor, pooling: Pooling) -> Tensor:
    """Possibility distributions from probabilities, both ``[..., cells]``."""
    return possibility(probabilities.movedim(-1, 0).contiguous(), pooling.transform, pooling.ties).movedim(0, -1)


# ----- groups of readings


def _by_readings(flat: RuleSystem, weights: Tensor, rates: Pooled, pooling: Pooling) -> Pooled:
    system, sizes, signs = _groups(flat, weights, pooling)
    decided, grouped = int((weights > 0).sum()), int(sizes.sum())
    if not grouped or decided - grouped > MOST_LEFT_OUT * decided:
        return rates
    system = attainable(system)
    found = distance(system)
    solution = lowest_solution(system, found if pooling.solution == "chebyshev" else torch.zeros_like(found))
    told = torch.zeros_like(rates.samples)
    for rule in range(signs.shape[1]):
        for half, side in enumerate((-1, 1)):
            column = int(flat.columns[2 * rule + half])
            if column >= 0:
                told[column] += sizes[signs[:, rule] == side].sum()
    parameters = torch.where(told > 0, solution, rates.parameters)
    samples = torch.where(told > 0, told, rates.samples)
    return Pooled(parameters, samples, "readings", float(found), len(sizes), len(weights) - grouped)


def _groups(flat: RuleSystem, weights: Tensor, pooling: Pooling) -> tuple[RuleSystem, Tensor, Tensor]:
    """The system with a sample for each group, its sizes ``[groups]`` and its hard readings ``[groups, rules]``."""
    used = (weights > 0).nonzero()[:, 0]
    readings = (flat.possible - flat.excluded).sign().to(torch.int8)[used]
    signs, group, sizes = torch.unique(readings, dim=0, return_inverse=True, return_counts=True)
    ordered, ends = used[group.argsort(stable=True)], [0, *sizes.cumsum(0).tolist()]
    members = [ordered[start:end] for start, end in pairwise(ends) if end - start >= pooling.smallest]
    large = sizes >= pooling.smallest

    def medians(table: Tensor) -> Tensor:
        return torch.stack([table[mine].median(0).values for mine in members]) if members else table[:0]

    def means(table: Tensor) -> Tensor:
        if not members:
            return table[:0]
        return torch.stack([weights[mine] @ table[mine] / weights[mine].sum() for mine in members])

    system = replace(
        flat,
        possible=medians(flat.possible),
        excluded=medians(flat.excluded),
        targets=_transformed(means(flat.targets), pooling),
        bound=None if flat.bound is None else medians(flat.bound),
    )
    return system, sizes[large], signs[large]


# ----- one rule at a time


def _by_rules(flat: RuleSystem, weights: Tensor, pooling: Pooling) -> Pooled:
    """Each parameter from the samples that read the premise of its rules false (s) or true (r).

    The system of one group is max(x, g) = y with g the median of λ (or ρ), so that x = y where y > g, otherwise 0.
    """
    count = flat.unknowns
    parameters = flat.targets.new_zeros(count)
    samples = torch.zeros(count, dtype=torch.int64, device=flat.targets.device)
    held = flat.targets @ flat.signs.to(flat.targets.dtype)
    for column in range(count):
        mass, against, odd = [], [], []
        for place in (flat.columns == column).nonzero()[:, 0].tolist():
            rule, half = divmod(place, 2)
            premise, other = flat.possible[:, rule], flat.excluded[:, rule]
            mine = (weights[:, rule] > 0) & ((premise > other) if half else (premise < other))
            mass.append(weights[mine, rule])
            against.append((1.0 - held if half else held)[mine, rule])
            odd.append((other if half else premise)[mine])
        mass_of, against_of, odd_of = torch.cat(mass), torch.cat(against), torch.cat(odd)
        samples[column] = len(mass_of)
        if len(mass_of):
            rate = float((mass_of @ against_of / mass_of.sum()).clamp(0.0, 1.0))
            degree = _degree(rate, pooling)
            parameters[column] = degree if degree > float(odd_of.median()) else 0.0
    left_out = int((weights == 0).all(1).sum())
    return Pooled(parameters, samples, "rules", 0.0, int((samples > 0).sum()), left_out)


def _degree(rate: float, pooling: Pooling) -> float:
    """The possibility of what happens at ``rate``, against its opposite."""
    return float(_transformed(torch.tensor([1.0 - rate, rate], dtype=torch.float64), pooling)[1])
