"""The harness that evaluates synthesis: measures against SciPy and by hand, a made-up folder, gains in closed form."""

from __future__ import annotations

import json
from math import log
from pathlib import Path

import numpy as np
import pytest

import nesy
from benchmarks.papers.synthesis.answering import by_synthesis
from benchmarks.papers.synthesis.design import expected_gains
from benchmarks.papers.synthesis.environments import ENVIRONMENTS
from benchmarks.papers.synthesis.exact_gain import closed_gain
from benchmarks.papers.synthesis.experiments import POLICIES, Effort, explore
from benchmarks.papers.synthesis.measures import (
    bootstrap,
    calibration_error,
    coverage,
    crps,
    r_squared,
    rank_statistic,
    split_half,
    wasserstein,
)
from benchmarks.papers.synthesis.olympics import load_scenarios
from benchmarks.papers.synthesis.run import olympics
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.probabilistic.building.build import build

GENERATOR = np.random.default_rng(3)


def test_measures_agree_with_scipy() -> None:
    from scipy.stats import pearsonr, wasserstein_distance

    one, other = GENERATOR.normal(size=40), GENERATOR.normal(1, 2, size=60)
    assert wasserstein(one, other) == pytest.approx(wasserstein_distance(one, other))
    assert r_squared(one, other[:40]) == pytest.approx(pearsonr(one, other[:40])[0] ** 2)
    assert r_squared(one, np.ones(40)) == 0.0


def test_the_score_of_a_sample_is_that_of_its_definition() -> None:
    sample = GENERATOR.normal(size=30)
    expected = np.abs(sample - 0.5).mean() - np.abs(sample[:, None] - sample[None]).mean() / 2
    assert crps(sample, 0.5) == pytest.approx(expected)


def test_calibration_and_coverage() -> None:
    assert calibration_error(np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0])) == pytest.approx(2 / 3 * 0.5)
    assert coverage(np.array([0.0, 0.0]), np.array([1.0, 1.0]), np.array([0.5, 2.0])) == 0.5


def test_ranks_of_a_right_sampler_are_uniform_and_those_of_a_narrow_one_are_not() -> None:
    truth = GENERATOR.normal(size=2000)
    right = (GENERATOR.normal(size=(2000, 99)) < truth[:, None]).sum(1)
    narrow = (0.8 * GENERATOR.normal(size=(2000, 99)) < truth[:, None]).sum(1)
    assert rank_statistic(right, 99) > 1e-3
    assert rank_statistic(narrow, 99) < 1e-3


def test_people_agree_with_themselves() -> None:
    signal = GENERATOR.normal(size=20)
    people = [signal + 0.1 * GENERATOR.normal(size=20) for _ in range(10)]
    assert split_half(people, times=20, seed=1) > 0.95
    interval = bootstrap(people, lambda group: float(np.mean(group)), times=50, seed=1)
    assert interval.low <= interval.value <= interval.high


# ----- experiments


def gaussian(observed: bool = False) -> str:
    seen = "observe y(1) = 1.\n" if observed else ""
    return f"""
    type n = 1..2.
    random theta : real ~ normal(0, 2).
    random y(I) : real ~ normal(theta, 1) for n(I).
    {seen}query y(2).
    """


@pytest.mark.parametrize(("observed", "variance"), [(False, 4.0), (True, 0.8)])
def test_gains_of_a_linear_gaussian_model_are_between_the_bounds(observed: bool, variance: float) -> None:
    exact = 0.5 * log(1 + variance)
    graph = build(nesy.load(gaussian(observed)).checked).graph
    (gain,) = expected_gains(graph, [("y(2)",)], seed=1, outer=1500, inner=1500)
    assert gain.lower - 3 * gain.lower_error <= exact <= gain.upper + 3 * gain.upper_error
    assert 0 <= gain.upper - gain.lower < 0.02
    assert closed_gain(graph, ("y(2)",)) == pytest.approx(exact, abs=1e-9)


ARMS = """
type subject = 1..5.
random first : real ~ normal(0, 10).
random second : real ~ normal(0, 0.1).
random y(I) : real ~ normal(if I <= {number} then first else second, 1) for subject(I).
query y(_).
"""
"""Five subjects, so many of them in the first arm."""


@pytest.mark.parametrize(("number", "nats"), [*enumerate((0.024, 2.327, 2.666, 2.863, 3.002, 3.108))])
def test_gains_of_five_subjects_in_two_arms(number: int, nats: float) -> None:
    graph = build(nesy.load(ARMS.format(number=number)).checked).graph
    outcomes = tuple(f"y({subject})" for subject in range(1, 6))
    assert closed_gain(graph, outcomes) == pytest.approx(nats, abs=6e-4)
    (gain,) = expected_gains(graph, [outcomes], seed=1, outer=400, inner=400)
    assert gain.lower - 4 * gain.lower_error <= nats <= gain.upper + 4 * gain.upper_error


TESTS = """
type test = {{sharp, blunt}}.
random ill : bool ~ bernoulli(0.3).
random old : bool ~ bernoulli(0.5).
random seen(T) : bool ~ bernoulli(if ill then (if T = sharp then 0.95 else 0.7) else 0.2) for test(T).
random cough : bool ~ bernoulli(if ill or old then 0.6 else 0.1).
{observed}
query seen(_).
"""


def _information(ill: float, sensitivity: float) -> float:
    """H(y) − H(y | ill)."""

    def entropy(p: float) -> float:
        return -p * log(p) - (1 - p) * log(1 - p)

    positive = ill * sensitivity + (1 - ill) * 0.2
    return entropy(positive) - ill * entropy(sensitivity) - (1 - ill) * entropy(0.2)


@pytest.mark.parametrize("observed", ["", "observe cough."])
def test_gains_of_a_finite_model_are_those_of_its_entropies(observed: str) -> None:
    ill = 0.3 if not observed else 0.3 * 0.6 / (0.3 * 0.6 + 0.7 * (0.5 * 0.6 + 0.5 * 0.1))
    graph = build(nesy.load(TESTS.format(observed=observed)).checked).graph
    gains = expected_gains(graph, [("seen(sharp)",), ("seen(blunt)",)], seed=3, outer=1000, inner=1000)
    for name, sensitivity, gain in zip(("sharp", "blunt"), (0.95, 0.7), gains, strict=True):
        exact = closed_gain(graph, (f"seen({name})",))
        assert exact == pytest.approx(_information(ill, sensitivity), abs=1e-12)
        assert gain.lower - 4 * gain.lower_error <= exact <= gain.upper + 4 * gain.upper_error
    assert closed_gain(graph, ("seen(sharp)", "seen(blunt)")) > closed_gain(graph, ("seen(sharp)",))


def test_models_without_a_closed_gain() -> None:
    graph = build(nesy.load("random p : real ~ beta(2, 2). random y : bool ~ bernoulli(p). query y.").checked).graph
    assert closed_gain(graph, ("y",)) is None


@pytest.mark.slow
def test_experiments_that_are_chosen_are_regretted_less_than_those_at_random() -> None:
    environment = next(entry for entry in ENVIRONMENTS if entry.name == "item_response")
    effort = Effort(12, (300, 600), (300, 600))
    found = {
        policy: explore(environment, chosen_by=policy, truth=1, budgets=(0, 3), effort=effort) for policy in POLICIES
    }
    regrets = {policy: [step.regret for step in run.steps] for policy, run in found.items()}
    assert all(regret >= 0 for regret in regrets["random"] + regrets["gain"])
    assert 2 * sum(regrets["gain"]) < sum(regrets["random"])
    assert found["gain"].errors[0] == found["random"].errors[0]


def test_a_world_answers_the_same_question_alike() -> None:
    environment = next(entry for entry in ENVIRONMENTS if entry.name == "item_response")
    assert environment.run(1, 0.5, 1) == environment.run(1, 0.5, 1)
    assert len({environment.run(world, 0.5, 1).outcome for world in range(12)}) == 2


# ----- the Model Olympics, with judgements that are made up


TEXT = """BACKGROUND
Words.

CONDITIONS
In the first race, Ann and Bo beat Cy and Di.
In the second race, Ann and Cy lost to Bo and Di.

QUERIES
Query 1: Out of 100 random athletes, where do you think Ann ranks in terms of intrinsic strength?
Query 2: Out of 100 random athletes, where do you think Bo ranks in terms of intrinsic strength?
Query 3: Out of 100 random athletes, where do you think Cy ranks in terms of intrinsic strength?
Query 4: On a percentage scale from 0 to 100%, how much effort do you think Ann put into the second race?
Query 5: On a percentage scale from 0 to 100%, how much effort do you think Bo put into the second race?
Query 6: On a percentage scale from 0 to 100%, how much effort do you think Cy put into the second race?
Query 7: In a new race later today during this same tournament, how likely is it that Ann and Bo will beat Cy and Ed?
Query 8: In a new race later today during this same tournament, how likely is it that Ann and Cy will beat Bo and Ed?
"""
NAME = "canoe-race_effort_made-up"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("olympics")
    (place / "scenarios" / "model-readable").mkdir(parents=True)
    (place / "scenarios" / "model-readable" / f"{NAME}_implicit.txt").write_text(TEXT)
    people = [
        {f"query{number}": [10 * number + person, 50] for number in range(1, 9) if (number, person) != (3, 0)}
        for person in range(4)
    ]
    judged = place / "human-experiments" / "olympics" / "phase-1"
    judged.mkdir(parents=True)
    (judged / "multiclick_scenario_res_explicit.json").write_text(json.dumps({f"{NAME}_win_how_much": people}))
    return place


def test_a_folder_is_read(folder: Path) -> None:
    (scenario,) = load_scenarios(folder, "explicit")
    assert (scenario.sport, len(scenario.conditions), len(scenario.queries)) == ("canoe", 2, 8)
    assert np.isnan(scenario.people[0][2])
    assert scenario.people[1][0] == 30.5
    assert len(scenario.clicks[2]) == 6


def test_a_folder_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(NesyError) as caught:
        load_scenarios(tmp_path, "explicit")
    assert caught.value.diagnostics[0].code == "E415"


@pytest.mark.slow
def test_scenarios_are_answered_on_the_scale_of_people(folder: Path) -> None:
    (scenario,) = load_scenarios(folder, "explicit")
    after, before = by_synthesis(scenario, seed=1), by_synthesis(scenario, seed=1, conditions=False)
    assert after.means.shape == (8,)
    assert ((after.means >= 0) & (after.means <= 100)).all()
    assert after.means[1] > before.means[1] + 10  # Bo has won twice
    assert after.means[7] > 50 > after.means[6]  # so Bo's team is likely to win again
    table = olympics(folder, "explicit", None, times=3)
    assert table["scenarios"] == 1
