"""How degrees are written."""

from __future__ import annotations

import pytest

from nesy.solvers.explanation import degree_text


@pytest.mark.parametrize(
    ("degree", "text"),
    [(0.0, "0"), (1.0, "1"), (0.25, "0.250"), (4e-4, "<0.001"), (0.9996, ">0.999"), (0.0005001, "0.001")],
)
def test_zero_and_one_are_written_only_where_they_are_meant(degree: float, text: str) -> None:
    assert degree_text(degree) == text
