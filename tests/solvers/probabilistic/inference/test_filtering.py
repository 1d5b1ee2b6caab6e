"""The particle filter against Kalman's, elimination, a grid, and itself: answers, standard errors, refusals."""

from __future__ import annotations

import random
from math import exp

import numpy as np
import pytest
from numpy.typing import NDArray

import nesy
from nesy.solvers.answer import Answer
from nesy.solvers.probabilistic.inference.choose import decide
from nesy.solvers.probabilistic.inference.staging import FEWEST
from tests.solvers.probabilistic.graphs import SCHOOLS, graph_of

WALK = """
type step = 1..4.
random before : real ~ normal(0, 1).
random x(T) : real ~ normal(if T = 1 then before else x(T - 1), 1) for step(T).
random y(T) : real ~ normal(x(T), 1) for step(T).
observe y(1) = 0.5. observe y(2) = 1. observe y(3) = -0.3. observe y(4) = 2.
query x(4).
"""
"""Kalman's filter gives mean 1.2745, variance 0.6182, log evidence -6.7036."""


def infer(text: str, **options: object) -> Answer:
    return nesy.load(text).compile("probabilistic", **options).infer()  # type: ignore[arg-type]


def estimate(answer: Answer, label: str) -> tuple[float, float]:
    """The mean of a number, or the probability of true, with its standard error."""
    result = answer[label]
    error = 0.0 if result.error is None else float(result.error[0])
    value = result.probability[0, 1] if result.mean is None and result.probability is not None else result.mean
    assert value is not None
    return float(value if value.ndim == 0 else value[0]), error


def evidence(answer: Answer) -> tuple[float, float]:
    (found,), (error,) = answer.statistics["log_evidence"], answer.statistics["log_evidence_error"]  # type: ignore[misc]
    return float(found), float(error)


def drifting(steps: int, seed: int = 0) -> str:
    """A walk with an unknown drift, all of it observed: Gaussian, so that its answer is known."""
    rng = random.Random(seed)
    level, seen = 0.0, []
    for step in range(1, steps + 1):
        level += 0.3 + rng.gauss(0, 0.5)
        seen.append(f"observe y({step}) = {level + rng.gauss(0, 1):.3f}.")
    return f"""
    type step = 1..{steps + 1}.
    random drift : real ~ normal(0, 1).
    random x(T) : real ~ normal(if T = 1 then drift else x(T - 1) + drift, 0.5) for step(T).
    random y(T) : real ~ normal(x(T), 1) for step(T).
    {" ".join(seen)}
    query drift. query x(1). query x({steps}). query x({steps + 1}). query x({steps}) > x(1) + {0.3 * steps}.
    """


HIDDEN = """
type day = 1..16.
type weather = {sun, cloud, rain}.
random sky(T) : weather ~ categorical(
    if T = 1 then 1 else if sky(T - 1) = sun then 0.8 else 0.2, 1, if T > 1 and sky(T - 1) = rain then 2 else 0.3)
    for day(T).
random umbrella(T) : bool ~ bernoulli(if sky(T) = rain then 0.9 else if sky(T) = cloud then 0.4 else 0.1) for day(T).
observe all umbrella(T) for day(T), T mod 3 != 1.
observe all not umbrella(T) for day(T), T mod 3 = 1, T < 16.
observe sky(5) != sky(6).
:~ sky(9) = sky(10). [2]
query sky(1) = sun. query sky(6) = rain. query sky(16) = cloud. query umbrella(16).
"""
"""Hidden states with an event between two of them and a weight: elimination knows all of it."""


def agrees(text: str, labels: list[str], *, samples: int, seed: int = 0, within: float = 4.5) -> None:
    """The filter's answers and evidence lie within so many of their standard errors of the exact ones."""
    exact, found = infer(text, method="exact"), infer(text, method="filter", samples=samples, seed=seed)
    assert found.status == ["estimated"], found.warnings
    for label in labels:
        wanted, _ = estimate(exact, label)
        value, error = estimate(found, label)
        assert abs(value - wanted) < within * error, label
    wanted, _ = evidence(exact)
    value, error = evidence(found)
    assert 0 < error < 0.2
    assert abs(value - wanted) < within * error


def test_a_walk_is_kalmans() -> None:
    found = infer(WALK, method="filter", samples=64_000)
    mean, error = estimate(found, "x(4)")
    assert mean == pytest.approx(1.2745, abs=4.5 * error)
    deviation = found["x(4)"].sd
    assert deviation is not None
    assert float(deviation[0]) ** 2 == pytest.approx(0.6182, rel=0.05)
    value, error = evidence(found)
    assert value == pytest.approx(-6.7036, abs=4.5 * error)
    assert error < 0.02


@pytest.mark.slow
def test_a_long_walk_with_an_unknown_drift_is_gaussian() -> None:
    """40 observations, a parameter that is moved, a prediction, and a question about both ends."""
    agrees(drifting(40), ["drift", "x(1)", "x(40)", "x(41)", "x(40) > x(1) + 12.0"], samples=32_000)


def test_hidden_states_are_eliminations() -> None:
    agrees(HIDDEN, ["sky(1) = sun", "sky(6) = rain", "sky(16) = cloud", "umbrella(16)"], samples=32_000)


def test_percepts_come_in_with_their_step() -> None:
    text = """
    type day = 1..12.
    percept look(day) : bool.
    random rain(T) : bool ~ bernoulli(if T = 1 then 0.4 else if rain(T - 1) then 0.8 else 0.2) for day(T).
    random told(T) : bool ~ bernoulli(if rain(T) and look(T) then 0.95 else if rain(T) then 0.6 else 0.2) for day(T).
    observe all told(T) for day(T), T < 7. observe all not told(T) for day(T), T >= 7.
    query rain(1). query rain(12). query look(3).
    """
    looks = {"look": np.linspace([0.1, 0.9], [0.8, 0.2], 12)[None]}
    program = nesy.load(text)
    exact = program.compile("probabilistic").infer(looks)
    found = program.compile("probabilistic", method="filter", samples=32_000).infer(looks)
    for label in ("rain(1)", "rain(12)", "look(3)"):
        value, error = estimate(found, label)
        assert abs(value - estimate(exact, label)[0]) < 4.5 * error


# ----- a curved model, and a grid that knows its answer

GROWTH = (1.9, 0.4, 4.2, 3.1, 0.6, 7.0, 2.2, 5.8, 0.9, 6.5, 3.3, 0.2)
GROWING = f"""
type step = 1..{len(GROWTH)}.
random x(T) : real ~ normal(if T = 1 then 1 else x(T - 1) / 2 + 10 * x(T - 1) / (1 + x(T - 1) * x(T - 1)), 2)
    for step(T).
random y(T) : real ~ normal(x(T) * x(T) / 10, 1) for step(T).
{" ".join(f"observe y({t}) = {y}." for t, y in enumerate(GROWTH, 1))}
query x(1). query x(6). query x({len(GROWTH)}). query x(6) > 0.
"""
"""Growth whose square is seen (after Gordon, Salmond and Smith 1993): states may have either sign."""


def grown() -> tuple[float, list[NDArray[np.float64]], NDArray[np.float64]]:
    """Log evidence, smoothed densities and their points, by sums over a grid."""
    points = np.linspace(-25, 25, 2001)
    width = points[1] - points[0]

    def normal(x: NDArray[np.float64], loc: NDArray[np.float64] | float, scale: float) -> NDArray[np.float64]:
        density: NDArray[np.float64] = np.exp(-0.5 * ((x - loc) / scale) ** 2) / (scale * (2 * np.pi) ** 0.5)
        return density

    moved = points / 2 + 10 * points / (1 + points**2)
    step = normal(points[None, :], moved[:, None], 2) * width
    seen = [normal(np.array(y), points**2 / 10, 1) for y in GROWTH]
    forward = [normal(points, 1, 2) * width * seen[0]]
    for each in seen[1:]:
        forward.append((forward[-1] @ step) * each)
    backward = [np.ones_like(points)]
    for each in reversed(seen[1:]):
        backward.append(step @ (each * backward[-1]))
    total = forward[-1].sum()
    smoothed = [f * b / total for f, b in zip(forward, reversed(backward), strict=True)]
    return float(np.log(total)), smoothed, points


def test_a_curved_model_is_a_grids() -> None:
    total, smoothed, points = grown()
    found = infer(GROWING)
    assert found.statistics["method"] == ["filter"]
    value, error = evidence(found)
    assert error < 0.1
    assert value == pytest.approx(total, abs=4.5 * error)
    for step in (1, 6, len(GROWTH)):
        value, error = estimate(found, f"x({step})")
        assert value == pytest.approx(float(smoothed[step - 1] @ points), abs=4.5 * error)
    value, error = estimate(found, "x(6) > 0")
    assert value == pytest.approx(float(smoothed[5][points > 0].sum()), abs=4.5 * error)


# ----- errors are as large as they say

SEEDS = 40


@pytest.mark.slow
@pytest.mark.parametrize("text", [drifting(15), HIDDEN], ids=["a parameter that is moved", "states alone"])
def test_standard_errors_are_right(text: str) -> None:
    """Over 40 seeds: the root mean square error is that which the standard errors tell."""
    exact = infer(text, method="exact")
    label = "drift" if "drift" in text else "sky(1) = sun"
    labels = [(evidence(exact)[0], evidence), (estimate(exact, label)[0], lambda answer: estimate(answer, label))]
    program = nesy.load(text)
    answers = [program.compile("probabilistic", method="filter", samples=16_000, seed=n).infer() for n in range(SEEDS)]
    for wanted, read in labels:
        figures = np.array([read(answer) for answer in answers])
        ratio = (((figures[:, 0] - wanted) ** 2).mean() / (figures[:, 1] ** 2).mean()) ** 0.5
        assert 0.7 < ratio < 1.4
        assert (np.abs(figures[:, 0] - wanted) < 4 * figures[:, 1]).mean() >= 0.95


# ----- which models, and what is refused


def test_sequential_models_are_filtered_by_rule() -> None:
    decision = decide(graph_of(GROWING))
    assert (decision.method, decision.exact) == ("filter", False)
    assert decision.reason == f"evidence comes in {len(GROWTH)} stages, each with new unknown variables"
    assert decision.then == ("laplace", "nuts", "smc")
    assert len(GROWTH) >= FEWEST
    assert decide(graph_of(SCHOOLS)).method == "quadrature"
    assert decide(graph_of(drifting(15))).method == "gaussian"


def test_islands_that_disagree_are_refused() -> None:
    """Each step is known a thousand times better than it is predicted."""
    seen = " ".join(f"observe y({t}) = {3 * t}." for t in range(1, 13))
    found = infer(
        "type step = 1..12. random x(T) : real ~ studentt(3, if T = 1 then 0 else x(T - 1), 1) for step(T)."
        f"random y(T) : real ~ normal(x(T), 0.001) for step(T). {seen} query x(1).",
        method="filter",
        samples=8_000,
    )
    assert found.status == ["unknown"]
    (remark,) = found.warnings
    assert remark.code == "W599"
    assert "the islands disagree" in remark.message or "no particle" in remark.message or "too few" in remark.message


def test_what_no_particle_reaches_and_the_time_limit() -> None:
    lost = GROWING + "observe x(12) > 1000."
    found = infer(lost, method="filter", samples=8_000)
    assert found.status == ["unknown"]
    assert "no particle makes all that is known hold" in found.warnings[-1].message
    found = infer(GROWING, method="filter", time_limit=1e-6)
    assert found.status == ["timeout"]


# ----- what was out of reach


def volatility(days: int, seed: int = 0) -> str:
    """Returns whose log variance is a slow walk."""
    rng = random.Random(seed)
    level, seen = -1.0, []
    for day in range(1, days + 1):
        level = -1 + 0.95 * (level + 1) + rng.gauss(0, 0.3)
        seen.append(f"observe y({day}) = {rng.gauss(0, exp(level / 2)):.4f}.")
    return f"""
    type day = 1..{days}.
    random h(T) : real ~ normal(if T = 1 then -1 else 0.95 * h(T - 1) - 0.05, if T = 1 then 0.96 else 0.3) for day(T).
    random y(T) : real ~ normal(0, exp(h(T) / 2)) for day(T).
    {" ".join(seen)}
    query h(1). query h({days}).
    """


@pytest.mark.slow
def test_two_hundred_days_of_stochastic_volatility() -> None:
    text = volatility(200)
    first, second = infer(text), infer(text, seed=1)
    assert first.statistics["method"] == second.statistics["method"] == ["filter"]
    (one, error), (two, other) = evidence(first), evidence(second)
    assert max(error, other) < 0.1
    assert abs(one - two) < 4.5 * (error**2 + other**2) ** 0.5
    for label in ("h(1)", "h(200)"):
        (one, error), (two, other) = estimate(first, label), estimate(second, label)
        assert abs(one - two) < 4.5 * (error**2 + other**2) ** 0.5
