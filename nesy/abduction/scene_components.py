"""Scenes taken apart into components that have nothing to do with one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nesy.abduction.scene_constraints import Constraint, Different


@dataclass(frozen=True, slots=True)
class Component:
    """Objects that constraints tie together, ascending, and these constraints."""

    objects: tuple[int, ...]
    constraints: tuple[Constraint, ...]

    @property
    def is_assignment(self) -> bool:
        """Whether all that is asked is that the objects have different labels."""
        return len(self.constraints) == 1 and isinstance(self.constraints[0], Different)


def components(constraints: Sequence[Constraint], *, by_scene: bool) -> list[Component]:
    """The connected components; with ``by_scene`` the constraints of one scene stay together, because they count
    once."""
    leader: dict[int, int] = {}

    def find(item: int) -> int:
        while leader.setdefault(item, item) != item:
            leader[item] = leader[leader[item]]
            item = leader[item]
        return item

    anchor: dict[int, int] = {}
    for constraint in constraints:
        first = constraint.objects[0]
        tied = [anchor.setdefault(constraint.scene, first)] if by_scene else []
        for item in (*tied, *constraint.objects[1:]):
            one, other = find(first), find(item)
            leader[max(one, other)] = min(one, other)
    groups: dict[int, list[Constraint]] = defaultdict(list)
    for constraint in constraints:
        groups[find(constraint.objects[0])].append(constraint)
    found = []
    for _, group in sorted(groups.items()):
        objects = sorted({item for constraint in group for item in constraint.objects})
        found.append(Component(tuple(objects), tuple(group)))
    return found
