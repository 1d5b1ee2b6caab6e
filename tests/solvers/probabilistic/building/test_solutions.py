"""Crisp conditions: held to gringo, which grounds the same condition as a rule."""

from __future__ import annotations

import pytest

import nesy
from nesy.dsl import parse
from nesy.dsl.statements import Rule
from nesy.solvers.probabilistic.building.facts import ground_facts
from nesy.solvers.probabilistic.building.instances import Registry
from nesy.solvers.probabilistic.model.expressions import TRUE, Constant

FACTS = """
type node = 1..4.
type name = {a, b, c}.
edge(1, 2). edge(2, 3). edge(3, 1). edge(3, 4). edge(2, 2).
likes(a, b). likes(b, c). likes(c, a). likes(a, (b, 1)).
path(X, Y) :- edge(X, Y).
path(X, Z) :- edge(X, Y), path(Y, Z).
const two = 2.
"""

CONDITIONS = [
    ("edge(X, Y)", "X, Y"),
    ("edge(X, Y), edge(Y, Z), X != Z", "X, Y, Z"),
    ("node(X), not edge(X, X)", "X"),
    ("edge(X, _)", "X"),
    ("edge(X, Y), Z = X + Y", "X, Y, Z"),
    ("edge(X, X + 1)", "X"),
    ("node(X), edge(X - 1, Y)", "X, Y"),
    ("likes(X, (Y, Z))", "X, Y, Z"),
    ("X in 2..4, edge(X, Y)", "X, Y"),
    ("X in {a, c}, likes(X, Y)", "X, Y"),
    ("edge(X, two)", "X"),
    ("node(X), N = count { Y : edge(X, Y) }", "X, N"),
    ("node(X), count { Y : edge(X, Y) } > 1", "X"),
    ("node(X), (edge(X, 2) or edge(X, 4))", "X"),
    ("node(X), not edge(X, 2), not edge(X, 4)", "X"),
    ("node(X), any edge(X, Y) for node(Y), Y > X", "X"),
    ("node(X), all path(X, Y) for node(Y)", "X"),
    ("node(X), Y = X / 2, Z = X mod 2", "X, Y, Z"),
    ("node(X), 2 * X = Y, node(Y)", "X, Y"),
]


@pytest.mark.parametrize(("condition", "names"), CONDITIONS)
def test_solutions_are_those_of_gringo(condition: str, names: str) -> None:
    program = nesy.load(f"{FACTS}\nfound({names}) :- {condition}.\n{_queries(names)}")
    (rule,) = [entry for entry in parse(f"found({names}) :- {condition}.").statements if isinstance(entry, Rule)]
    ground = ground_facts(program.checked, [entry.formula for entry in parse(_queries(names)).statements], strict=False)  # type: ignore[union-attr]
    registry = Registry(program.checked, ground.facts)
    wanted = [name.strip() for name in names.split(",")]
    found = set()
    for bindings, guard in registry.solver.solve(rule.body, {}):
        assert guard == TRUE
        values = [bindings[name] for name in wanted]
        found.add(tuple(value.value for value in values if isinstance(value, Constant)))
    assert found == set(ground.facts.rows["found", len(wanted)])
    assert found


def _queries(names: str) -> str:
    others = "query any edge(X, Y). query any path(X, Y). query any likes(X, Y)."
    return f"query any found({names}). {others}"
