"""Percepts in models with numbers: their readings are put in, so that these have the exact methods as well."""

from __future__ import annotations

from itertools import product
from math import exp, log

import pytest

import nesy

BEASTS = """
type item = {a, b}.
percept seen(item) : {cat, dog}.
percept tame : bool.
random weight(I) : real ~ normal(if seen(I) = dog then 20 else if tame then 4 else 6, 3) for item(I).
:- seen(a) = dog, seen(b) = dog.
observe weight(a) = 10.
query seen(_). query tame. query weight(b).
"""
READINGS = [(0.5, 0.3, 0.9), (0.9, 0.9, 0.2), (0.0, 1.0, 0.5)]
"""The probabilities that a is a dog, that b is one, and of tameness."""


def test_finite_and_gaussian_models_are_exact_in_batches() -> None:
    evidence = [
        {"seen": {"a": {"dog": a, "cat": 1 - a}, "b": {"dog": b, "cat": 1 - b}}, "tame": t} for a, b, t in READINGS
    ]
    answer = nesy.load(BEASTS).compile("probabilistic").infer(evidence)
    assert answer.status == ["solved"] * 3
    for instance, shares in enumerate(READINGS):
        total = dogs = tame = mean = 0.0
        for world in product((False, True), repeat=3):
            if world[:2] == (True, True):
                continue
            means = [20.0 if dog else 4.0 if world[2] else 6.0 for dog in world[:2]]
            joint = exp(-((10 - means[0]) ** 2) / 18)
            for share, true in zip(shares, world, strict=True):
                joint *= share if true else 1 - share
            total += joint
            dogs += joint * world[1]
            tame += joint * world[2]
            mean += joint * means[1]
        seen, kept, weight = answer["seen"].probability, answer["tame"].probability, answer["weight(b)"].mean
        assert seen is not None
        assert kept is not None
        assert weight is not None
        assert float(seen[instance, 1, 1]) == pytest.approx(dogs / total)
        assert float(kept[instance, 1]) == pytest.approx(tame / total)
        assert float(weight[instance]) == pytest.approx(mean / total)
        density = log(total) - log(3 * (2 * 3.141592653589793) ** 0.5)
        assert answer.statistics["log_evidence"][instance] == pytest.approx(density)


def test_a_percept_mixes_priors_of_a_rate() -> None:
    text = """
    percept busy : bool.
    random rate : real ~ gamma(if busy then 8 else 2, 1).
    random calls : int ~ poisson(rate).
    observe calls = 5. query rate. query busy.
    """
    engine = nesy.load(text).compile("probabilistic")
    assert engine.infer({"busy": 1.0}).statistics["method"] == ["quadrature"]
    for share, expected in ((0.0, (2 + 5) / 2), (1.0, (8 + 5) / 2)):
        mean = engine.infer({"busy": share})["rate"].mean
        assert mean is not None
        assert float(mean) == pytest.approx(expected, abs=1e-6)
