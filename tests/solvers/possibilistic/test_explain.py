"""Explanations: what they name is enough, and what they say reads well."""

from __future__ import annotations

import time
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl import check, parse
from nesy.solvers.backend import Options
from nesy.solvers.explanation import Explanation, Reading
from nesy.solvers.ground_model import AllOf, AtomLiteral, GroundModel
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import compile_model
from nesy.solvers.possibilistic.explain import explain
from nesy.solvers.possibilistic.explain_steps import Inputs
from nesy.solvers.possibilistic.interpreter import Structures, evaluate, structures
from tests.effort import tries
from tests.solvers.models import BOOL, Builder, literal
from tests.solvers.possibilistic.random_models import Maker
from tests.solvers.possibilistic.test_interpreter import answers, tables

Place = tuple[str, int, int]
"""A percept degree: percept, index, value."""


def places(model: GroundModel) -> dict[str, Place]:
    """The place of each statement such as ``a0(1) = 3``."""
    return {
        f"{attribute.label(index)} = {value}": (attribute.name, index, number)
        for attribute in model.percepts
        for index in range(len(attribute.index))
        for number, value in enumerate(attribute.domain.values)
    }


def explained_degree(known: Structures, percepts: dict[str, np.ndarray], found: Explanation) -> float:
    """The degree that ``found`` explains, for other percepts."""
    query = next(place for place, entry in enumerate(known.model.queries) if entry.label == found.query)
    degrees = answers(evaluate(known, percepts))[query]
    formula = known.model.queries[query].formula is not None
    value = {"false": 0, "true": 1}[found.value] if formula else _value(known, query, found.value)
    if found.measure == "possibility":
        return degrees[value]
    return 1.0 - max(degrees[:value] + degrees[value + 1 :], default=0.0)


def _value(known: Structures, query: int, text: str) -> int:
    attribute = known.model.attributes[known.model.queries[query].attribute]
    return [str(value).replace(" ", "") for value in attribute.domain.values].index(text)


def moved(percepts: dict[str, np.ndarray], changes: dict[Place, float]) -> dict[str, np.ndarray]:
    """Copies of the percepts with some degrees changed."""
    found = {name: table.copy() for name, table in percepts.items()}
    for (name, index, value), degree in changes.items():
        found[name].reshape(-1, found[name].shape[-1])[index, value] = degree
    return found


def cases(seed: int) -> tuple[Random, Structures, dict[str, np.ndarray], tuple[Explanation, ...]]:
    """A random model, an instance and its explanations."""
    random = Random(seed)
    maker = Maker(random)
    known = structures(maker.model)
    percepts = tables(maker, normalised=random.random() < 0.7)
    return random, known, percepts, explain(known, Inputs(percepts, {}), 0)


# ----- the theorem


@settings(max_examples=tries(100))
@given(st.integers(0, 1 << 30))
def test_what_is_not_named_may_move(seed: int) -> None:
    """Supporting readings move within their slack, all others anywhere, all at once: the degree stays, bit by bit."""
    random, known, percepts, found = cases(seed)
    every = places(known.model)
    for entry in found:
        named = {every[reading.statement] for reading in entry.readings}
        supporting = {every[reading.statement]: reading for reading in entry.supporting}
        for _ in range(3):
            changes = {place: random.choice([0.0, 1.0, random.random()]) for place in every.values()}
            changes |= {place: _within(random, reading) for place, reading in supporting.items()}
            changes = {place: degree for place, degree in changes.items() if place not in named}
            assert explained_degree(known, moved(percepts, changes), entry) == entry.degree


def _within(random: Random, reading: Reading) -> float:
    down, up = reading.slack
    share = random.choice([0.0, 0.5, 0.999])
    return reading.degree - share * down if random.random() < 0.5 else reading.degree + share * up


@given(st.integers(0, 1 << 30))
def test_all_but_the_deciding_readings_may_move_by_the_margin(seed: int) -> None:
    random, known, percepts, found = cases(seed)
    every = places(known.model)
    for entry in found:
        named = {every[reading.statement] for reading in entry.readings}
        changes = {}
        for place in set(every.values()) - named:
            name, index, value = place
            degree = percepts[name].reshape(-1, percepts[name].shape[-1])[index, value]
            changes[place] = min(1.0, max(0.0, degree + random.choice([-0.999, 0.999]) * entry.margin))
        assert explained_degree(known, moved(percepts, changes), entry) == entry.degree


@given(st.integers(0, 1 << 30))
def test_the_slack_of_a_deciding_reading_is_exact(seed: int) -> None:
    """Alone it may move as far as its slack; where its slack is 0, the least move that way changes the degree."""
    _, known, percepts, found = cases(seed)
    every = places(known.model)
    for entry in found:
        if len(entry.readings) > 16:
            continue
        for reading in entry.readings:
            place = every[reading.statement]
            for slack, end in zip(reading.slack, (0.0, 1.0), strict=True):
                step = float(np.nextafter(reading.degree, end))
                if slack:
                    assert explained_degree(known, moved(percepts, {place: end}), entry) == entry.degree
                elif step != reading.degree and entry.measure == "possibility":
                    assert explained_degree(known, moved(percepts, {place: step}), entry) != entry.degree


@given(st.integers(0, 1 << 30))
def test_explanations_agree_with_the_answer(seed: int) -> None:
    _, known, percepts, found = cases(seed)
    assert [entry.query for entry in found[::2]] == [query.label for query in known.model.queries]
    for possible, necessary in zip(found[::2], found[1::2], strict=True):
        assert (possible.measure, necessary.measure) == ("possibility", "necessity")
        for entry in (possible, necessary):
            assert explained_degree(known, percepts, entry) == entry.degree
            assert entry.steps[0].degree == entry.degree
            rest = entry.steps if entry is possible else entry.steps[1:]
            assert len({step.degree for step in rest}) <= 1, "every step of a chain hands the degree on"
            assert all(reading.degree == rest[0].degree for reading in entry.readings)
        other = possible.alternative
        if other is not None:
            assert other.degree <= possible.degree
            assert other.degree == 1.0 - necessary.degree or necessary.degree == 1.0 - other.degree


# ----- by hand


GUARD = """
type level = {low, high}.
percept smoke : bool.
percept heat : level.
concept alarm : bool.
if smoke and heat = high then alarm [r = 0.1].
if not smoke then not alarm [s = 0.7].
query alarm.
"""


def explained(text: str, evidence: dict[str, list[float]]) -> tuple[Explanation, ...]:
    """The explanations of one instance, given the networks' probabilities."""
    engine = compile_model(ground(check(parse(text))), Options())
    batch = {name: torch.tensor([row], dtype=torch.float64) for name, row in evidence.items()}
    return engine.infer(batch).explain(0)


def test_a_chain_reads_well() -> None:
    possible, necessary = explained(GUARD, {"smoke": [0.1, 0.9], "heat": [0.2, 0.8]})
    assert (possible.query, possible.value, possible.degree) == ("alarm", "true", 1.0)
    assert (necessary.measure, round(necessary.degree, 6)) == ("necessity", 0.6)
    assert [(step.statement, step.because) for step in necessary.steps] == [
        ("N(alarm = true)", "1 − Π(alarm = false) = 1 − 0.4, its strongest competitor"),
        (
            "Π(alarm = false)",
            (
                "of 2 rules the one that limits it most makes it as possible as the failure of its premise: "
                "the best of 2 cases, heat = low (0.4)"
            ),
        ),
        ("Π(heat = low)", "the network reads it with probability 0.200"),
    ]
    assert necessary.steps[1].source == "if smoke and heat = high then alarm [r = 0.1]."
    assert [(r.percept, r.statement, r.probability, r.slack) for r in necessary.readings] == [
        ("heat", "heat = low", 0.2, (0.0, 0.0))
    ]
    assert possible.alternative is not None
    assert possible.alternative.contrast == "", "s = 0.7 keeps the other value down whatever is read"


def test_a_parameter_that_decides_is_named() -> None:
    possible, _ = explained(GUARD, {"smoke": [0.0, 1.0], "heat": [0.0, 1.0]})
    assert possible.alternative is not None
    assert [step.because for step in possible.alternative.steps] == [
        "of 2 rules the one that limits it most leaves it possible to r = 0.1, even where its premise holds"
    ]
    assert possible.alternative.readings == ()
    assert possible.alternative.contrast == ""


def test_facts_ties_and_contradictions_are_said() -> None:
    build = Builder()
    build.ask_formula("fact", AllOf(()))
    a = build.percept("a", BOOL)
    b = build.concept("b", BOOL)
    build.rule(literal(a, 0, 1), literal(b, 0, 1), 1.0, 0.2)
    build.rule(literal(a, 0, 1), literal(b, 0, 0), 1.0, 0.3)
    build.ask(b)
    build.ask(a)
    inputs = Inputs({"a": np.array([0.0, 1.0])}, {})
    fact, certain, possible, _, reading, _ = explain(structures(build.build()), inputs, 5)
    assert (fact.value, fact.steps[0].because, fact.instance) == ("true", "the facts decide it", 5)
    assert (certain.measure, certain.degree) == ("necessity", 1.0)
    assert (possible.value, possible.degree) == ("true", 0.3)
    assert possible.notes == (
        "no value is fully possible: inconsistent to degree 0.7; the rule of line 4 contradicts the rule of line 3",
    )
    assert reading.steps[0].because == "this degree was given"
    tied, _ = explain(structures(build.build()), Inputs({}, {}), 0, "a")
    assert tied.notes == ("tie: a = false and a = true are equally possible, so that no value is answered",)
    assert tied.steps[0].because == "nothing was read, so that every value is fully possible"


def test_an_unknown_query_is_refused() -> None:
    build = Builder()
    build.ask_atom(build.atom("h"))
    known = structures(build.build())
    with pytest.raises(KeyError, match="'b' is not among the queries; the answer holds h"):
        explain(known, Inputs({}, {}), 0, "b")


def test_recursion_is_not_explained_by_itself() -> None:
    build = Builder()
    link = build.percept("link", BOOL, (2,))
    p, q = build.atom("p"), build.atom("q")
    build.clause(AtomLiteral(p), [AtomLiteral(q)])
    build.clause(AtomLiteral(p), [literal(link, 0, 1)])
    build.clause(AtomLiteral(q), [AtomLiteral(p), literal(link, 1, 1)])
    build.ask_atom(p)
    inputs = Inputs({"link": np.array([[1.0, 0.4], [0.0, 1.0]])}, {})
    possible, _ = explain(structures(build.build()), inputs, 0)
    assert possible.alternative is not None
    assert [step.statement for step in possible.alternative.steps] == ["Π(p)", "Π(link(1) = true)"]


SUDOKU = """
type row = 1..9.   type col = 1..9.   type digit = 1..9.
percept cell(row, col) : digit.
clash(R, C1, R, C2) :- row(R), col(C1), col(C2), C1 < C2.
clash(R1, C, R2, C) :- row(R1), row(R2), col(C), R1 < R2.
clash(R1, C1, R2, C2) :- row(R1), row(R2), col(C1), col(C2), R1 < R2, C1 != C2,
                         (R1 - 1) / 3 = (R2 - 1) / 3, (C1 - 1) / 3 = (C2 - 1) / 3.
concept pair(R1, C1, R2, C2) : (digit, digit) for clash(R1, C1, R2, C2).
concept valid : bool.
pair(R1, C1, R2, C2) in {(K, _)} iff cell(R1, C1) = K.
pair(R1, C1, R2, C2) in {(_, K)} iff cell(R2, C2) = K.
valid iff all pair(_, _, _, _) in {(X, Y) : X != Y}.
query valid.
"""


@pytest.mark.slow
def test_a_clash_in_a_large_sudoku_is_found_and_soon() -> None:
    model = ground(check(parse(SUDOKU)))
    grid = np.array([[(3 * (r % 3) + r // 3 + c) % 9 for c in range(9)] for r in range(9)])
    grid[0, 4] = grid[0, 0]
    table = np.random.default_rng(0).random((9, 9, 9)) / 10
    np.put_along_axis(table, grid[..., None], 1.0, -1)
    table[0, 4, 4] = 0.2
    known = structures(model)
    started = time.process_time()
    invalid, necessary = explain(known, Inputs({"cell": table}, {}), 0)
    assert time.process_time() - started < 5
    assert (invalid.value, invalid.degree, necessary.degree) == ("false", 1.0, 0.8)
    assert [reading.statement for reading in invalid.readings] == ["cell(1,1) = 1", "cell(1,5) = 1"]
    assert [reading.statement for reading in necessary.readings] == ["cell(1,5) = 5"]
    assert invalid.alternative is not None
    assert invalid.alternative.contrast == (
        "valid = true would be fully possible if cell(1,5) = 5 (now 0.2) were fully possible"
    )
    assert "the least possible of 810 conditions" in invalid.alternative.steps[0].because
