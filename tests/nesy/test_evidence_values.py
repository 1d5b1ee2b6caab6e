"""Evidence written value by value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nesy
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.evidence_values import evidence_tensors
from nesy.solvers.ground_model import GroundModel

PROGRAM = """
type colour = {red, green, "light blue"}.
relation edge(node, node).
type node = {a, b}.
edge(a, b).  edge(b, a).
percept cell(1..2, 1..2) : 1..3.
percept lamp : colour.
percept link(X, Y) : bool for edge(X, Y).
percept pair : (bool, 1..2).
percept spare : bool.
concept all_on : bool.
all_on iff all cell(_, _) = 1 and lamp = red and any link(_, _) and pair = (true, 1).
query all_on.
expect possible spare.
"""

CELLS = {"1,1": {"1": 0.5, "2": 0.5}, "1,2": "3", "2,1": 2, "2,2": {1: 1}}
INSTANCE: dict[str, Any] = {
    "cell": CELLS,
    "lamp": {"red": 0.7, "light blue": 0.3},
    "link": {"a,b": 0.8, "b,a": True},
    "pair": "(true,2)",
}


@pytest.fixture(scope="module")
def model() -> GroundModel:
    return nesy.load(PROGRAM).ground()


def arrays(model: GroundModel, evidence: object) -> dict[str, Any]:
    return {name: np.asarray(array) for name, array in evidence_tensors(model, evidence).items()}


def test_an_instance_becomes_a_batch_of_one(model: GroundModel) -> None:
    found = arrays(model, INSTANCE)
    assert {name: array.shape for name, array in found.items()} == {
        "cell": (1, 2, 2, 3),
        "lamp": (1, 3),
        "link": (1, 2, 2),
        "pair": (1, 4),
    }
    assert found["cell"][0].tolist() == [[[0.5, 0.5, 0], [0, 0, 1]], [[0, 1, 0], [1, 0, 0]]]
    assert found["lamp"][0].tolist() == [0.7, 0, 0.3]
    assert found["link"][0] == pytest.approx(np.array([[0.2, 0.8], [0, 1]]))
    assert found["pair"][0].tolist() == [0, 0, 0, 1]


def test_a_list_becomes_a_batch(model: GroundModel) -> None:
    found = arrays(model, [INSTANCE, INSTANCE | {"lamp": "green"}])
    assert found["lamp"].tolist() == [[0.7, 0, 0.3], [0, 1, 0]]


def test_tensors_and_lists_of_numbers_pass_through(model: GroundModel) -> None:
    given = {"lamp": [[1, 0, 0]], "cell": np.zeros((1, 2, 2, 3))}
    assert evidence_tensors(model, given) is given


def test_percepts_that_are_not_needed_are_not_read(model: GroundModel) -> None:
    assert "spare" not in arrays(model, INSTANCE | {"spare": "nonsense"})


def codes(model: GroundModel, evidence: object) -> list[str]:
    with pytest.raises(NesyError) as caught:
        evidence_tensors(model, evidence)
    return [f"{found.code} {found.place}: {found.message}" for found in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lam": "red"}, "E401 instance 0: the program has no percept 'lam'"),
        ({"lamp": "rod"}, "E411 instance 0, lamp: 'rod' is no value of colour"),
        ({"lamp": {"red": 0.5, "blue": 0.5}}, "E411 instance 0, lamp: 'blue' is no value of colour"),
        ({"lamp": {"red": "0.5"}}, "E414 instance 0, lamp: the probability of red is '0.5', which is not a number"),
        ({"lamp": {"red": True}}, "E414 instance 0, lamp: the probability of red is True, which is not a number"),
        (
            {"lamp": {"light blue": 0.5, '"light blue"': 0.5}},
            'E413 instance 0, lamp: the value "light blue" is given twice',
        ),
        ({"lamp": 0.5}, "E414 instance 0, lamp: 0.5 is not a distribution"),
        ({"lamp": None}, "E414 instance 0, lamp: None is not a distribution"),
        ({"link": {"a,b": 1.5, "b,a": 1}}, "E406 instance 0, link(a,b): 1.5 is not a probability"),
        ({"cell": {"1,1": 1, "2,1": 2, "2,2": 3}}, "E412 instance 0, cell: 1 of 4 indices have no reading: cell(1,2)"),
        ({"link": {"a,b": 1, "b,a": 1, "a,a": 1}}, "E410 instance 0, link: link has no index 'a,a'"),
        ({"link": {"a,b": 1, "b,a": 1, "b, a": 1}}, "E413 instance 0: the index link(b,a) is given twice"),
        ({"link": 0.5}, "E414 instance 0, link: the percept has an index, and its reading is 0.5"),
        ({"cell": {**CELLS, "1,2": 7}}, "E411 instance 0, cell(1,2): 7 is no value of 1..3"),
    ],
)
def test_faults_name_instance_percept_and_index(model: GroundModel, change: dict[str, object], expected: str) -> None:
    assert codes(model, INSTANCE | change) == [expected]


def test_what_is_left_out_of_a_bool_percept_is_false_and_said(model: GroundModel) -> None:
    remarks: list[Diagnostic] = []
    found = evidence_tensors(model, INSTANCE | {"link": {"b,a": 0.25}}, remarks)
    assert np.asarray(found["link"])[0].tolist() == [[1, 0], [0.75, 0.25]]
    assert [(remark.code, remark.place) for remark in remarks] == [("W412", "instance 0, link")]
    assert "1 of 2 indices have no reading and count as false: link(a,b)" in remarks[0].message


def test_all_faults_are_told_at_once_and_counted(model: GroundModel) -> None:
    found = codes(model, [INSTANCE | {"lamp": "rod"}] * 8 + [INSTANCE | {"pair": 3}])
    assert len(found) == 5
    assert found[4].endswith("(and 4 more like this)")


def test_instances_give_the_same_percepts(model: GroundModel) -> None:
    second = {name: reading for name, reading in INSTANCE.items() if name != "lamp"}
    (found,) = codes(model, [INSTANCE, second])
    assert found.startswith("E402 instance 1: there is no evidence on the percept 'lamp'")


@pytest.mark.parametrize(
    ("evidence", "code"), [([], "E419"), ("red", "E414"), (7, "E414"), ([INSTANCE, 3], "E414"), ([[INSTANCE]], "E414")]
)
def test_other_things_are_refused(model: GroundModel, evidence: object, code: str) -> None:
    assert codes(model, evidence)[0].startswith(code)


def test_not_a_number_is_named_with_its_place(model: GroundModel) -> None:
    cells = {**CELLS, "2,1": {"1": float("nan"), "2": 1}}
    lamp = {"red": 10**400}
    with pytest.raises(NesyError) as caught:
        evidence_tensors(model, [INSTANCE, {**INSTANCE, "cell": cells, "lamp": lamp, "link": {"a,b": float("inf")}}])
    found = {(entry.code, entry.place) for entry in caught.value.diagnostics}
    assert found == {
        ("E405", "instance 1, cell(2,1)"),
        ("E405", "instance 1, lamp"),
        ("E405", "instance 1, link(a,b)"),
    }
