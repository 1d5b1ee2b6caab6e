"""The engine against the definitions, on random ground models."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl import check, parse
from nesy.solvers.answer import Status
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import AllOf, AtomLiteral, GroundModel
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import PossibilisticEngine, compile_model
from nesy.solvers.possibilistic.interpreter import evaluate, structures
from tests.effort import tries
from tests.solvers.models import BOOL, Builder, literal
from tests.solvers.possibilistic.direct import Direct
from tests.solvers.possibilistic.random_models import Maker
from tests.solvers.possibilistic.test_interpreter import answers


def evidence(model: GroundModel, instances: list[dict[int, np.ndarray]]) -> dict[str, torch.Tensor]:
    """A batch of percept degrees as tensors ``[batch, *shape, value]``."""
    found = {}
    for place, attribute in enumerate(model.attributes):
        if attribute.kind == "percept":
            stacked = np.stack([instance[place] for instance in instances])
            found[attribute.name] = torch.from_numpy(stacked).reshape(len(instances), *attribute.shape, -1)
    return found


def compare(maker: Maker, engine: PossibilisticEngine, instances: list[dict[int, np.ndarray]], places: float) -> None:
    answer = engine.infer_possibility(evidence(maker.model, instances))
    for number, instance in enumerate(instances):
        direct = Direct(maker.model, maker.blocks)
        direct.run(instance)
        for place, query in enumerate(maker.model.queries):
            possible, necessary = direct.answer(place)
            result = answer[query.label]
            assert result.possibility is not None
            assert result.necessity is not None
            np.testing.assert_allclose(
                result.possibility[number].numpy(), possible, rtol=0, atol=places, err_msg=query.label
            )
            np.testing.assert_allclose(
                result.necessity[number].numpy(), necessary, rtol=0, atol=places, err_msg=query.label
            )


@given(st.randoms(use_true_random=False))
@settings(max_examples=tries(40))
def test_random_models(random: Random) -> None:
    """Exactly, bit by bit: general cells, products, cascades, recursion, ties, sub-normalised readings, any chunk."""
    maker = Maker(random)
    engine = compile_model(maker.model, Options(chunk=random.choice([None, 1, 2])))
    compare(maker, engine, [maker.degrees(normalised=random.random() < 0.5) for _ in range(5)], 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 400, 50))
def test_many_random_models(first: int) -> None:
    for seed in range(first, first + 50):
        random = Random(seed)
        maker = Maker(random)
        engine = compile_model(maker.model, Options(chunk=random.choice([None, 1, 3])))
        compare(maker, engine, [maker.degrees(normalised=random.random() < 0.5) for _ in range(4)], 0.0)


@given(st.randoms(use_true_random=False))
@settings(max_examples=tries(15))
def test_float32_and_gradient_path(random: Random) -> None:
    maker = Maker(random)
    instances = [maker.degrees(normalised=True) for _ in range(3)]
    compare(maker, compile_model(maker.model, Options(dtype="float32")), instances, 1e-6)
    engine = compile_model(maker.model, Options(chunk=2))
    given_degrees = {name: tensor.requires_grad_() for name, tensor in evidence(maker.model, instances).items()}
    found = engine.infer_possibility(given_degrees)
    plain = engine.infer_possibility({name: tensor.detach() for name, tensor in given_degrees.items()})
    for name in plain:
        assert torch.equal(found[name].possibility, plain[name].possibility)
        assert torch.equal(found[name].choice, plain[name].choice)


ADDITION = """
const k = 3.
type place = 1..k.  type image = 1..2 * k.  type digit = 0..3.  type carry = 0..1.
percept a(image) : digit.
concept c(place) : (digit, digit, carry).
concept w(0..k) : carry.
concept y(0..k) : digit.
c(J) in {(X, _, _)} iff a(J) = X.
c(J) in {(_, X, _)} iff a(I) = X where I = J + k.
c(J) in {(_, _, 0)} iff w(J) = 0.
w(I) = 1 iff c(J) in {(X, Y, R) : X + Y + R >= 4} where I = J - 1.
w(k) = 0.
y(J) = D iff c(J) in {(X, Y, R) : (X + Y + R) mod 4 = D} where J > 0.
y(0) = 0 iff w(0) = 0.
query y(_).
query w(_).
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_cascade_with_carry_and_arbitrary_parameters(seed: int) -> None:
    random = Random(seed)
    model = ground(check(parse(ADDITION)))
    if seed:
        draw = [0.0, 1.0, 0.3, 0.6] if seed == 1 else [random.random() for _ in range(300)]
        rules = [replace(rule, s=random.choice(draw), r=random.choice(draw)) for rule in model.uncertain]
        model = replace(model, uncertain=tuple(rules))
    engine = compile_model(model, Options())
    percepts = np.random.default_rng(seed).random((3, 6, 4))
    answer = engine.infer_possibility({"a": torch.from_numpy(percepts)})
    order = [(attribute, index) for index in (3, 2, 1, 0) for attribute in (2, 1, 3)]
    places = model.attribute_places
    names = {1: "c", 2: "w", 3: "y"}
    blocks = [[(places[names[kind]], index - (kind == 1))] for kind, index in order if kind != 1 or index > 0]
    for instance in range(3):
        direct = Direct(model, blocks)
        direct.run({places["a"]: percepts[instance]})
        for number, query in enumerate(model.queries):
            possible, necessary = direct.answer(number)
            np.testing.assert_array_equal(answer[query.label].possibility[instance], possible)
            np.testing.assert_array_equal(answer[query.label].necessity[instance], necessary)


def test_shapes_choices_ties_and_inconsistency() -> None:
    builder = Builder()
    a = builder.percept("a", 3, (2, 2))
    b = builder.concept("b", 3)
    for value in range(3):
        builder.rule(literal(a, 0, value), literal(b, 0, value))
        builder.rule(literal(a, 1, value), literal(b, 0, value))
    builder.ask(a)
    builder.ask(b)
    builder.ask_formula("both", AllOf((literal(a, 0, 0), literal(a, 1, 0, 1))))
    engine = compile_model(builder.build(), Options())
    rows = torch.tensor([[1.0, 0.2, 0.1], [0.3, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    answer = engine.infer_possibility({"a": rows.view(1, 2, 2, 3)})
    assert answer.status == [Status.SOLVED]
    assert answer["a"].possibility.shape == (1, 2, 2, 3)
    assert answer["a"].value == [[[0, 1], [None, 2]]]
    assert answer["a"].choice.tolist() == [[[0, 1], [-1, 2]]]
    assert answer["a(1,2)"].necessity.tolist() == [[0.0, 0.7, 0.0]]
    assert answer["b"].possibility.tolist() == [[0.3, 0.2, 0.0]]
    assert answer["b"].possibility.shape == (1, 3)
    assert answer.statistics["inconsistency"]["b"].tolist() == [0.7]
    assert answer.statistics["inconsistency"]["a"].tolist() == [[[0.0, 0.0], [0.0, 0.0]]]
    assert answer["both"].possibility.tolist() == [[0.2, 1.0]]
    assert answer["both"].domain == BOOL


def test_unknown_percepts_and_no_percepts() -> None:
    builder = Builder()
    a = builder.percept("a", 2)
    b = builder.percept("b", 2)
    c = builder.concept("c", 2)
    free = builder.concept("free", 3)
    builder.rule(AllOf((literal(a, 0, 1), literal(b, 0, 1))), literal(c, 0, 1))
    builder.ask(c)
    builder.ask(free)
    engine = compile_model(builder.build(), Options())
    answer = engine.infer_possibility({"a": torch.tensor([[1.0, 0.0], [0.4, 1.0]])})
    assert answer["c"].possibility.tolist() == [[1.0, 0.0], [pytest.approx(1.0), 1.0]]
    assert answer["free"].possibility.tolist() == [[1.0, 1.0, 1.0]] * 2
    assert answer["free"].necessity.tolist() == [[0.0, 0.0, 0.0]] * 2
    assert engine.infer_possibility({}).batch == 1


def test_batches_of_any_size_give_the_same() -> None:
    random = Random(5)
    maker = Maker(random)
    batch = evidence(maker.model, [maker.degrees(normalised=True) for _ in range(37)])
    whole = compile_model(maker.model, Options()).infer_possibility(batch)
    for chunk in (1, 3, 16):
        engine = compile_model(maker.model, Options(chunk=chunk))
        for start, stop in ((0, 37), (0, 1), (5, 10), (0, 0)):
            part = engine.infer_possibility({name: tensor[start:stop] for name, tensor in batch.items()})
            for name in whole:
                assert torch.equal(part[name].possibility, whole[name].possibility[start:stop])
                assert torch.equal(part[name].choice, whole[name].choice[start:stop])


def test_reachability_by_recursion() -> None:
    """Π of a path is the width of the widest path; N that of the dual."""
    builder = Builder()
    size = 5
    link = builder.percept("link", BOOL, (size, size))
    atoms = {(i, j): builder.atom("path", i, j) for i in range(size) for j in range(size)}
    for (i, j), atom in atoms.items():
        builder.clause(AtomLiteral(atom), [literal(link, i * size + j, 1)])
        for k in range(size):
            builder.clause(AtomLiteral(atom), [literal(link, i * size + k, 1), AtomLiteral(atoms[k, j])])
    for atom in atoms.values():
        builder.ask_atom(atom)
    engine = compile_model(builder.build(), Options())
    degrees = np.random.default_rng(2).random((4, size, size, 2))
    answer = engine.infer_possibility({"link": torch.from_numpy(degrees)})
    assert answer["path"].possibility.shape == (4, 25, 2)
    for instance in range(4):
        width, blocked = degrees[instance, ..., 1].copy(), degrees[instance, ..., 0].copy()
        for k in range(size):
            width = np.maximum(width, np.minimum(width[:, k, None], width[None, k]))
            blocked = np.minimum(blocked, np.maximum(blocked[:, k, None], blocked[None, k]))
        np.testing.assert_array_equal(answer["path"].possibility[instance, :, 1], width.reshape(-1))
        np.testing.assert_array_equal(answer["path"].possibility[instance, :, 0], blocked.reshape(-1))


LOOPS = """
type n = {u, v, w}.
e(u, v).  e(w, u).
percept on(n) : bool.
percept col(n) : 0..2.
q(X) :- e(X, Y), q(X), s(Y, Y).
s(X, Y) :- n(Y), q(X), on(X).
q(Y) :- col(Y) < 1.
s(X, Z) :- n(X), n(Z), not on(Z).
query s(_, _).
query q(_).
"""
"""Loops of the same kind that read each other's results, in a chain long enough for its operands to be copied."""


def test_chains_of_loops_read_each_other_in_order() -> None:
    model = ground(check(parse(LOOPS)), None)
    engine = compile_model(model, Options())
    known = structures(model)
    random = np.random.default_rng(0)
    percepts = {"on": random.random((20, 3, 2)), "col": random.random((20, 3, 3))}
    answer = engine.infer_possibility({name: torch.from_numpy(table) for name, table in percepts.items()})
    for instance in range(20):
        wanted = answers(evaluate(known, {name: table[instance] for name, table in percepts.items()}))
        for query, degrees in zip(model.queries, wanted, strict=True):
            result = answer[query.label].possibility
            assert result is not None
            assert result[instance].tolist() == degrees
