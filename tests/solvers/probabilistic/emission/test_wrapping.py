"""Long lines are broken outside of strings."""

from __future__ import annotations

import ast
import textwrap

import nesy
from nesy.solvers.probabilistic.emission.wrapping import WIDTH, wrapped

STRINGS = """
type kind = {"a, b | c", "d & e + f", "it's (long)"}.
type n = 1..3.
random seen(N) : kind ~ categorical(1, 2, 3) for n(N).
random size(N) : real ~ normal(0, 1) for n(N).
query seen(1) = "a, b | c" and seen(2) = "d & e + f" or seen(3) = "it's (long)" and seen(2) = "a, b | c".
query size(1) + size(2) + size(3) + size(1) + size(2) + size(3) + size(1) + size(2) + size(3) + size(1) > size(2) + 1.
"""


def test_names_and_labels_may_hold_what_lines_are_broken_at() -> None:
    text = nesy.load(STRINGS).compile("probabilistic").listing()
    names = {part.value for part in ast.walk(ast.parse(text)) if isinstance(part, ast.Constant)}
    assert any(isinstance(name, str) and name.startswith("size(1) + size(2) + size(3) + size(1)") for name in names)
    assert {"a, b | c", "d & e + f", "it's (long)"} <= names


def test_broken_lines_mean_what_they_meant() -> None:
    value = " | ".join(f'(x["{i}, {i} + {i}"] & f(\'a, "b\', {i}))' for i in range(12))
    lines = wrapped(f"found = {value}", "    ")
    assert len(lines) > 1
    assert max(map(len, lines)) <= WIDTH
    whole, broken = ast.parse(f"found = {value}").body[0], ast.parse(textwrap.dedent("\n".join(lines))).body[0]
    assert ast.dump(broken) == ast.dump(whole)
