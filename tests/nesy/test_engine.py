"""Engines under evidence that nobody meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import nesy

ENGINE = nesy.load(
    """
    percept a(1..2) : {x, y}.
    percept wet : bool.
    concept b : bool.
    b iff any a(_) = x and not wet.
    query b.
    """
).compile()

NAMES = st.sampled_from(["a", "wet", "b", "x", "y", "1", "2", "true", "false", "1,1", ""])
KEYS = NAMES | st.integers(0, 3) | st.booleans() | st.none() | st.floats() | st.tuples(st.integers(1, 2))
LEAVES = (
    KEYS
    | st.text(max_size=3)
    | st.just(1.0)
    | st.just(0.5)
    | st.just(10**400)
    | st.just("9" * 5000)
    | st.builds(object)
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
SHAPES = st.lists(st.integers(0, 3), max_size=4).map(tuple)
ARRAYS = st.builds(
    lambda shape, fill, dtype: np.full(shape, fill).astype(dtype),
    SHAPES,
    st.sampled_from([0.0, 0.5, 1.0, -1.0, 7.0]),
    st.sampled_from(["f2", "f4", "f8", "i4", "u1", "bool", "U3", "O", "c8"]),
)
TENSORS = ARRAYS.filter(lambda array: array.dtype.kind in "fiub").map(torch.from_numpy)


def answered_or_refused(evidence: Any) -> None:
    found: tuple[nesy.Diagnostic, ...] = ()
    try:
        possibility = ENGINE.infer(evidence)["b"].possibility
    except nesy.NesyError as error:
        found = error.diagnostics
    else:
        assert possibility is not None
        assert bool(((possibility >= 0) & (possibility <= 1)).all())
    assert all(entry.code.startswith("E4") and entry.message for entry in found)


@given(ANYTHING)
def test_any_object(evidence: object) -> None:
    answered_or_refused(evidence)


@given(st.fixed_dictionaries({"a": ANYTHING, "wet": ANYTHING}))
def test_any_readings(evidence: object) -> None:
    answered_or_refused(evidence)


@given(st.fixed_dictionaries({"a": ARRAYS | TENSORS | ANYTHING, "wet": ARRAYS | TENSORS | ANYTHING}))
def test_any_arrays(evidence: object) -> None:
    answered_or_refused(evidence)


@given(st.integers(1, 4), st.integers(0, 100))
def test_forms_agree(batch: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    a, wet = random.dirichlet([1, 1], (batch, 2)), random.dirichlet([1, 1], batch)
    instances: list[dict[str, object]] = [
        {
            "a": {str(place + 1): dict(zip("xy", row, strict=True)) for place, row in enumerate(a[number].tolist())},
            "wet": {"false": float(wet[number, 0]), "true": float(wet[number, 1])},
        }
        for number in range(batch)
    ]
    arrays = ENGINE.infer({"a": a, "wet": wet})["b"]
    for evidence in ({"a": a.tolist(), "wet": torch.from_numpy(wet)}, instances):
        other = ENGINE.infer(evidence)["b"]
        assert arrays.possibility is not None
        assert other.possibility is not None
        assert torch.equal(arrays.possibility, other.possibility)


def test_float32_engines() -> None:
    engine = nesy.load("percept a : 1..2. query a.").compile(dtype="float32", chunk=2)
    answer = engine.infer({"a": torch.full((5, 2), 0.5, dtype=torch.float64)})
    assert answer["a"].possibility is not None
    assert answer["a"].possibility.dtype == torch.float32
    assert engine.check({"a": torch.full((5, 2), 0.5)})["a"].dtype == torch.float32


def test_wrong_options() -> None:
    program = nesy.load("percept a : 1..2. query a.")
    with pytest.raises(nesy.NesyError, match="E523"):
        program.compile(dtype="float8")  # type: ignore[arg-type]
    with pytest.raises(nesy.NesyError, match="E440"):
        program.compile(device="cuda:97")


def test_explanations_keep_the_evidence_of_their_answer() -> None:
    readings = torch.tensor([[0.25, 0.75]], dtype=torch.float64)
    answer = nesy.load("percept a : 1..2. query a.").compile().infer({"a": readings})
    before = answer.explain(0)
    readings.fill_(0.5)
    assert answer.explain(0) == before
