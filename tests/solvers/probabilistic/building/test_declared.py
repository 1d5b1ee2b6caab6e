"""Data of declared relations: whole numbers of the type ``int`` are the ones that occur."""

from __future__ import annotations

import pytest

import nesy

DATA = "relation data(int, real). random y(I) : real ~ normal(V, 1) for data(I, V). query y(_)."


@pytest.mark.parametrize("facts", ["data(1, 2.5). data(2, 3).", ""])
def test_rows_may_be_numbered(facts: str) -> None:
    program = nesy.load(DATA + facts, facts=None if facts else {"data": [(1, 2.5), (2, 3)]})
    answer = program.compile("probabilistic").infer()
    assert answer["y"].labels == ("y(1)", "y(2)")
    mean = answer["y"].mean
    assert mean is not None
    assert mean[0].tolist() == [2.5, 3.0]
