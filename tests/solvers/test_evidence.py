"""What passes ``check_evidence``, and what each fault of the evidence is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import nesy
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.evidence import check_evidence, expected_shape
from nesy.solvers.ground_model import GroundModel

PROGRAM = """
type row = 1..2.
type col = 1..3.
type colour = {red, green, blue}.
relation edge(row, col).
edge(1, 1).  edge(1, 3).
percept cell(row, col) : colour.
percept lamp : bool.
percept link(R, C) : bool for edge(R, C).
percept unused : colour.
concept all_red : bool.
all_red iff all cell(_, _) = red and lamp and all link(_, _).
query all_red.
expect possible unused = red.
"""


@pytest.fixture(scope="module")
def model() -> GroundModel:
    return nesy.load(PROGRAM).ground()


def evidence(batch: int = 2) -> dict[str, Tensor]:
    return {
        "cell": torch.full((batch, 2, 3, 3), 1 / 3, dtype=torch.float64),
        "lamp": torch.full((batch, 2), 0.5),
        "link": torch.full((batch, 2, 2), 0.5),
    }


def check(model: GroundModel, raw: dict[str, object]) -> dict[str, Tensor]:
    return check_evidence(model, raw, device="cpu", dtype=torch.float64)


def refused(model: GroundModel, **changed: object) -> Diagnostic:
    with pytest.raises(NesyError) as caught:
        check(model, evidence() | changed)
    (found,) = caught.value.diagnostics
    return found


def test_sound_evidence_passes_unchanged(model: GroundModel) -> None:
    given_evidence = evidence()
    found = check(model, dict(given_evidence))
    assert set(found) == {"cell", "lamp", "link"}
    for name, tensor in found.items():
        assert tensor.dtype == torch.float64
        assert torch.equal(tensor, given_evidence[name].double())


def test_arrays_and_nested_lists_are_taken(model: GroundModel) -> None:
    array = np.full((1, 2, 3, 3), 1 / 3, dtype=np.float32)
    array.flags.writeable = False
    found = check(model, {"cell": array, "lamp": [[1, 0]], "link": [[[0.5, 0.5], [0, 1]]]})
    assert found["lamp"].tolist() == [[1.0, 0.0]]
    assert found["cell"].shape == (1, 2, 3, 3)


def test_percepts_that_no_query_needs_are_accepted_and_left_out(model: GroundModel) -> None:
    found = check(model, {**evidence(), "unused": "whatever"})
    assert "unused" not in found


def test_gradients_flow_through(model: GroundModel) -> None:
    logits = torch.zeros(2, 2, requires_grad=True)
    found = check(model, {**evidence(), "lamp": logits.softmax(-1)})
    found["lamp"][:, 0].sum().backward()
    assert logits.grad is not None


def test_unknown_percept(model: GroundModel) -> None:
    found = refused(model, cel=torch.ones(2, 3))
    assert (found.code, found.message) == ("E401", "the program has no percept 'cel'")
    assert found.hint == "the nearest known name is 'cell'"


def test_missing_percepts_are_all_named(model: GroundModel) -> None:
    with pytest.raises(NesyError) as caught:
        check(model, {})
    assert [found.code for found in caught.value.diagnostics] == ["E402"] * 3
    assert "'cell'" in caught.value.diagnostics[0].message
    assert "[batch, 2, 3, 3 values of colour]" in caught.value.diagnostics[0].hint


def test_shapes_are_described(model: GroundModel) -> None:
    shapes = {attribute.name: expected_shape(attribute) for attribute in model.percepts}
    assert shapes == {
        "cell": "[batch, 2, 3, 3 values of colour]",
        "lamp": "[batch, 2 values of bool]",
        "link": "[batch, 2 indices, 2 values of bool]",
    }


@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((2, 3, 3), "the batch axis is missing: tensor[None] makes it a batch of one"),
        ((2, 2, 3, 4), "the values are, in this order, red, green, blue"),
        ((2, 3, 2, 3), "the axes seem to be in another order: the values come last (tensor.permute)"),
        ((), "the axes are the batch, one for each index type in the order of the declaration, and the values"),
    ],
)
def test_wrong_shapes(model: GroundModel, shape: tuple[int, ...], hint: str) -> None:
    found = refused(model, cell=torch.zeros(shape))
    assert found.code == "E403"
    assert str(list(shape)) in found.message
    assert "expected is [batch, 2, 3, 3 values of colour]" in found.message
    assert found.hint == hint


def test_batch_sizes_differ(model: GroundModel) -> None:
    found = refused(model, lamp=torch.full((3, 2), 0.5))
    assert (found.code, found.message) == ("E404", "the batch sizes differ (cell: 2, lamp: 3, link: 2)")


def test_empty_batch(model: GroundModel) -> None:
    with pytest.raises(NesyError, match="E404"):
        check(model, {name: tensor[:0] for name, tensor in evidence().items()})


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (float("nan"), "E405", "the probability of cell(2,1) = green is nan in instance 1"),
        (float("inf"), "E405", "the probability of cell(2,1) = green is inf in instance 1"),
        (-0.25, "E406", "the probability of cell(2,1) = green is -0.25 in instance 1"),
        (7.0, "E406", "the probability of cell(2,1) = green is 7 in instance 1"),
        (0.4, "E407", "the probabilities of cell(2,1) sum to 1.067 in instance 1"),
        (1 / 3 + 2e-4, "E407", "the probabilities of cell(2,1) sum to 1.0002 in instance 1"),
    ],
)
def test_bad_numbers_name_percept_instance_and_index(
    model: GroundModel, number: float, code: str, message: str
) -> None:
    cell = evidence()["cell"]
    cell[1, 1, 0, 1] = number
    found = refused(model, cell=cell)
    assert (found.code, found.message) == (code, message)


def test_further_bad_rows_are_counted(model: GroundModel) -> None:
    found = refused(model, cell=torch.zeros(2, 2, 3, 3))
    assert (
        found.message == "the probabilities of cell(1,1) sum to 0 in instance 0; there are 11 more such distributions"
    )


def test_bad_numbers_of_all_percepts_are_told_at_once(model: GroundModel) -> None:
    with pytest.raises(NesyError) as caught:
        check(model, {**evidence(), "cell": torch.zeros(2, 2, 3, 3), "lamp": torch.ones(2, 2)})
    assert [found.code for found in caught.value.diagnostics] == ["E407", "E407"]


@pytest.mark.parametrize(
    "value",
    [torch.ones(2, 2, dtype=torch.int64), np.ones((2, 2), dtype=bool), torch.ones(2, 2, dtype=torch.complex64)],
)
def test_other_dtypes_are_refused(model: GroundModel, value: object) -> None:
    assert refused(model, lamp=value).code == "E408"


@pytest.mark.parametrize("value", [[[0.5, 0.5], [1.0]], [["a", "b"]] * 2, object(), np.array([["x", "y"]] * 2), None])
def test_what_is_no_tensor_is_refused(model: GroundModel, value: object) -> None:
    assert refused(model, lamp=value).code in ("E403", "E408")


def test_rounding_is_tolerated_by_dtype(model: GroundModel) -> None:
    exact = torch.tensor([[0.1, 0.9]] * 2)
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        check(model, {**evidence(), "lamp": exact.to(dtype)})
    check(model, {**evidence(), "lamp": exact + torch.tensor([5e-5, 0])})


@given(st.integers(1, 5), st.integers(0, 1_000))
def test_what_softmax_gives_passes(batch: int, seed: int) -> None:
    found = nesy.load("percept a : 1..30. query a.").ground()
    logits = torch.randn(batch, 30, generator=torch.Generator().manual_seed(seed)) * 20
    check(found, {"a": logits.softmax(-1)})


SOURCES = """
percept label : {cat, dog} from m1, m2.
concept same : bool.
same iff label@m1 = cat and label@m2 = cat.
query same.
"""


def test_sources_have_evidence_of_their_own() -> None:
    model = nesy.load(SOURCES).ground()
    reading = torch.tensor([[0.5, 0.5]])
    found = check(model, {"label@m1": reading, "label@m2": reading})
    assert set(found) == {"label@m1", "label@m2"}
    with pytest.raises(NesyError) as caught:
        check(model, {"label@m1": reading, "label@m3": reading})
    assert sorted(found.code for found in caught.value.diagnostics) == ["E401", "E402"]
    assert "label@m2" in str(caught.value)


def test_tensors_without_plain_numbers_are_refused(model: GroundModel) -> None:
    sparse = refused(model, cell=evidence()["cell"].to_sparse())
    assert (sparse.code, sparse.message) == ("E408", "the evidence is a sparse tensor")
    assert refused(model, lamp=torch.ones(2, 2, device="meta")).message == "the evidence is a meta tensor"
    assert refused(model, lamp=torch.ones(2, 2).to(torch.float8_e4m3fn)).code == "E408"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([[0.5, 0.5], [1.0]], "its lists differ in length, or hold something else than numbers"),
        (np.array([[None, None]]), "the array holds Python objects"),
        (np.array([["x", "y"]]), "the array holds texts"),
    ],
)
def test_what_is_no_tensor_is_told_in_own_words(model: GroundModel, value: object, words: str) -> None:
    assert refused(model, lamp=value).message == f"the evidence cannot be read as a tensor: {words}"


def test_arrays_of_any_layout(model: GroundModel) -> None:
    half = np.full((2, 2), 0.5)
    for array in (half.astype(">f8"), half[:, ::-1], np.broadcast_to(half[:1], (2, 2))):
        assert check(model, {**evidence(), "lamp": array})["lamp"].tolist() == half.tolist()


@pytest.mark.parametrize("backend", ["possibilistic", "asp", "integer", "probabilistic"])
@pytest.mark.parametrize(
    ("rest", "missing"),
    [
        ("concept bad : bool.\nbad iff label(a) = car.\nquery bad.", "label"),
        ("concept bad : bool.\nbad iff label@m1(a) = car.\nquery bad.", "label@m1"),
        ("seen(X) :- label@m2(X) = car.\nquery seen(a).", "label@m2"),
        ("query label@m1(_).", "label@m1"),
    ],
)
def test_the_reading_that_rules_speak_of_is_needed(backend: str, rest: str, missing: str) -> None:
    """Whatever else of the percept and its sources is given."""
    text = f"type object = {{a, b}}.\ntype kind = {{car, bus}}.\npercept label(object) : kind from m1, m2.\n{rest}"
    engine = nesy.load(text).compile(backend)
    even = torch.full((1, 2, 2), 0.5, dtype=torch.float64)
    others = {name: even for name in ("label", "label@m1", "label@m2") if name != missing}
    with pytest.raises(NesyError) as caught:
        engine.infer(others)
    assert [(one.code, f"'{missing}'" in one.message) for one in caught.value.diagnostics] == [("E402", True)]
    assert engine.infer({missing: even}).status
