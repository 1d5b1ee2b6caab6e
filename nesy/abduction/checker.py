"""Checks a hypothesis without any solver: everything that it says is derived anew from the problem, in O(N · F)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.digest import digest
from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.limits import Limit, object_limit
from nesy.abduction.predictions import ABSTAINED
from nesy.abduction.problem import AbductionProblem
from nesy.abduction.scene_constraints import scene_limit
from nesy.solvers.answer import Status

DUST = 1e-9


def verify(problem: AbductionProblem, hypothesis: Hypothesis) -> list[str]:
    """What is wrong with ``hypothesis`` as an answer to ``problem``; empty if it is sound.

    Optimality itself is not derived anew: see :func:`~.replaying.replay`.
    """
    return list(_faults(problem, hypothesis))


def _faults(problem: AbductionProblem, hypothesis: Hypothesis) -> Iterator[str]:
    if hypothesis.digest != digest(problem):
        yield "the hypothesis belongs to another problem"
        return
    if hypothesis.status not in (Status.OPTIMAL, Status.FEASIBLE):
        if hypothesis.accepted or hypothesis.covered or (hypothesis.labels != ABSTAINED).any():
            yield f"{hypothesis.status}, and yet something is accepted or labelled"
        return
    accepted = list(_accepted_faults(problem, hypothesis))
    yield from accepted
    if accepted:
        return
    standing = _standing(problem, hypothesis)
    if not np.array_equal(standing, hypothesis.candidates):
        row, model = np.argwhere(standing != hypothesis.candidates)[0]
        yield f"candidates: the prediction of model {model} for object {row} is told wrongly"
        return
    yield from _label_faults(problem, hypothesis)
    if problem.scenes is None:
        yield from _object_faults(problem, hypothesis)
    else:
        yield from _scene_faults(problem, hypothesis)
    yield from _bound_faults(hypothesis)


def _accepted_faults(problem: AbductionProblem, hypothesis: Hypothesis) -> Iterator[str]:
    _, models, classes = problem.predictions.shape
    for (model, label), epsilon in hypothesis.accepted.items():
        if not (0 <= model < models and 0 <= label < classes):
            yield f"accepted: there is no pair ({model}, {label})"
        elif epsilon not in problem.epsilons:
            yield f"accepted: {epsilon} is no budget of the problem"
        elif (model, label) in problem.forbidden:
            yield f"accepted: the pair ({model}, {label}) is forbidden"
    for pair in problem.required:
        if pair not in hypothesis.accepted:
            yield f"accepted: the required pair {pair} is missing"


def _standing(problem: AbductionProblem, hypothesis: Hypothesis) -> NDArray[np.bool_]:
    found = np.zeros(problem.predictions.labels.shape, np.bool_)
    for (model, label), epsilon in hypothesis.accepted.items():
        flagged = problem.flagged[problem.epsilons.index(epsilon), :, model]
        found[:, model] |= (problem.predictions.labels[:, model] == label) & ~flagged
    return found


def _label_faults(problem: AbductionProblem, hypothesis: Hypothesis) -> Iterator[str]:
    """Each label is that of a candidate of its object; there is one wherever the meaning of the problem wants it."""
    labels, support = hypothesis.labels, hypothesis.support
    rows = np.flatnonzero(support >= 0)
    if not np.array_equal(labels == ABSTAINED, support == -1):
        yield "labels: one without the model that supports it, or the other way round"
    elif not hypothesis.candidates[rows, support[rows]].all():
        yield "support: a label rests on a prediction that does not stand"
    elif not np.array_equal(problem.predictions.labels[rows, support[rows]], labels[rows]):
        yield "labels: a label differs from the prediction that supports it"
    elif hypothesis.covered != rows.size:
        yield f"covered: {hypothesis.covered} objects, but {rows.size} have a label"


def _object_faults(problem: AbductionProblem, hypothesis: Hypothesis) -> Iterator[str]:
    candidates, labels = hypothesis.candidates, problem.predictions.labels
    if not np.array_equal(candidates.any(axis=1), hypothesis.labels != ABSTAINED):
        yield "labels: an object with candidates has none, or the other way round"
        return
    confidence = np.where(candidates, problem.predictions.confidence, -1.0)
    rows = np.flatnonzero(hypothesis.support >= 0)
    if not np.array_equal(confidence.argmax(axis=1)[rows], hypothesis.support[rows]):
        yield "support: the tie-breaker would have taken another model"
    apart = np.zeros(len(candidates), np.bool_)
    pairs = np.zeros(len(candidates), np.int64)
    seen = np.zeros((len(candidates), problem.incompatible.shape[0]), np.bool_)
    for model in range(candidates.shape[1]):
        here = np.flatnonzero(candidates[:, model])
        new = here[~seen[here, labels[here, model]]]
        against = (seen[new] & problem.incompatible[labels[new, model]]).sum(axis=1)
        apart[new] |= against > 0
        pairs[new] += against
        seen[new, labels[new, model]] = True
    told = hypothesis.inconsistent
    if told.shape != (int(apart.sum()), 3) or not np.array_equal(told[:, 0], np.flatnonzero(apart)):
        yield "inconsistent: not the objects with incompatible candidates"
        return
    objects, one, other = told.T
    stand = candidates[objects, one] & candidates[objects, other]
    if not (stand & problem.incompatible[labels[objects, one], labels[objects, other]]).all():
        yield "inconsistent: two witnesses do not contradict one another"
    violations = int(pairs.sum()) if problem.denominator == "denials" else int(apart.sum())
    yield from rate_faults(object_limit(problem), violations, hypothesis)


def _scene_faults(problem: AbductionProblem, hypothesis: Hypothesis) -> Iterator[str]:
    """All ground constraints are looked at anew, whether a labelling could break them or not."""
    scenes, labels, support = problem.scenes, hypothesis.labels, hypothesis.support
    assert scenes is not None
    found: set[tuple[int, frozenset[int]]] = set()
    seen: dict[tuple[int, int], list[int]] = {}
    for item in np.flatnonzero(labels != ABSTAINED).tolist():
        scene = int(scenes.scene[item])
        if scenes.all_different[scene]:
            same = seen.setdefault((scene, int(labels[item])), [])
            found |= {(scene, frozenset({item, other})) for other in same}
            same.append(item)
    count = len(found)
    violated = {scene for scene, _ in found}
    for most in scenes.at_most:
        holding = frozenset(item for item in most.objects if int(labels[item]) in most.classes)
        if len(holding) > most.k:
            count, scene = count + 1, int(scenes.scene[most.objects[0]])
            violated.add(scene)
            found.add((scene, holding))
    for denial in scenes.denials:
        if all(int(labels[item]) in classes for item, classes in denial.body):
            count, scene = count + 1, int(scenes.scene[denial.body[0][0]])
            violated.add(scene)
            found.add((scene, frozenset(item for item, _ in denial.body)))
    told = {(entry.scene, frozenset(item for item, _ in entry.witnesses)) for entry in hypothesis.violations}
    if told != found or len(hypothesis.violations) != count:
        yield f"violations: {len(hypothesis.violations)} are told, there are {count}"
    elif any(support[item] != model for entry in hypothesis.violations for item, model in entry.witnesses):
        yield "violations: a witness is not the prediction that supports the label"
    rows = np.flatnonzero(labels != ABSTAINED)
    weights = problem.predictions.confidence[rows, support[rows]]
    if scenes.weights is not None:
        weights = scenes.weights[rows, labels[rows]]
    if hypothesis.confidence is None or abs(hypothesis.confidence - weights.sum()) > DUST * max(1, rows.size):
        yield f"confidence: {hypothesis.confidence} is told, it is {weights.sum()}"
    limit = scene_limit(problem, hypothesis.candidates)
    yield from rate_faults(limit, count if limit.by_pairs else len(violated), hypothesis)


def rate_faults(limit: Limit, violations: int, hypothesis: Hypothesis) -> Iterator[str]:
    """The rate is as told and within the bound."""
    if abs(hypothesis.rate - limit.rate(violations, hypothesis.covered)) > DUST:
        yield f"rate: {hypothesis.rate} is told, it is {limit.rate(violations, hypothesis.covered)}"
    if violations > limit.allowed(hypothesis.covered):
        yield f"rate: {violations} violations where {limit.allowed(hypothesis.covered)} are allowed"


def _bound_faults(hypothesis: Hypothesis) -> Iterator[str]:
    covered, bound = hypothesis.covered, hypothesis.bound
    if bound < covered:
        yield f"bound: {bound} is less than the {covered} objects covered"
    elif abs(hypothesis.gap - ((bound - covered) / bound if bound else 0.0)) > DUST:
        yield f"gap: {hypothesis.gap} is told for {covered} covered objects and the bound {bound}"
    elif hypothesis.status is Status.OPTIMAL and bound != covered:
        yield f"status: optimal, though up to {bound} objects might be covered"
