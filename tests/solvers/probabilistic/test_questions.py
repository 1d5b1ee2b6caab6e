"""Prior, predictive and most probable state, against closed forms and enumeration."""

from __future__ import annotations

from itertools import product
from math import log

import pytest

import nesy
from nesy.solvers.answer import Answer
from tests.solvers.probabilistic.graphs import BURGLARY

NORMAL = """
random m : real ~ normal(1, 2).
random y(I) : real ~ normal(m, 1) for item(I).
item(1). item(2).
observe y(1) = 3. observe y(2) = 4.
query m.
"""
CHAIN = """
random y1 : real ~ normal(0, 1).
define doubled = 2 * y1.
random y2 : real ~ normal(doubled, 1).
observe y1 = 5. observe y2 = 9.
query y1.
"""


def infer(text: str, mode: str, **options: object) -> Answer:
    return nesy.load(text).compile("probabilistic", mode=mode, **options).infer()  # type: ignore[arg-type]


def figures(answer: Answer, label: str) -> tuple[float, float]:
    result = answer[label]
    assert result.mean is not None
    assert result.sd is not None
    return float(result.mean[0]), float(result.sd[0])


def test_the_prior_knows_nothing() -> None:
    assert figures(infer(NORMAL, "prior"), "m") == pytest.approx((1.0, 2.0), abs=1e-9)
    probability = infer(BURGLARY, "prior")["burglary"].probability
    assert probability is not None
    assert float(probability[0, 1]) == pytest.approx(0.001)


def test_predictions_are_those_of_the_conjugate_posterior() -> None:
    variance = 1 / (1 / 4 + 2)
    mean = variance * (1 / 4 + 7)
    answer = infer(NORMAL, "predictive")
    assert list(answer) == ["y"]
    for label in ("y(1)", "y(2)"):
        assert figures(answer, label) == pytest.approx((mean, (variance + 1) ** 0.5), abs=1e-9)
    assert answer.statistics["log_evidence"] == infer(NORMAL, "posterior").statistics["log_evidence"]


def test_replicas_depend_on_replicas() -> None:
    answer = infer(CHAIN, "predictive")
    assert figures(answer, "y1") == pytest.approx((0.0, 1.0), abs=1e-9)
    assert figures(answer, "y2") == pytest.approx((0.0, 5**0.5), abs=1e-9)


def test_predictions_of_truth_values_are_tables() -> None:
    # P(john calls again | both called) from P(alarm | both called) = 0.760692
    probability = infer(BURGLARY, "predictive")["john"].probability
    assert probability is not None
    assert float(probability[0, 1]) == pytest.approx(0.760692 * 0.9 + 0.239308 * 0.05, abs=1e-6)


def test_the_most_probable_state_is_that_of_enumeration() -> None:
    answer = infer(BURGLARY, "map")
    joint = {}
    for burglary, earthquake, alarm in product((False, True), repeat=3):
        chance = {(True, True): 0.95, (True, False): 0.94, (False, True): 0.29, (False, False): 0.001}[
            burglary, earthquake
        ]
        weight = (0.001 if burglary else 0.999) * (0.002 if earthquake else 0.998)
        weight *= (chance if alarm else 1 - chance) * (0.9 * 0.7 if alarm else 0.05 * 0.01)
        joint[burglary, earthquake, alarm] = weight
    best = max(joint, key=joint.__getitem__)
    assert tuple(answer[label].value[0] for label in ("burglary", "earthquake", "alarm")) == best
    (found,) = answer.statistics["log_probability"]  # type: ignore[misc]
    assert found == pytest.approx(log(joint[best] / sum(joint.values())))
    assert answer["burglary"].probability is None


def test_impossible_conditions_have_no_state() -> None:
    answer = infer(
        "random a : bool ~ bernoulli(0.5). random b : bool ~ bernoulli(if a then 1 else 0)."
        "observe a. observe not b. query a.",
        "map",
    )
    assert answer.status == ["infeasible"]
    assert answer["a"].value == [None]
    assert [warning.code for warning in answer.warnings] == ["W593"]


@pytest.mark.parametrize(
    ("mode", "program", "code"),
    [
        ("mpa", BURGLARY, "E523"),
        ("map", NORMAL, "E596"),
        ("predictive", "random x : real ~ normal(0, 1). observe x > 1. query x.", "E599"),
        ("map", "percept a : bool. concept c : bool. c iff a. query c.", "E523"),
    ],
)
def test_modes_that_do_not_fit(mode: str, program: str, code: str) -> None:
    with pytest.raises(nesy.NesyError, match=code):
        infer(program, mode)
