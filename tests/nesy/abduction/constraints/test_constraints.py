"""Constraints of a program as constraints of a problem, held against the back end ``asp`` on whole labellings."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import nesy
from nesy.abduction.building import ProblemOptions, build_problem
from nesy.abduction.constraints.all_different import components
from nesy.abduction.constraints.unfolding import merged
from nesy.abduction.observations import fused_percept
from nesy.abduction.prediction_files import read_observations
from nesy.abduction.problem import AbductionProblem, Scenes
from nesy.dsl.diagnostics import NesyError

PROGRAM = """
type object = {o1, o2, o3, o4}.
type class = {car, bus, wheel}.
percept label(object) : class SOURCES.
relation at(object, {p, q}).
relation inside(object, object).
inside(o3, o1). inside(o4, o1). inside(o4, o2).
same(A, B) :- at(A, S), at(B, S), A != B.
whole(B) :- label(B) = car.
whole(B) :- label(B) = bus.
owned(P) :- inside(P, B), whole(B).
indoor(o2).
sub(car, bus).
query label(_).
"""
PLACES = "at(o1, p). at(o2, p). at(o3, q). at(o4, q).\n"
CANDIDATES = {"o1": ("car", "bus"), "o2": ("bus", "wheel"), "o3": ("wheel", "car"), "o4": ("bus", "wheel")}
NAMES = [*CANDIDATES]
CLASSES = ("car", "bus", "wheel")

CONSTRAINTS = [
    ":- same(A, B), label(A) = V, label(B) = V.",
    ":- at(A, S), at(B, S), A < B, label(A) = label(B).",
    ":- inside(A, B), label(A) = V, label(B) = V.",
    ":- label(O) = bus, indoor(O).",
    ":- label(P) = wheel, not owned(P).",
    ":- not owned(o4).",
    ":- label(B) = car, count { P : inside(P, B), label(P) = wheel } != 1.",
    ":- at(_, S), count { O : at(O, S), label(O) in {car, bus} } > 1.",
    ":- count { O : label(O) = bus } > 2.",
    ":- count { O : label(O) = wheel } < 2.",
    ":- count { V : label(_) = V } < 2.",
    ":- inside(A, B), label(A) != wheel, label(B) = car.",
    ":- inside(A, B), label(A) in {car, wheel}, label(B) not in {car}.",
    ":- label(o1) = car, label(o2) = bus, label(o3) = wheel.",
    ":- not label(o1) = car, not label(o3) = car.",
    ":- (any label(O) = wheel for inside(O, o1)), label(o1) = bus.",
    ":- (all label(O) = wheel for inside(O, o1)), label(o1) = bus.",
    ":- label(o1) = bus or label(o2) = bus, label(o4) = bus.",
    ":- whole(A), whole(B), inside(A, B).",
]


def problem(constraint: str, *, places: bool = True, **options: object) -> AbductionProblem:
    """The problem of two models whose predictions make up the candidates."""
    text = PROGRAM.replace("SOURCES", "from m1, m2") + (PLACES if places else "") + constraint
    checked = nesy.load(text).checked
    info = fused_percept(checked)
    evidence = {
        f"label@m{place + 1}": {name: {labels[place]: 0.5 + place / 10} for name, labels in CANDIDATES.items()}
        for place in range(2)
    }
    return build_problem(checked, info, read_observations(checked, info, evidence), ProblemOptions(**options))[0]  # type: ignore[arg-type]


def violated(scenes: Scenes | None, labels: tuple[int, ...]) -> bool:
    """Whether whole labels break a constraint between objects; by the definitions."""
    if scenes is None:
        return False
    for scene in np.flatnonzero(scenes.all_different):
        inside = [labels[row] for row in np.flatnonzero(scenes.scene == scene)]
        if len(set(inside)) < len(inside):
            return True
    return any(sum(labels[row] in bound.classes for row in bound.objects) > bound.k for bound in scenes.at_most) or any(
        all(labels[row] in classes for row, classes in denial.body) for denial in scenes.denials
    )


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_whole_labellings_are_judged_as_by_answer_sets(constraint: str) -> None:
    scenes = problem(constraint).scenes
    engine = nesy.load(PROGRAM.replace("SOURCES", "") + PLACES + constraint).compile("asp")
    labellings = list(product(*CANDIDATES.values()))
    answer = engine.infer([{"label": dict(zip(NAMES, labels, strict=True))} for labels in labellings])
    for labels, status in zip(labellings, answer.status, strict=True):
        places = tuple(CLASSES.index(label) for label in labels)
        assert violated(scenes, places) == (status == "infeasible"), labels


def test_all_different_needs_no_grounding_of_labels() -> None:
    for constraint in CONSTRAINTS[:2]:
        scenes = problem(constraint).scenes
        assert scenes is not None
        assert scenes.scene.tolist() == [0, 0, 1, 1]
        assert scenes.all_different.all()
        assert scenes.at_most == scenes.denials == ()
    # the same by pairs that are grounded
    scenes = problem("near(A, B) :- same(A, B).\nnear(A, B) :- same(B, A).\n:- near(A, B), label(A) = label(B).").scenes
    assert scenes is not None
    assert scenes.all_different.all()
    assert not scenes.at_most


def test_scenes_may_be_a_relation_of_the_objects() -> None:
    scenes = problem(":- count { O : label(O) = bus } > 2.", scenes="at").scenes
    assert scenes is not None
    assert scenes.scene.tolist() == [0, 0, 1, 1]
    assert (scenes.at_most[0].objects, scenes.at_most[0].k) == ((0, 1, 3), 2)
    scenes = problem(":- inside(A, B), label(A) = V, label(B) = V.").scenes
    assert scenes is not None
    assert scenes.scene.tolist() == [0, 0, 0, 0]
    assert all(len(bound.objects) == 2 and bound.k == 1 for bound in scenes.at_most)
    assert problem("").scenes is None


def test_labels_that_contradict_one_another() -> None:
    everything = ~np.eye(3, dtype=bool)
    assert (problem("").incompatible == everything).all()
    found = problem(":- label(O) = C, label(O) = D, sub(C, D).")
    assert found.scenes is None
    assert np.argwhere(found.incompatible).tolist() == [[0, 1], [1, 0]]
    assert (problem(":- label(O) = C, label(O) = D, C != D.").incompatible == everything).all()


@pytest.mark.parametrize(
    ("constraint", "code"),
    [
        (":- at(A, S), at(B, S), label(A) = V, label(B) = V.", "E489"),
        (":- label(O) = C, label(O) = D, C != D, indoor(O).", "E489"),
        (":- label@m1(O) = bus, label@m2(O) = car.", "E489"),
        (":- count { O : label(O) = car } < 4.", "E489"),
        (":- not reached(o2).\nreached(o1).\nreached(B) :- reached(A), inside(B, A), label(B) = wheel.", ""),
        ("{ pick(O) : object(O) } 1.\n:- pick(O), label(O) = wheel.", "E577"),
        ("concept kind(object) : class.\nkind(O) = V iff label(O) = V.\n:- kind(O) = bus.", "E577"),
        (":- sum { 2, O : label(O) = bus } > 3.", "E489"),
    ],
)
def test_what_abduction_cannot_take_is_told(constraint: str, code: str) -> None:
    if not code:
        with pytest.raises(NesyError, match="whatever the labels are"):
            problem(constraint)
        return
    with pytest.raises(NesyError) as caught:
        problem(constraint)
    assert [found.code for found in caught.value.diagnostics] == [code]


def test_sources_are_known_when_constraints_are_grounded() -> None:
    scenes = problem(":- label@m1(O) = bus, label(O) = wheel.").scenes
    assert scenes is not None
    assert [denial.body for denial in scenes.denials] == [((1, frozenset({2})),), ((3, frozenset({2})),)]


def test_bodies_are_merged() -> None:
    one, two = frozenset({1}), frozenset({2})
    assert merged([((0, one), (1, one)), ((0, one), (1, two)), ((0, two), (1, one)), ((0, two), (1, two))]) == [
        ((0, one | two), (1, one | two))
    ]
    assert merged([((0, one),), ((0, one), (1, one))]) == [((0, one),), ((0, one), (1, one))]


def test_components() -> None:
    assert components([(3, 1), (2, 4), (1, 5)]) == [((1, 3, 5), [(3, 1), (1, 5)]), ((2, 4), [(2, 4)])]
