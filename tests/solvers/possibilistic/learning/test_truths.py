"""Targets that follow from others: forward, backward, both in turn; and the refusal where they do not."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic.learning.truths import UNKNOWN, determined_cells
from tests.solvers.possibilistic.learning.programs import hot, program


def cells(model: GroundModel, targets: dict[str, Tensor], *names: str) -> dict[str, list[int]]:
    """The determined cells of all indices of the named concepts, by label."""
    places = {
        model.attribute_places[name]: tensor.reshape(len(tensor), -1, tensor.shape[-1])
        for name, tensor in targets.items()
    }
    wanted = [
        (model.attribute_places[name], index)
        for name in names
        for index in range(len(model.attributes[model.attribute_places[name]].index))
    ]
    samples = len(next(iter(targets.values())))
    found = determined_cells(model, places, wanted, samples)
    return {model.attributes[place].label(index): cell.tolist() for (place, index), cell in found.items()}


CHAIN = """
percept a : 0..3.  percept b : 0..1.
concept c : (0..3, 0..1).  concept d : 0..4.  concept e : bool.
c in {(X, _)} iff a = X [learn].
c in {(_, Y)} iff b = Y [learn].
d = S iff c in {(X, Y) : X + Y = S} [learn].
e iff d in {0, 2, 4} [learn].
query e.
"""


def test_forward_through_a_cascade() -> None:
    model = program(CHAIN)
    found = cells(model, {"a": hot([0, 2, 3], 4), "b": hot([1, 1, 0], 2)}, "c", "d", "e")
    assert found == {"c": [1, 5, 6], "d": [1, 3, 3], "e": [1, 1, 1]}


def test_a_target_of_a_lower_concept_is_used_instead_of_its_rules() -> None:
    found = cells(program(CHAIN), {"d": hot([4, 1], 5)}, "e")
    assert found == {"e": [0, 1]}


def test_backward_where_one_case_agrees() -> None:
    text = """
    percept a : 0..2.
    concept c : 0..2.  concept d : bool.  concept e : 0..2.
    c = V iff a = V [learn].
    d iff c in {0, 1} [learn].
    e = V iff c = V.
    query d. query e.
    """
    model = program(text)
    assert cells(model, {"e": hot([2, 0], 3)}, "c") == {"c": [2, 0]}
    assert cells(model, {"e": hot([2, 0], 3)}, "c", "d") == {"c": [2, 0], "d": [1, 0]}
    assert cells(model, {"d": hot([0, 0], 2)}, "c") == {"c": [2, 2]}
    with pytest.raises(NesyError, match="E535"):
        cells(model, {"d": hot([0, 1], 2)}, "c")
    both = {"d": hot([1, 1], 2), "e": torch.tensor([[1.0, 0, 1], [0, 1, 1]], dtype=torch.float64)}
    assert cells(model, both, "c") == {"c": [0, 1]}


def test_backward_and_forward_in_turn() -> None:
    """e tells d, d tells c, and c tells f; nothing is known of the percept."""
    text = """
    percept a : 0..1.
    concept c : 0..1.  concept d : 0..1.  concept e : 0..1.  concept f : 0..1.
    c = V iff a = V [learn].
    d = V iff c = V [learn].
    e = V iff d = V [learn].
    f = V iff c = V [learn].
    query e. query f.
    """
    model = program(text)
    assert cells(model, {"e": hot([1, 0], 2)}, "c", "d", "f") == {"c": [1, 0], "d": [1, 0], "f": [1, 0]}


def test_one_way_rules_say_only_what_they_say() -> None:
    text = """
    percept a : 0..1.
    concept c : 0..1.
    if a = 1 then c = 1 [learn].
    query c.
    """
    with pytest.raises(NesyError) as raised:
        cells(program(text), {"a": hot([1, 1, 0], 2)}, "c")
    (problem,) = raised.value.diagnostics
    assert problem.code == "E535"
    assert problem.message == (
        "there are no targets for 'c', and the rules do not determine c from the other targets: "
        "not exactly one of its cases remains in sample 2"
    )
    assert problem.hint == "give targets for c, or the true values of what its rules speak of (a)"
    assert cells(program(text), {"a": hot([1, 1], 2)}, "c") == {"c": [0, 0]}


def test_rules_that_contradict_each_other_determine_nothing() -> None:
    text = """
    percept a : 0..1.  percept b : 0..1.
    concept c : 0..1.
    c = V iff a = V [learn].
    c = V iff b = V [learn].
    query c.
    """
    with pytest.raises(NesyError, match=r"in sample 1[\s\S]*\(a, b\)"):
        cells(program(text), {"a": hot([1, 0], 2), "b": hot([1, 1], 2)}, "c")


def test_a_sample_without_labels_stays_without() -> None:
    labels = hot([0, 2, 3], 4)
    labels[1] = torch.nan
    found = cells(program(CHAIN), {"a": labels, "b": hot([1, 1, 0], 2)}, "c")
    assert found == {"c": [1, UNKNOWN, 6]}


def test_general_cells_are_enough() -> None:
    """The rule on c tells only low from high; the label of the percept need not say more."""
    text = """
    percept a : 0..3.
    concept c : 0..3.
    c in {0, 1} iff a in {0, 1} [learn].
    query c.
    """
    either = torch.tensor([[1.0, 1, 0, 0], [0, 0, 0, 1]], dtype=torch.float64)
    assert cells(program(text), {"a": either}, "c") == {"c": [0, 1]}


def test_graded_labels_determine_nothing() -> None:
    graded = torch.tensor([[1.0, 0.2, 0, 0]], dtype=torch.float64)
    with pytest.raises(NesyError, match="E535"):
        cells(program(CHAIN), {"a": graded, "b": hot([1], 2)}, "c")
