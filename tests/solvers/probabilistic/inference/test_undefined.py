"""Infinite values are values, and what has none is told."""

from __future__ import annotations

from math import inf

import pytest

import nesy
from nesy.solvers.answer import Answer

LOADS = "type node = 1..2. random load(node) : 0..2 ~ categorical(1, 1, 1)."


def infer(text: str, **options: object) -> Answer:
    return nesy.load(LOADS + text).compile("probabilistic", **options).infer()  # type: ignore[arg-type]  # any options


@pytest.mark.parametrize("method", ["exact", "weighting"])
def test_the_least_of_nothing_is_infinite(method: str) -> None:
    answer = infer("define z = min { load(N) : node(N), load(N) > 0 }. query z. query z = 2.", method=method)
    assert answer["z"].mean is not None
    assert float(answer["z"].mean) == inf
    assert answer["z = 2"].probability is not None
    assert float(answer["z = 2"].probability[0, 1]) == pytest.approx(3 / 9, abs=0.02)
    assert not answer.warnings


@pytest.mark.parametrize("method", ["exact", "weighting"])
def test_what_has_no_value_is_told(method: str) -> None:
    answer = infer(
        "define z = load(1) / load(2). define m = 5 mod load(1). query z. query m. query z = 2.", method=method
    )
    assert [(entry.code, entry.message.split(" have")[0]) for entry in answer.warnings] == [("W599", "z, m")]
    for name in ("z", "m"):
        mean = answer[name].mean
        assert mean is not None
        assert mean.isnan().all()
    found = answer["m"].probability
    assert found is not None
    assert found[0].tolist() == pytest.approx([1 / 3, 1 / 3], abs=0.02)


def test_a_branch_that_is_not_taken_needs_no_value() -> None:
    answer = infer("define z = if load(2) > 0 then load(1) / load(2) else 7. query z.")
    expected = (7 * 3 + (0 + 1 + 2) * 1.5) / 9
    assert answer["z"].mean is not None
    assert float(answer["z"].mean) == pytest.approx(expected)
    assert not answer.warnings
