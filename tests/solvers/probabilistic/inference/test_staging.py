"""The order in which evidence comes in."""

from __future__ import annotations

from nesy.solvers.probabilistic.inference.staging import schedule
from nesy.solvers.probabilistic.vectorised.plates import plates
from tests.solvers.probabilistic.graphs import SCHOOLS, graph_of

STEPS = "type step = 1..20. random drift : real ~ normal(0, 1)."
SEEN = (
    "random y(T) : real ~ normal(x(T), 1) for step(T)."
    "observe y(1) = 0.5. observe y(2) = 1. observe y(4) = 2. observe y(16) = 3. query x(18). query drift."
)
WALK = f"{STEPS} random x(T) : real ~ normal(if T = 1 then 0 else x(T - 1) + drift, 1) for step(T). {SEEN}"
NOISE = f"""
{STEPS}
random noise(T) : real ~ normal(0, 1) for step(T).
define x(T) = if T = 1 then noise(T) else x(T - 1) + drift + noise(T).
{SEEN}
"""


def test_states_come_with_the_evidence_that_needs_them_and_parameters_last() -> None:
    found = schedule(graph_of(WALK))
    assert [entry.text for stage in found.conditions for entry in stage] == [
        "y(1) = 0.5",
        "y(2) = 1",
        "y(4) = 2",
        "y(16) = 3",
    ]
    assert found.count == 4
    assert [found.stages[f"x({t})"] for t in (1, 2, 3, 4, 5, 16, 17)] == [0, 1, 2, 2, 3, 3, 4]
    assert found.stages["drift"] == 1
    assert found.lasting == frozenset()  # of so few stages none is far off
    assert not found.sequential


def test_noise_that_is_declared_for_all_steps_at_once_is_drawn_step_by_step() -> None:
    graph = graph_of(NOISE)
    found = schedule(graph)
    assert [found.stages[f"noise({t})"] for t in (1, 2, 3, 4)] == [0, 1, 2, 2]
    blocks = [block.labels for block in plates(graph, stages=found.stages).blocks if block.family == "noise"]
    assert [len(block) for block in blocks] == [1, 1, 2, 12, 2]
    assert [len(block.labels) for block in plates(graph).blocks if block.family == "noise"] == [18]


def test_parameters_last_and_so_does_what_is_computed_from_them() -> None:
    lines = " ".join(f"observe y({t}) = {t}." for t in range(1, 21))
    model = WALK.split("observe")[0].replace("x(T - 1) + drift", "x(T - 1) + slope")
    found = schedule(graph_of(f"{model} define slope = 2 * drift. {lines} query x(1)."))
    assert found.count == 20
    assert found.lasting == {"drift"}
    assert found.sequential


def test_many_groups_are_no_sequence() -> None:
    found = schedule(graph_of(SCHOOLS))
    assert found.count == 1
    assert not found.sequential
