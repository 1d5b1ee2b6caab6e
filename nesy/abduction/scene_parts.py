"""One component of scenes: what it gives for each number of violations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import int64
from numpy.typing import NDArray

from nesy.abduction.limits import Limit
from nesy.abduction.scene_budget import Offer
from nesy.abduction.scene_components import Component
from nesy.abduction.scene_constraints import broken, cost_of
from nesy.abduction.scene_options import SceneOptions

DUST = 1e-9


@dataclass(frozen=True)
class Part:
    """The offers of a component, each with the options of its objects.

    ``most`` is what the component covers at most, whatever is violated. Unless the offers are ``proven``, other
    labellings may be better; ``covered_bound`` then bounds what any of those within the allowed violations covers.
    """

    offers: tuple[Offer, ...]
    chosen: tuple[tuple[int, ...], ...]
    covered_bound: int
    proven: bool = True
    interrupted: bool = False

    @property
    def bounds(self) -> tuple[Offer, ...]:
        """Offers of at least what any labelling covers."""
        return self.offers if self.proven else (Offer(0, self.covered_bound, 0.0),)


class Reckoner:
    """Counts what labellings of components give and cost."""

    def __init__(self, options: SceneOptions, limit: Limit, objects: int) -> None:
        self.options = options
        self.limit = limit
        self.allowed = limit.allowed(0)
        self.best = options.best()
        self._labels = np.full(objects, -1, np.int64)

    def offer(self, component: Component, chosen: Sequence[int]) -> Offer:
        """What these options of the objects of a component give."""
        labels = self._labels
        for item, place in zip(component.objects, chosen, strict=True):
            labels[item] = self.options.label[place] if place >= 0 else -1
        violations = cost_of(component.constraints, labels, self.limit)
        labels[list(component.objects)] = -1
        kept = [place for place in chosen if place >= 0]
        return Offer(violations, len(kept), float(sum(self.options.weight[place] for place in kept)))

    def free(self, component: Component) -> tuple[tuple[int, ...], Offer]:
        """Each object's weightiest option, whatever that breaks."""
        chosen = tuple(int(self.best[item]) for item in component.objects)
        return chosen, self.offer(component, chosen)

    def gather(
        self, component: Component, labellings: Sequence[Sequence[int]], *, covered_bound: int, proven: bool
    ) -> Part:
        """A part with these labellings, as far as they are allowed and each is better than those with fewer
        violations."""
        found: list[tuple[Offer, tuple[int, ...]]] = []
        offered = [(self.offer(component, chosen), tuple(chosen)) for chosen in labellings]
        for offer, chosen in sorted(offered, key=lambda pair: (pair[0].violations, -pair[0].covered, -pair[0].weight)):
            if offer.violations <= self.allowed and (not found or worth(offer) > worth(found[-1][0])):
                found.append((offer, chosen))
        offers = tuple(offer for offer, _ in found)
        return Part(offers, tuple(chosen for _, chosen in found), covered_bound, proven)

    def assigned(
        self, start: NDArray[int64], chosen: NDArray[int64], free: NDArray[int64]
    ) -> tuple[list[Part], list[bool]]:
        """The parts of many assignments at once, and which of them may have offers between the two that are looked at.

        Assignment a has the objects ``start[a]`` …; ``chosen`` are their options where labels differ, ``free`` their
        weightiest ones.
        """
        many = start.size - 1
        owner = np.repeat(np.arange(many), np.diff(start))
        weight, label = np.append(self.options.weight, 0.0), np.append(self.options.label, -1)

        def total(values: NDArray[Any]) -> list[float]:
            sums: list[float] = np.bincount(owner, values, many).tolist()
            return sums

        labelled = free >= 0
        _, place, equal = np.unique(
            np.column_stack([owner, np.where(labelled, label[free], -1 - np.arange(free.size))]),
            axis=0,
            return_inverse=True,
            return_counts=True,
        )
        violations = total((equal[place.reshape(-1)] - 1) / 2)
        parts, between = [], []
        for a, (covered, sure, more, surer, broken_) in enumerate(
            zip(
                total(chosen >= 0), total(weight[chosen]), total(labelled), total(weight[free]), violations, strict=True
            )
        ):
            low, high = int(start[a]), int(start[a + 1])
            cost = round(broken_) if self.limit.by_pairs else min(1, round(broken_))
            offers, labellings = [Offer(0, int(covered), sure)], [tuple(chosen[low:high].tolist())]
            loose = Offer(cost, int(more), surer)
            if 0 < cost <= self.allowed and worth(loose) > worth(offers[0]):
                offers.append(loose)
                labellings.append(tuple(free[low:high].tolist()))
            between.append(self.limit.by_pairs and min(self.allowed, cost - 1) > 0)
            parts.append(Part(tuple(offers), tuple(labellings), int(more), not between[-1]))
        return parts, between


def nothing(component: Component, options: SceneOptions) -> Part:
    """A part before anything is known: no object has a label."""
    most = sum(bool(options.of(item)) for item in component.objects)
    return Part((Offer(0, 0, 0.0),), ((-1,) * len(component.objects),), most, proven=False)


def worth(offer: Offer) -> tuple[int, float]:
    """Coverage first, then weight; weights that differ by rounding are equal."""
    return offer.covered, round(offer.weight / DUST) * DUST


def greedy_labelling(component: Component, options: SceneOptions) -> tuple[int, ...]:
    """Options one after the other, the weightiest first, each unless it breaks a constraint with those before it."""
    places = [(place, item) for item in component.objects for place in options.of(item)]
    concerned = {
        item: [constraint for constraint in component.constraints if item in constraint.objects]
        for item in component.objects
    }
    labels: dict[int, int] = {}
    chosen: dict[int, int] = {}
    array = _Sparse(labels)
    for place, item in sorted(places, key=lambda pair: (-float(options.weight[pair[0]]), pair[0])):
        if item in chosen:
            continue
        labels[item] = int(options.label[place])
        if any(broken(constraint, array) for constraint in concerned[item]):
            del labels[item]
        else:
            chosen[item] = place
    return tuple(chosen.get(item, -1) for item in component.objects)


class _Sparse:
    """A labelling of a few objects, read like an array of all."""

    def __init__(self, labels: dict[int, int]) -> None:
        self._labels = labels

    def __getitem__(self, item: int) -> int:
        return self._labels.get(item, -1)


def labels_of(options: SceneOptions, chosen: NDArray[int64]) -> NDArray[int64]:
    """The labels of chosen options [N]; −1 stays."""
    return np.where(chosen >= 0, np.append(options.label, -1)[chosen], -1).astype(np.int64)
