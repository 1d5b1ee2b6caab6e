"""All constraints of a program together: which labels contradict one another, and the scenes of the objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.constraints.all_different import Different, components, different_labels
from nesy.abduction.constraints.grounding import ground_constraints
from nesy.abduction.constraints.statements import Rule, constraints_of, speaks_of_one_object
from nesy.abduction.constraints.unfolding import TooManyCasesError, Unfolded, Unfolder
from nesy.abduction.error_rules.grounded import groups
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.abduction.predictions import Predictions
from nesy.abduction.problem import AtMost, Denial, Scenes
from nesy.dsl.diagnostics import Diagnostic, NesyError


@dataclass(frozen=True, eq=False)
class Constraints:
    """What a program forbids: ``incompatible`` [C, C] labels of one object, and constraints between objects."""

    incompatible: NDArray[np.bool_]
    scenes: Scenes | None


def read_constraints(surroundings: Surroundings, grouped: NDArray[np.int64] | None = None) -> Constraints:
    """The constraints over the fused attribute.

    ``grouped`` [N] gives the scene of each object; without it, objects are in one scene if some constraint links them.
    Raises :class:`NesyError`: E489 for a constraint that cannot be part of an abduction problem, E577 and the
    grounder's for what cannot be computed.
    """
    parts = _Parts(surroundings)
    joint: list[Rule] = []
    for rule in constraints_of(surroundings):
        if speaks_of_one_object(surroundings, rule):
            parts.one_object(rule)
            continue
        different = different_labels(surroundings, rule)
        if different is not None:
            parts.different.append(different)
        else:
            joint.append(rule)
    if joint:
        parts.ground(joint)
    return Constraints(parts.incompatible(), parts.scenes(grouped))


class _Parts:
    """Gathers what the statements say."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._predictions = surroundings.predictions
        self._candidates = candidates_of(self._predictions)
        self.different: list[Different] = []
        self._at_most: list[AtMost] = []
        self._denials: list[Denial] = []
        self._contradicting: set[tuple[int, int]] | None = None

    def one_object(self, rule: Rule) -> None:
        """A constraint on labels of any object: one that can get every class stands for all."""
        size = len(self._predictions.classes)
        if not self._predictions.objects:
            return
        ground = ground_constraints(self._surroundings, np.array([0]), [range(size)], [rule])
        candidates = [range(size), *([()] * (len(self._predictions.objects) - 1))]
        found = _unfolded(Unfolder(ground, candidates, size), 0, rule)
        if self._contradicting is None:
            self._contradicting = set()
        self._contradicting |= {(one, other) for _, one, other in found.contradictions}
        for denial in found.denials:
            ((_, classes),) = denial.body
            rows = [row for row, places in enumerate(self._candidates) if classes & set(places)]
            self._denials += [Denial(((row, classes),), rule.origin) for row in rows]

    def ground(self, rules: Sequence[Rule]) -> None:
        """Constraints of any form."""
        for members in groups(self._surroundings):
            candidates = [self._candidates[member] for member in members.tolist()]
            ground = ground_constraints(self._surroundings, members, candidates, rules)
            unfolder = Unfolder(ground, self._candidates, len(self._predictions.classes))
            for number, rule in enumerate(rules):
                self._take(_unfolded(unfolder, number, rule), rule)

    def _take(self, found: Unfolded, rule: Rule) -> None:
        if found.always:
            message = "this constraint is violated whatever the labels are"
            raise NesyError(Diagnostic("E489", message, rule.statement.span, "mend the facts or the constraint"))
        if found.contradictions:
            message = "this constraint forbids two labels of one object, but not for every object"
            hint = (
                "labels contradict one another on every object, or on none: write it without conditions on the object"
            )
            raise NesyError(Diagnostic("E489", message, rule.statement.span, hint))
        self._at_most += found.at_most
        self._denials += found.denials

    def incompatible(self) -> NDArray[np.bool_]:
        """[C, C]: all different labels, unless the program says which."""
        size = len(self._predictions.classes)
        if self._contradicting is None:
            return ~np.eye(size, dtype=np.bool_)
        found = np.zeros((size, size), dtype=np.bool_)
        for one, other in self._contradicting:
            found[one, other] = found[other, one] = True
        return found

    def scenes(self, grouped: NDArray[np.int64] | None) -> Scenes | None:
        """The scenes; None where nothing is said between objects."""
        if not (self.different or self._at_most or self._denials):
            return None
        if grouped is None:
            grouped = self._linked()
        all_different = np.zeros(int(grouped.max(initial=-1)) + 1, dtype=np.bool_)
        sizes = np.bincount(grouped, minlength=len(all_different))
        at_most, denials = list(self._at_most), list(self._denials)
        for part in self.different:
            for group in part.groups:
                scene = int(grouped[group[0]])
                if len(group) == sizes[scene] and (grouped[list(group)] == scene).all():
                    all_different[scene] = True
                else:
                    at_most += self._once_each(group, part.origin)
            for pair in part.pairs:
                at_most += self._once_each(pair, part.origin)
        return Scenes(grouped, all_different, tuple(at_most), tuple(denials))

    def _once_each(self, group: Sequence[int], origin: str) -> list[AtMost]:
        """All different, class by class, for objects that are no whole scene."""
        found = []
        for place in range(len(self._predictions.classes)):
            able = tuple(row for row in group if place in self._candidates[row])
            if len(able) > 1:
                found.append(AtMost(able, frozenset({place}), 1, origin))
        return found

    def _linked(self) -> NDArray[np.int64]:
        """The scene of each object: the objects that constraints link, and every other one by itself."""
        links: list[tuple[int, int]] = []
        for different in self.different:
            links += [(group[0], row) for group in different.groups for row in group]
            links += different.pairs
        for bound in self._at_most:
            links += [(bound.objects[0], row) for row in bound.objects]
        for denial in self._denials:
            links += [(denial.body[0][0], row) for row, _ in denial.body]
        first = np.arange(len(self._predictions.objects))
        for members, _ in components(links):
            first[list(members)] = members[0]
        return np.unique(first, return_inverse=True)[1].astype(np.int64)


def candidates_of(predictions: Predictions) -> list[tuple[int, ...]]:
    """The classes that some model predicts for each object, ascending."""
    size, _, classes = predictions.shape
    marks = np.zeros((size, classes + 1), dtype=np.bool_)
    marks[np.arange(size)[:, None], predictions.labels] = True
    rows, places = np.nonzero(marks[:, :classes])
    parts = np.split(places, np.searchsorted(rows, np.arange(1, size))) if size else []
    return [tuple(part.tolist()) for part in parts]


def _unfolded(unfolder: Unfolder, number: int, rule: Rule) -> Unfolded:
    try:
        return unfolder.unfold(number, rule.origin)
    except TooManyCasesError:
        message = "this constraint has too many cases, or depends on something that is no label, for abduction"
        hint = "write counts as constraints of their own, and split recursion and long negations"
        raise NesyError(Diagnostic("E489", message, rule.statement.span, hint)) from None
