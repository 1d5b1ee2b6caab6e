"""The probabilistic engine: interventions, contradictions, explanations, reproducible estimates."""

from __future__ import annotations

import pytest
import torch

import nesy
from nesy.engine import Engine
from nesy.solvers.answer import Answer
from tests.solvers.probabilistic.graphs import BURGLARY, SCHOOLS, TUG_OF_WAR

SPRINKLER = """
random cloudy : bool ~ bernoulli(0.5).
random sprinkler : bool ~ bernoulli(if cloudy then 0.1 else 0.5).
random rain : bool ~ bernoulli(if cloudy then 0.8 else 0.2).
random wet : bool ~ bernoulli(if sprinkler and rain then 0.99 else if sprinkler or rain then 0.9 else 0).
query rain. query wet. query cloudy.
"""


def engine(text: str, **options: object) -> Engine:
    return nesy.load(text).compile("probabilistic", **options)  # type: ignore[arg-type]


def true(answer: Answer, label: str) -> float:
    probability = answer[label].probability
    assert probability is not None
    return float(probability[0, 1])


def test_doing_is_not_seeing() -> None:
    compiled = engine(SPRINKLER)
    done = compiled.infer(do={"sprinkler": True})
    seen = engine(SPRINKLER + "observe sprinkler.").infer()
    assert true(done, "rain") == pytest.approx(0.5)
    assert true(seen, "rain") == pytest.approx(0.3)
    assert true(done, "wet") == pytest.approx(0.945)
    assert true(seen, "wet") == pytest.approx(0.927)
    # where nothing confounds, they are the same
    assert true(compiled.infer(do={"cloudy": True}), "wet") == pytest.approx(
        true(engine(SPRINKLER + "observe cloudy.").infer(), "wet")
    )


def test_what_is_set_is_no_longer_observed() -> None:
    answer = engine(BURGLARY).infer(do={"john": False, "mary": False})
    assert true(answer, "burglary") == pytest.approx(0.001)
    assert answer.statistics["log_evidence"] == [0.0]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"sprinklr": True}, "nearest known name is 'sprinkler'"),
        ({"rain": 3}, "cannot be set to 3"),
        ({"rain": "yes no"}, "does not say which node"),
    ],
)
def test_settings_that_say_nothing(setting: dict[str, object], words: str) -> None:
    with pytest.raises(nesy.NesyError, match="E598") as caught:
        engine(SPRINKLER).infer(do=setting)
    assert words in str(caught.value)


def test_other_back_ends_take_no_interventions() -> None:
    with pytest.raises(nesy.NesyError, match="E523"):
        nesy.load("percept a : bool. query a.").compile().infer({"a": 0.5}, do={"a": True})


@pytest.mark.parametrize(
    ("program", "lines"),
    [
        (
            """
            random strength : real ~ normal(100, 20).
            observe strength > 110.
            random luck : bool ~ bernoulli(0.5).
            observe luck.
            observe strength < 90.
            query luck.
            """,
            [3, 6],
        ),
        (
            """
            random a : bool ~ bernoulli(0.5).
            random b : bool ~ bernoulli(if a then 1 else 0).
            random c : bool ~ bernoulli(0.5).
            observe b. observe c.
            observe not a.
            query c.
            """,
            [5, 6],
        ),
        ("random x : real ~ normal(0, 1).\nobserve x = 1.\nobserve x = 2.\nquery x.", [2, 3]),
        ("random n : int ~ poisson(3).\nobserve n < 0.\nquery n.", [2]),
        ("edge(a, b).\nrandom x : real ~ normal(0, 1).\nobserve edge(b, a).\nquery x.", [3]),
    ],
)
def test_contradictions_are_named(program: str, lines: list[int]) -> None:
    answer = engine(program).infer()
    assert answer.status == ["infeasible"]
    (warning,) = [entry for entry in answer.warnings if entry.code == "W593"]
    assert sorted([warning.span.line, *(label.span.line for label in warning.labels)]) == lines
    (explanation,) = answer.explain()
    assert explanation.conflict is not None
    assert [step.span.line for step in explanation.conflict.statements if step.span] == lines


def test_explanations_say_what_moved_the_answer() -> None:
    (explanation,) = engine(BURGLARY).infer().explain(0, "burglary")
    assert explanation.prior == pytest.approx(0.001)
    assert explanation.degree == pytest.approx(0.284172, abs=1e-6)
    assert [entry.source for entry in explanation.influences] == ["observe mary.", "observe john."]
    assert explanation.influences[0].without == pytest.approx(0.016284, abs=1e-6)
    assert explanation.influences[0].path == "burglary → alarm → mary"


def test_observations_that_are_separated_have_no_influence() -> None:
    program = SPRINKLER + "random coin : bool ~ bernoulli(0.5). observe coin. observe wet."
    (explanation,) = engine(program).infer().explain(0, "rain")
    effects = {entry.statement: entry.effect for entry in explanation.influences}
    assert effects["coin"] == 0.0
    assert effects["wet"] > 0.08


def test_estimates_depend_on_the_seed_alone() -> None:
    before = torch.get_rng_state()
    first = engine(TUG_OF_WAR, samples=5000, seed=3).infer()
    second = engine(TUG_OF_WAR, samples=5000, seed=3).infer()
    third = engine(TUG_OF_WAR, samples=5000, seed=4).infer()
    assert torch.equal(torch.get_rng_state(), before)
    assert first.to_json(0) == second.to_json(0)
    assert first.to_json(0) != third.to_json(0)


def test_numbers_answer_with_mean_and_error() -> None:
    answer = engine(SCHOOLS, method="weighting", samples=20_000).infer()
    assert answer.status == ["estimated"]
    data = answer.to_json(0)["answers"]["mu"]  # type: ignore[index]
    assert set(data) == {"mean", "sd", "quantiles", "error"}
    assert abs(data["mean"] - 4.3968) < 4 * data["error"]
    samples = answer["theta"].samples
    assert samples is not None
    assert samples.shape[:2] == (1, 8)


@pytest.mark.parametrize(
    ("method", "program", "code"),
    [
        ("exat", BURGLARY, "E523"),
        ("exact", TUG_OF_WAR, "E596"),
    ],
)
def test_methods_that_do_not_fit(method: str, program: str, code: str) -> None:
    with pytest.raises(nesy.NesyError, match=code):
        engine(program, method=method)
