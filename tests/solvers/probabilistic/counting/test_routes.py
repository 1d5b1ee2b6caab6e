"""Every route against answer sets of all worlds, and against each other."""

from __future__ import annotations

from math import inf, log
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Status, json_value
from nesy.solvers.probabilistic.counting import CountingEngine
from nesy.solvers.probabilistic.counting.routes import ROUTES
from tests.effort import tries
from tests.solvers.probabilistic.counting.programs import compiled, random_evidence, random_program, worlds


def compiled_or_refused(text: str, route: str) -> CountingEngine | None:
    """The engine; None where a circuit is refused because the rules leave a concept open."""
    try:
        return compiled(text, route)
    except NesyError as error:
        if route == "circuit" and [entry.code for entry in error.diagnostics] == ["E605"]:
            return None
        raise


@settings(max_examples=tries(12), deadline=None)
@given(st.integers(0, 1 << 30))
def test_posteriors_are_those_of_all_answer_sets(seed: int) -> None:
    random = Random(seed)
    program, evidence = random_program(random), random_evidence(random)
    expected = worlds(program, evidence)
    for route in ROUTES:
        engine = compiled_or_refused(program.text, route)
        if engine is None:
            continue
        answer = engine.infer(evidence)
        totals = answer.statistics["log_evidence"]
        assert isinstance(totals, torch.Tensor)
        for instance in range(2):
            weight = expected.total(instance)
            assert totals[instance].item() == pytest.approx(log(weight) if weight > 0 else -inf)
            assert answer.status[instance] is (Status.SOLVED if weight > 0 else Status.INFEASIBLE)
            for result in answer.results.values():
                for label in result.labels:
                    row = result.at(label).probability
                    assert row is not None
                    for value, probability in zip(result.domain.values, row[instance].tolist(), strict=True):
                        truth = expected.posterior(instance, label, json_value(value))
                        assert probability == pytest.approx(truth, abs=1e-12)
                        assert (probability > 0) == (truth > 0)


@settings(max_examples=tries(8), deadline=None)
@given(st.integers(0, 1 << 30))
def test_the_most_probable_world_and_joint_probabilities(seed: int) -> None:
    random = Random(seed)
    program, evidence = random_program(random), random_evidence(random)
    expected = worlds(program, evidence)
    label = random.choice(["p1", "p3"])
    target = torch.tensor([1, 0])
    both = {label: target, "x": torch.tensor([[0, 1], [2, 2]])}
    for route in ROUTES:
        engine = compiled_or_refused(program.text, route)
        if engine is None:
            continue
        heaviest, places = engine.route.most_probable(engine._rows(evidence), {})
        joint = engine.log_probability(evidence, both)
        for instance in range(2):
            weights = expected.weights[instance]
            best = max(weights, default=0.0)
            assert heaviest[instance].item() == pytest.approx(log(best) if best > 0 else -inf)
            if best > 0:
                found = {
                    query.label: json_value(_value(engine, place, int(table[instance].argmax())))
                    for place, (query, table) in enumerate(zip(engine.model.queries, places, strict=True))
                }
                assert weights[expected.answers.index(found)] == pytest.approx(best)
                wanted = {label: bool(target[instance]), "x(1)": [1, 3][instance], "x(2)": [2, 3][instance]}
                share = sum(
                    weight
                    for weight, answers in zip(weights, expected.answers, strict=True)
                    if wanted.items() <= answers.items()
                ) / expected.total(instance)
                assert joint[instance].item() == pytest.approx(log(share) if share > 0 else -inf)


def _value(engine, query: int, place: int):  # type: ignore[no-untyped-def]
    found = engine.model.queries[query]
    return bool(place) if found.kind == "formula" else engine.model.attributes[found.attribute].domain.values[place]
