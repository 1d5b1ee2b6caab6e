"""Constraints between objects as far as the options can break them, and what a labelling breaks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy import bool_, int64
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


def live_constraints(scenes: Scenes, options: SceneOptions) -> Iterator[Constraint]:
    """The constraints that some labelling breaks, without the objects that cannot help to break them.

    Those given singly count against the scene of their first object.
    """
    item = np.repeat(np.arange(options.start.size - 1), np.diff(options.start))
    shared = _shared(scenes, item, options.label)
    yield from (Different(scene, objects) for scene, objects in _by_scene(scenes, np.unique(item[shared])))
    yield from filter(None, (_live(few, options) for few in _few(scenes)))


def _few(scenes: Scenes) -> Iterator[Few]:
    for most in scenes.at_most:
        literals = tuple((item, most.classes) for item in most.objects)
        yield Few(int(scenes.scene[most.objects[0]]), literals, most.k, most.origin or f"at most {most.k}")
    for denial in scenes.denials:
        merged: dict[int, frozenset[int]] = {}
        for item, classes in denial.body:
            merged[item] = merged.get(item, classes) & classes
        scene = int(scenes.scene[denial.body[0][0]])
        yield Few(scene, tuple(merged.items()), len(merged) - 1, denial.origin or "denial")


def _live(few: Few, options: SceneOptions) -> Few | None:
    literals = []
    for item, classes in few.literals:
        able = classes.intersection(options.label[options.start[item] : options.start[item + 1]].tolist())
        if able:
            literals.append((item, able))
    return Few(few.scene, tuple(literals), few.k, few.origin) if len(literals) > few.k else None


def _shared(scenes: Scenes, item: NDArray[int64], label: NDArray[int64]) -> NDArray[bool_]:
    """Which of these (object, label) pairs stand in an all-different scene beside others with the same label."""
    within = scenes.all_different[scenes.scene[item]]
    key = scenes.scene[item] * (1 + int(label.max(initial=0))) + label
    _, place, counts = np.unique(np.where(within, key, -1), return_inverse=True, return_counts=True)
    return np.logical_and(within, counts[place] > 1)


def _by_scene(scenes: Scenes, items: NDArray[int64]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The scenes of ``items`` in order, each with its own."""
    if not items.size:
        return
    order = items[np.argsort(scenes.scene[items], kind="stable")]
    found, first = np.unique(scenes.scene[order], return_index=True)
    for scene, members in zip(found.tolist(), np.split(order, first[1:]), strict=True):
        yield scene, tuple(members.tolist())


def all_broken(scenes: Scenes, labels: NDArray[int64]) -> Iterator[tuple[int, str, tuple[int, ...]]]:
    """The ground constraints that a labelling [N] breaks: scene, name, and the objects that do so."""
    labelled = np.flatnonzero(labels >= 0)
    shared = labelled[_shared(scenes, labelled, labels[labelled])]
    for scene, objects in _by_scene(scenes, shared):
        yield from ((scene, DIFFERENT, pair) for pair in broken(Different(scene, objects), labels))
    for few in _few(scenes):
        yield from ((few.scene, few.origin, objects) for objects in broken(few, labels))


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


def scene_limit(problem: AbductionProblem, candidates: NDArray[bool_]) -> Limit:
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
