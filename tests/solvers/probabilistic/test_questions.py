"""Prior, predictive and most probable state, against closed forms and enumeration."""

from __future__ import annotations

from itertools import product
from math import log, pi

import pytest

import nesy
from nesy.solvers.answer import Answer
from tests.solvers.probabilistic.graphs import BURGLARY, SCHOOLS

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


def test_most_probable_numbers_are_the_closed_forms() -> None:
    answer = infer(
        """
        random p : real ~ beta(3, 2). random k : int ~ binomial(10, p). observe k = 6.
        random rate : real ~ gamma(3, 2). random calls : int ~ poisson(rate). observe calls = 4.
        random w : real ~ normal(8.5, 1). random shown : real ~ normal(w, 0.75). observe shown = 9.5.
        random rain : bool ~ bernoulli(0.3).
        query p. query rate. query w. query rain. query w > 9 and rain. query w > rate.
        """,
        "map",
    )
    assert answer.status == ["solved"]
    method = answer.statistics["method"]
    assert method == ["elimination + gaussian + conjugate, most probable"]
    expected = {"p": 8 / 13, "rate": 6 / 3, "w": 9.14}
    for label, value in expected.items():
        assert float(answer[label].mean[0]) == pytest.approx(value, abs=1e-12)  # type: ignore[index]
    assert [answer[label].value for label in ("rain", "w > 9 and rain", "w > rate")] == [[False], [False], [True]]
    p, rate, w = expected.values()
    log_density = log(12 * p**2 * (1 - p)) + log(210 * p**6 * (1 - p) ** 4)
    log_density += log(4 * rate**2) - 2 * rate + log(rate**4 / 24) - rate
    log_density += -0.5 * (w - 8.5) ** 2 - 0.5 * ((9.5 - w) / 0.75) ** 2 - log(2 * pi * 0.75) + log(0.7)
    assert answer.statistics["log_density"] == [pytest.approx(log_density, abs=1e-9)]


def test_most_probable_switches_take_their_numbers_along() -> None:
    answer = infer(
        "random hot : bool ~ bernoulli(0.3). random x : real ~ normal(if hot then 10 else 0, if hot then 2 else 1)."
        "random seen : real ~ normal(x, 1). observe seen = 5.5. query hot. query x.",
        "map",
    )
    assert (answer.status, answer.statistics["method"]) == (["solved"], ["gaussian, most probable"])
    joint = {}
    for hot, share, mean, sd in ((False, 0.7, 0.0, 1.0), (True, 0.3, 10.0, 2.0)):
        x = (mean / sd**2 + 5.5) / (1 / sd**2 + 1)
        height = log(share) - 0.5 * ((x - mean) / sd) ** 2 - log(sd) - 0.5 * (5.5 - x) ** 2 - log(2 * pi)
        joint[hot] = (height, x)
    best = max(joint, key=joint.__getitem__)
    assert answer["hot"].value == [best]
    assert float(answer["x"].mean[0]) == pytest.approx(joint[best][1], abs=1e-9)  # type: ignore[index]
    assert answer.statistics["log_density"] == [pytest.approx(joint[best][0], abs=1e-9)]


@pytest.mark.parametrize(
    ("program", "status", "said"),
    [
        (
            "random x : real ~ studentt(3, 0, 10). random y : real ~ normal(x * x, 0.5). observe y = 64. query x.",
            "estimated",
            "several states are equally probable; this is one of them",
        ),
        (
            "random x : real ~ normal(1, 10). random y : real ~ studentt(3, x * x, 0.5). observe y = 64. query x.",
            "estimated",
            "a further optimum: the best other state is 0.16 nats less probable",
        ),
        (
            "random r : real ~ exponential(2). random n : int ~ poisson(r). observe n = 0. query r.",
            "estimated",
            "the density is greatest at the edge of the support of r",
        ),
        (SCHOOLS, "unknown", "there is no most probable state: at the edge of tau the density has no bound"),
    ],
)
def test_most_probable_states_that_are_not_the_only_ones(program: str, status: str, said: str) -> None:
    answer = infer(program, "map")
    assert answer.status == [status]
    assert [warning.message for warning in answer.warnings] == [said]


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
        ("map", "random x : real ~ normal(0, 1). observe x > 1. query x.", "E596"),
        ("map", "random n : int ~ poisson(3). random x : real ~ normal(n, 1). observe x = 2. query n.", "E596"),
        ("predictive", "random x : real ~ normal(0, 1). observe x > 1. query x.", "E599"),
        ("map", "percept a : bool. concept c : bool. c iff a. query c.", "E523"),
    ],
)
def test_modes_that_do_not_fit(mode: str, program: str, code: str) -> None:
    with pytest.raises(nesy.NesyError, match=code):
        infer(program, mode)
