"""The interpreter: by hand, against the worlds it stands for, and equal to the engine bit by bit."""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl import check, load
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, GroundModel
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import compile_model
from nesy.solvers.possibilistic.interpreter import Degrees, evaluate, reread, structures
from nesy.solvers.possibilistic.premise import separate
from tests.repo.sources import ROOT
from tests.solvers.models import BOOL, Builder, literal, numbers
from tests.solvers.models import product as product_domain
from tests.solvers.possibilistic.random_models import Maker

seeds = st.integers(0, 1 << 30)


def tables(maker: Maker, *, normalised: bool) -> dict[str, np.ndarray]:
    """Random distributions by name of the percept, in the shape of evidence."""
    found = {}
    for place, rows in maker.degrees(normalised=normalised).items():
        attribute = maker.model.attributes[place]
        found[attribute.name] = rows.reshape(*attribute.shape, len(attribute.domain))
    return found


def answers(degrees: Degrees) -> list[list[float]]:
    """Possibility of each value of each query."""
    found = []
    for query in degrees.structures.model.queries:
        if query.formula is None:
            found.append(degrees.distributions[query.attribute, query.index])
        else:
            false = degrees.possibility(degrees.structures.denial(query.formula))
            found.append([false, degrees.possibility(separate(query.formula))])
    return found


# ----- by hand


def conditional() -> GroundModel:
    """``if a in {0,1} then b = true [s = 0.3, r = 0.2]`` and an atom that needs b."""
    build = Builder()
    a = build.percept("a", 3)
    b = build.concept("b", BOOL)
    build.rule(literal(a, 0, 0, 1), literal(b, 0, 1), 0.3, 0.2)
    h = build.atom("h")
    build.clause(AtomLiteral(h), [literal(b, 0, 1), literal(a, 0, 0)])
    build.clause(AtomLiteral(h), [literal(a, 0, 2)])
    build.ask(b)
    build.ask_atom(h)
    return build.build()


def test_degrees_of_a_rule_and_an_atom_by_hand() -> None:
    found = evaluate(structures(conditional()), {"a": np.array([0.4, 0.6, 1.0])})
    rules = found.rules[1, 0]
    assert (rules.premise, rules.denial) == ((0.6,), (1.0,))
    assert (rules.alpha, rules.beta) == ((0.6,), (1.0,))
    assert found.distributions[1, 0] == [1.0, 0.6]
    assert found.holds[0] == 1.0  # max(min(0.6, 0.4), 1)
    assert found.fails[0] == 0.6  # min(max(1, 1), max(0.4, 0.6))


def test_a_parameter_bounds_a_side_from_below() -> None:
    found = evaluate(structures(conditional()), {"a": np.array([1.0, 0.1, 0.1])})
    assert found.distributions[1, 0] == [0.2, 1.0]
    found = evaluate(structures(conditional()), {"a": np.array([0.1, 0.1, 1.0])})
    assert found.distributions[1, 0] == [1.0, 0.3]


def test_an_unread_percept_and_a_concept_without_rules_are_fully_possible() -> None:
    build = Builder()
    build.ask(build.percept("a", 3))
    build.ask(build.concept("b", 2))
    assert answers(evaluate(structures(build.build()), {})) == [[1.0, 1.0, 1.0], [1.0, 1.0]]


def test_shared_attributes_in_a_premise_are_met_exactly() -> None:
    build = Builder()
    a = build.percept("a", 3)
    either = AnyOf((literal(a, 0, 0), literal(a, 0, 1)))
    build.ask_formula("both", AllOf((either, AnyOf((literal(a, 0, 1), literal(a, 0, 2))))))
    found = evaluate(structures(build.build()), {"a": np.array([1.0, 0.2, 0.9])})
    assert answers(found) == [[1.0, 0.2]]  # the conjunction means a = 1


# ----- against worlds


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.randoms(use_true_random=False))
def test_sums_of_two_readings_are_what_the_worlds_say(degrees: list[float], random: Random) -> None:
    """Π(y = t) = max over the worlds with sum t of the minimum of their degrees (product rule sets, s = r = 0)."""
    build = Builder()
    a = build.percept("a", 3, (2,))
    c = build.concept("c", product_domain(numbers(3), numbers(3)))
    y = build.concept("y", 5)
    for value in range(3):
        build.rule(literal(a, 0, value), literal(c, 0, *range(3 * value, 3 * value + 3)))
        build.rule(literal(a, 1, value), literal(c, 0, *range(value, 9, 3)))
    for total in range(5):
        sums = [place for place in range(9) if place // 3 + place % 3 == total]
        build.rule(literal(c, 0, *sums), literal(y, 0, total))
    build.ask(y)
    table = np.array(degrees).reshape(2, 3)
    table[0, random.randrange(3)] = table[1, random.randrange(3)] = 1.0
    worlds = [(u + v, min(table[0, u], table[1, v])) for u, v in product(range(3), range(3))]
    expected = [max(degree for total, degree in worlds if total == t) for t in range(5)]
    assert answers(evaluate(structures(build.build()), {"a": table})) == [expected]


@given(seeds)
def test_no_world_is_more_possible_than_its_consequences(seed: int) -> None:
    """Π(q) ≥ min(π(world), Π(q) in that world) for every world: the degrees are monotone terms."""
    random = Random(seed)
    maker = Maker(random)
    known = structures(maker.model)
    percepts = tables(maker, normalised=True)
    found = answers(evaluate(known, percepts))
    for _ in range(5):
        chosen, degree = {}, 1.0
        for name, table in percepts.items():
            places = np.array([random.randrange(table.shape[-1]) for _ in range(table[..., 0].size)])
            chosen[name] = np.eye(table.shape[-1])[places].reshape(table.shape)
            degree = min(degree, float(np.min(np.sum(chosen[name] * table, -1))))
        for total, one in zip(found, answers(evaluate(known, chosen)), strict=True):
            assert all(have >= min(degree, reach) for have, reach in zip(total, one, strict=True))


# ----- against the engine


@given(seeds, st.booleans())
def test_the_engine_gives_the_same_bits(seed: int, normalised: bool) -> None:
    maker = Maker(Random(seed))
    batch = [tables(maker, normalised=normalised) for _ in range(3)]
    stacked = {name: torch.from_numpy(np.stack([entry[name] for entry in batch])) for name in batch[0]}
    answer = compile_model(maker.model, Options()).infer_possibility(stacked)
    known = structures(maker.model)
    for instance, percepts in enumerate(batch):
        expected = answers(evaluate(known, percepts))
        for query, degrees in zip(maker.model.queries, expected, strict=True):
            result = answer[query.family].at(query.label)
            assert result.possibility is not None
            assert result.necessity is not None
            assert result.possibility[instance].tolist() == degrees
            others = [max(degrees[:v] + degrees[v + 1 :], default=0.0) for v in range(len(degrees))]
            assert result.necessity[instance].tolist() == [1.0 - degree for degree in others]


@given(seeds)
def test_rereading_is_evaluating_anew(seed: int) -> None:
    random = Random(seed)
    maker = Maker(random)
    known = structures(maker.model)
    percepts = tables(maker, normalised=False)
    before = evaluate(known, percepts)
    name = random.choice(list(percepts))
    place = maker.model.attribute_places[name]
    index = random.randrange(len(maker.model.attributes[place].index))
    value = random.randrange(percepts[name].shape[-1])
    everything = {node for members in known.depends.order for node in members}
    found = reread(before, {literal(place, index, value): 0.6}, everything)
    percepts[name].reshape(-1, percepts[name].shape[-1])[index, value] = 0.6
    after = evaluate(known, percepts)
    assert answers(found) == answers(after)
    assert (found.holds, found.fails, found.rules) == (after.holds, after.fails, after.rules)


def test_a_long_chain_needs_no_recursion() -> None:
    build = Builder()
    a = build.percept("a", BOOL)
    w = build.concept("w", BOOL, (3000,))
    build.rule(literal(a, 0, 1), literal(w, 0, 1))
    for index in range(1, 3000):
        build.rule(literal(w, index - 1, 1), literal(w, index, 1))
    build.ask(w, 2999)
    found = evaluate(structures(build.build()), {"a": np.array([0.4, 1.0])})
    assert answers(found) == [[0.4, 1.0]]


def test_recursion_ends_in_the_least_fixpoint() -> None:
    build = Builder()
    link = build.percept("link", BOOL, (3,))
    path = [build.atom("path", node) for node in range(3)]
    build.clause(AtomLiteral(path[0]), [literal(link, 0, 1)])
    for start, end, edge in ((0, 1, 1), (1, 2, 2), (2, 1, 2)):
        build.clause(AtomLiteral(path[end]), [AtomLiteral(path[start]), literal(link, edge, 1)])
    for atom in path:
        build.ask_atom(atom)
    found = evaluate(structures(build.build()), {"link": np.array([[1.0, 0.3], [0.2, 1.0], [0.6, 1.0]])})
    assert [found.holds[atom] for atom in path] == [0.3, 0.3, 0.3]
    assert [found.fails[atom] for atom in path] == [1.0, 1.0, 1.0]
    assert found.ranks[AtomLiteral(path[1])] < found.ranks[AtomLiteral(path[2])]


@pytest.mark.parametrize("degree", [0.0, 0.25, 1.0])
def test_degrees_are_picked_never_computed(degree: float) -> None:
    found = evaluate(structures(conditional()), {"a": np.array([degree, 1.0, degree])})
    assert set(found.distributions[1, 0]) <= {degree, 1.0, 0.2, 0.3}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["addition", "addition_with_carry", "sudoku4", "network", "triage"])
def test_the_engine_gives_the_same_bits_on_the_examples(name: str) -> None:
    model = ground(check(load(ROOT / "examples" / name / f"{name}.nesy")))
    engine = compile_model(model, Options())
    random = np.random.default_rng(0)
    batch = {
        percept.name: random.dirichlet(np.full(len(percept.domain), 0.3), (4, *percept.shape))
        for percept in model.percepts
    }
    evidence = {name: torch.from_numpy(rows) for name, rows in batch.items()}
    answer = engine.infer(evidence)
    degrees = {name: tensor.numpy() for name, tensor in engine.possibilities(evidence).items()}
    known = structures(model)
    for instance in range(4):
        found = answers(evaluate(known, {name: table[instance] for name, table in degrees.items()}))
        for query, expected in zip(model.queries, found, strict=True):
            result = answer[query.label]
            assert result.possibility is not None
            assert result.possibility[instance].tolist() == expected
