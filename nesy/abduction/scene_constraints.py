"""Constraints between objects as far as the options can break them, and what a labelling breaks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.limits import Limit
from nesy.abduction.problem import AbductionProblem, Scenes
from nesy.abduction.scene_options import SceneOptions

DIFFERENT = "all different"
"""What a violated all-different constraint is called."""


@dataclass(frozen=True, slots=True)
class Different:
    """The objects of a scene have different labels."""

    scene: int
    objects: tuple[int, ...]
    origin: str = DIFFERENT


@dataclass(frozen=True, slots=True)
class Few:
    """At most ``k`` of ``literals`` hold; each says that an object has a label in a set of classes.

    A denial of n conditions is one with k = n − 1.
    """

    scene: int
    literals: tuple[tuple[int, frozenset[int]], ...]
    k: int
    origin: str

    @property
    def objects(self) -> tuple[int, ...]:
        """The objects that it speaks of."""
        return tuple(item for item, _ in self.literals)


Constraint = Different | Few


class Labels(Protocol):
    """A label for each object, −1 for none: an array, or anything that is read like one."""

    def __getitem__(self, item: int, /) -> Any: ...


def constraints_of(scenes: Scenes) -> Iterator[Constraint]:
    """All constraints, scene by scene; those given singly count against the scene of their first object."""
    members = defaultdict(list)
    for item, scene in enumerate(scenes.scene.tolist()):
        members[scene].append(item)
    for scene in np.flatnonzero(scenes.all_different).tolist():
        yield Different(scene, tuple(members[scene]))
    for most in scenes.at_most:
        literals = tuple((item, most.classes) for item in most.objects)
        yield Few(int(scenes.scene[most.objects[0]]), literals, most.k, most.origin or f"at most {most.k}")
    for denial in scenes.denials:
        merged: dict[int, frozenset[int]] = {}
        for item, classes in denial.body:
            merged[item] = merged.get(item, classes) & classes
        scene = int(scenes.scene[denial.body[0][0]])
        yield Few(scene, tuple(merged.items()), len(merged) - 1, denial.origin or "denial")


def breakable(constraint: Constraint, options: SceneOptions) -> Constraint | None:
    """The constraint without the objects that cannot help to break it; None if no labelling breaks it."""
    if isinstance(constraint, Different):
        labels = Counter(int(options.label[place]) for item in constraint.objects for place in options.of(item))
        objects = tuple(
            item for item in constraint.objects if any(labels[int(options.label[p])] > 1 for p in options.of(item))
        )
        return Different(constraint.scene, objects, constraint.origin) if objects else None
    literals = []
    for item, classes in constraint.literals:
        able = classes & {int(options.label[place]) for place in options.of(item)}
        if able:
            literals.append((item, frozenset(able)))
    if len(literals) <= constraint.k:
        return None
    return Few(constraint.scene, tuple(literals), constraint.k, constraint.origin)


def broken(constraint: Constraint, labels: Labels) -> list[tuple[int, ...]]:
    """The ground instances that a labelling [N] breaks, each as the objects that do so."""
    if isinstance(constraint, Different):
        groups = defaultdict(list)
        for item in constraint.objects:
            if labels[item] >= 0:
                groups[int(labels[item])].append(item)
        return [(one, other) for same in groups.values() for i, one in enumerate(same) for other in same[i + 1 :]]
    holding = tuple(item for item, classes in constraint.literals if int(labels[item]) in classes)
    return [holding] if len(holding) > constraint.k else []


def cost_of(constraints: Sequence[Constraint], labels: Labels, limit: Limit) -> int:
    """Violations of a labelling: scenes that break anything, or, by denials, ground instances."""
    if limit.by_pairs:
        return sum(len(broken(constraint, labels)) for constraint in constraints)
    return len({constraint.scene for constraint in constraints if broken(constraint, labels)})


def scene_limit(problem: AbductionProblem, candidates: NDArray[np.bool_]) -> Limit:
    """The limit of a problem with scenes; ``candidates`` [N, F] tell which scenes have any."""
    scenes = problem.scenes
    assert scenes is not None
    number = len(scenes.all_different)
    if problem.denominator == "denials":
        sizes = np.bincount(scenes.scene, minlength=number)[scenes.all_different]
        pairs = int((sizes * (sizes - 1) // 2).sum()) * len(problem.predictions.classes)
        return Limit("denials", problem.bound, pairs + len(scenes.at_most) + len(scenes.denials))
    if problem.denominator == "covered":
        return Limit("objects", problem.bound, np.unique(scenes.scene[candidates.any(axis=1)]).size)
    return Limit("objects", problem.bound, number)
