"""Continuous models with exact or published answers: closed forms, Kalman, the eight schools of posteriordb.

Closed forms stand beside the numbers. Numbers of the eight schools are one-dimensional quadratures (and agree with the
reference draws of posteriordb within their errors).
"""

from __future__ import annotations

from math import exp, lgamma, log, pi

import pytest
import torch

import nesy
from nesy.solvers.answer import Answer
from nesy.solvers.probabilistic.inference.choose import decide
from nesy.solvers.probabilistic.inference.quadrature import compile_nested
from tests.solvers.probabilistic.graphs import SCHOOLS, graph_of


def infer(text: str, **options: object) -> Answer:
    return nesy.load(text).compile("probabilistic", **options).infer()  # type: ignore[arg-type]


def figures(answer: Answer, label: str) -> tuple[float, float]:
    result = answer[label]
    assert result.mean is not None
    assert result.sd is not None
    return float(result.mean[0]), float(result.sd[0])


def evidence(answer: Answer) -> float:
    (found,) = answer.statistics["log_evidence"]  # type: ignore[misc]
    return float(found)


def test_beta_and_binomial() -> None:
    answer = infer("random p : real ~ beta(10, 10). random k : int ~ binomial(10, p). observe k = 6. query p.")
    assert answer.statistics["method"] == ["quadrature"]
    assert answer.status == ["solved"]
    assert figures(answer, "p") == pytest.approx((16 / 30, (16 * 14 / 30**2 / 31) ** 0.5), abs=1e-9)
    ways = lgamma(11) - lgamma(7) - lgamma(5)
    assert evidence(answer) == pytest.approx(ways - 7.069375, abs=1e-6)


def test_sequences_of_heads_and_occams_razor() -> None:
    flips = " ".join(f"observe heads({n})." if n <= 6 else f"observe not heads({n})." for n in range(1, 11))
    model = "type flip = 1..10. random bias : real ~ beta(1, 1). random heads(F) : bool ~ bernoulli({}) for flip(F)."
    fair = infer(model.format("0.5") + flips + "query heads(1).")
    biased = infer(model.format("bias") + flips + "query bias.")
    assert evidence(fair) == pytest.approx(10 * log(0.5), abs=1e-9)
    assert evidence(biased) == pytest.approx(lgamma(7) + lgamma(5) - lgamma(12), abs=1e-9)


def test_normal_scale() -> None:
    answer = infer(
        "random weight : real ~ normal(8.5, 1). random shown : real ~ normal(weight, 0.75)."
        "observe shown = 9.5. query weight. query weight > 9."
    )
    assert answer.statistics["method"] == ["gaussian"]
    assert figures(answer, "weight") == pytest.approx((9.14, 0.6), abs=1e-9)
    assert evidence(answer) == pytest.approx(-1.462082, abs=1e-6)
    probability = answer["weight > 9"].probability
    assert probability is not None
    assert float(probability[0, 1]) == pytest.approx(0.59224871, abs=1e-7)


@pytest.mark.parametrize(("start", "known"), [(0.0, None), (1.0, (1.2745, 0.6182, -6.7036))])
def test_random_walk_is_kalmans(start: float, known: tuple[float, float, float] | None) -> None:
    """A walk from 0, and one whose state before the first step is uncertain."""
    first = "0" if start == 0 else "before"
    answer = infer(
        f"""
        type step = 1..4.
        {"" if start == 0 else "random before : real ~ normal(0, 1)."}
        random x(T) : real ~ normal(if T = 1 then {first} else x(T - 1), 1) for step(T).
        random y(T) : real ~ normal(x(T), 1) for step(T).
        observe y(1) = 0.5. observe y(2) = 1. observe y(3) = -0.3. observe y(4) = 2.
        query x(4).
        """
    )
    mean, variance, total = 0.0, start, 0.0
    for seen in (0.5, 1.0, -0.3, 2.0):
        variance += 1
        spread = variance + 1
        total += -0.5 * (seen - mean) ** 2 / spread - 0.5 * log(2 * pi * spread)
        gain = variance / spread
        mean, variance = mean + gain * (seen - mean), (1 - gain) * variance
    assert figures(answer, "x(4)") == pytest.approx((mean, variance**0.5), abs=1e-9)
    assert evidence(answer) == pytest.approx(total, abs=1e-9)
    if known is not None:
        assert (mean, variance, total) == pytest.approx(known, abs=5e-5)


def test_eight_schools() -> None:
    answer = infer(SCHOOLS + "query theta(1) > theta(3).")
    assert answer.statistics["method"] == ["quadrature"]
    assert answer.status == ["solved"]
    assert figures(answer, "mu") == pytest.approx((4.3968, 3.3177), abs=1e-4)
    mean, sd = figures(answer, "tau")
    assert mean == pytest.approx(3.5977, abs=1e-4)
    assert mean**2 + sd**2 == pytest.approx(23.31, abs=0.01)
    for number, expected in enumerate((6.212, 4.940, 3.927, 4.757, 3.615, 4.043, 6.297, 4.854), 1):
        assert figures(answer, f"theta({number})")[0] == pytest.approx(expected, abs=6e-4)
    assert evidence(answer) == pytest.approx(-31.3113, abs=1e-4)


def test_complete_pooling_of_the_schools() -> None:
    pooled = SCHOOLS.replace("random theta(S) : real ~ normal(mu, tau) for school(S).", "define theta(S) = mu.")
    pooled = pooled.replace("query tau. query theta(_).", "").replace("random tau : real ~ halfcauchy(5).", "")
    assert evidence(infer(pooled)) == pytest.approx(-30.8442, abs=1e-4)


def test_what_is_computed_may_be_observed_where_all_is_gaussian() -> None:
    answer = infer(
        "random a : real ~ normal(1, 2). random b : real ~ normal(0, 1). define total = a + 3 * b."
        "observe total = 5. query a. query b. query total."
    )
    gain = 4 / (4 + 9)
    assert figures(answer, "a") == pytest.approx((1 + gain * 4, (4 * (1 - gain)) ** 0.5), abs=1e-9)
    assert figures(answer, "total") == pytest.approx((5.0, 0.0), abs=1e-6)
    assert evidence(answer) == pytest.approx(-0.5 * 16 / 13 - 0.5 * log(2 * 3.141592653589793 * 13), abs=1e-9)


def test_switches_make_mixtures() -> None:
    answer = infer(
        "random hot : bool ~ bernoulli(0.3). random x : real ~ normal(if hot then 10 else 0, if hot then 2 else 1)."
        "random seen : real ~ normal(x, 1). observe seen = 4. query hot. query x."
    )
    densities = [
        share * (2 * 3.141592653589793 * spread) ** -0.5 * 2.718281828459045 ** (-0.5 * (4 - mean) ** 2 / spread)
        for share, mean, spread in ((0.7, 0.0, 2.0), (0.3, 10.0, 5.0))
    ]
    hot = densities[1] / sum(densities)
    probability = answer["hot"].probability
    assert probability is not None
    assert float(probability[0, 1]) == pytest.approx(hot, abs=1e-9)
    assert figures(answer, "x")[0] == pytest.approx((1 - hot) * 2.0 + hot * (10 - 0.8 * 6), abs=1e-9)


def test_comparisons_across_a_grid_tell_their_error() -> None:
    answer = infer(
        """
        type arm = {old, new}.
        trials(old, 100, 12). trials(new, 110, 22).
        random rate(A) : real ~ beta(1, 1) for arm(A).
        random sold(A) : int ~ binomial(N, rate(A)) for trials(A, N, K).
        observe all sold(A) = K for trials(A, N, K).
        query rate(_). query rate(new) > rate(old).
        """
    )
    result = answer["rate(new) > rate(old)"]
    assert result.probability is not None
    assert result.error is not None
    # ∫ Beta(23, 89) density · Beta(13, 89) distribution function
    assert abs(float(result.probability[0, 1]) - 0.9397389753) < max(float(result.error[0]), 1e-7)
    assert float(result.error[0]) < 1e-4
    assert figures(answer, "rate(new)")[0] == pytest.approx(23 / 112, abs=1e-9)


LOGISTIC = """
type point = 1..12.
at(1, -3). at(2, -2). at(3, -2). at(4, -1). at(5, -1). at(6, 0). at(7, 0). at(8, 1). at(9, 1). at(10, 2). at(11, 2).
at(12, 3).
random intercept : real ~ normal(0, 2).
random slope : real ~ normal(0, 2).
random on(I) : bool ~ bernoulli(1 / (1 + exp(-(intercept + slope * X)))) for at(I, X).
observe all on(I) for at(I, X), I > 7.
observe all not on(I) for at(I, X), I <= 7, I != 4.
observe on(4).
query intercept. query slope. query slope > 1.
"""


@pytest.mark.parametrize("method", ["laplace", "weighting", "smc", pytest.param("nuts", marks=pytest.mark.slow)])
def test_methods_agree_with_the_quadrature(method: str) -> None:
    exact = infer(LOGISTIC)
    assert exact.statistics["method"] == ["quadrature"]
    samples = {"weighting": 100_000, "laplace": 10_000, "smc": 5_000, "nuts": 1_600}[method]
    estimated = infer(LOGISTIC, method=method, samples=samples)
    assert estimated.status == ["estimated"], estimated.warnings
    for label in ("intercept", "slope"):
        error = estimated[label].error
        assert error is not None
        assert 0 < float(error[0]) < 0.2
        assert abs(figures(estimated, label)[0] - figures(exact, label)[0]) < 5 * float(error[0])
        assert figures(estimated, label)[1] == pytest.approx(figures(exact, label)[1], rel=0.15)
    if method != "nuts":
        (spread,) = estimated.statistics["log_evidence_error"]  # type: ignore[misc]
        assert abs(evidence(estimated) - evidence(exact)) < 5 * float(spread)


@pytest.mark.slow
def test_variational_answers_say_that_they_are_too_narrow() -> None:
    # intercept and slope are correlated, which independent coordinates cannot say
    model = """
    type point = 1..6.
    at(1, 8, 17). at(2, 9, 20). at(3, 10, 21). at(4, 11, 22). at(5, 12, 25). at(6, 13, 26).
    random intercept : real ~ normal(0, 10).
    random slope : real ~ normal(0, 10).
    random noise : real ~ halfnormal(1).
    random y(I) : real ~ studentt(20, intercept + slope * X, noise) for at(I, X, Y).
    observe all y(I) = Y for at(I, X, Y).
    query slope.
    """
    answer = infer(model, method="svi")
    assert [warning.code for warning in answer.warnings] == ["W599"]
    assert "spread" in answer.warnings[0].message
    exact = infer(model, method="laplace")
    assert figures(answer, "slope")[1] < 0.5 * figures(exact, "slope")[1]


def test_decisions_say_what_takes_over() -> None:
    smooth = """
    type i = 1..3.
    random x(I) : real ~ gamma(2, 1) for i(I).
    random y : real ~ studentt(4, x(1) + x(2) * x(3), 1).
    observe y = 1.
    query x(_).
    """
    decision = decide(graph_of(smooth))
    assert not decision.exact
    assert (decision.method, decision.then) == ("weighting", ("laplace", "nuts", "smc"))
    assert decide(graph_of(smooth + "observe x(1) > x(2).")).then == ("smc",)
    assert (decide(graph_of(LOGISTIC)).method, decide(graph_of(LOGISTIC)).then) == ("quadrature", ())


def test_effects_are_written_relative_to_their_parents_and_densities_stay_the_same() -> None:
    """Non-centred coordinates: the density of the state times |dx/du| is that of standard variables."""
    graph = graph_of("""
        type group = 1..3.
        random mu : real ~ gamma(2, 1).
        random tau : real ~ halfnormal(2).
        random robust(G) : real ~ studentt(4, mu, tau) for group(G).
        random plain(G) : real ~ laplace(mu, tau) for group(G).
        random seen : real ~ studentt(3, robust(1) * plain(1), 1).
        observe seen = 1.
        query mu. query robust(_). query plain(_).
    """)
    nested = compile_nested(graph, decentred=True)
    assert nested is not None
    coordinates = nested.coordinates
    assert coordinates.moved == {f"{name}({group})" for name in ("robust", "plain") for group in (1, 2, 3)}
    points = torch.randn(50, coordinates.size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    state, slope = coordinates.states(points)
    assert torch.allclose(coordinates.points(state, 50), points, atol=1e-9)
    executor = nested.executor
    place = {label: points[:, number] for number, label in enumerate(coordinates.outer)}
    t4, laplace = torch.distributions.StudentT(4), torch.distributions.Laplace(0, 1)
    expected = sum(t4.log_prob(place[f"robust({g})"]) + laplace.log_prob(place[f"plain({g})"]) for g in (1, 2, 3))
    mu, tau = place["mu"].exp(), place["tau"].exp()
    expected = expected + torch.distributions.Gamma(2, 1).log_prob(mu) + place["mu"]
    expected = expected + torch.distributions.HalfNormal(2).log_prob(tau) + place["tau"]
    assert torch.allclose(executor.prior(state) + slope, expected, atol=1e-9)


@pytest.mark.parametrize(
    ("method", "program"),
    [
        ("nuts", "random n : int ~ poisson(3). random x : real ~ normal(n, 1). observe x = 2. query n."),
        ("laplace", "random x : real ~ gamma(2, 1). random y : real ~ gamma(x, 1). observe x > y. query x."),
        (
            "quadrature",
            "random a : real ~ gamma(2, 1). random b : real ~ gamma(a, 1). random c : real ~ gamma(b, a). query c.",
        ),
    ],
)
def test_methods_that_do_not_fit(method: str, program: str) -> None:
    with pytest.raises(nesy.NesyError, match="E596"):
        infer(program, method=method)


def test_rare_events_over_numbers_are_tempered() -> None:
    answer = infer(
        "random a : real ~ normal(0, 1). random b : real ~ normal(0, 1). random c : real ~ normal(0, 1)."
        "observe a > 3. observe b > a + 2. query a. query b.",
        method="smc",
        samples=4000,
    )
    assert answer.status == ["estimated"], answer.warnings
    # ∫ over a > 3 of the density of a times P(b > a + 2), by fine quadrature
    assert evidence(answer) == pytest.approx(-22.6139, abs=1.0)


@pytest.mark.parametrize("time_limit", [1e-6])
def test_time_limits_hold(time_limit: float) -> None:
    model = "random a : real ~ normal(0, 1). random b : real ~ gamma(1, 1). observe a > b + 6. query a."
    answer = infer(model, time_limit=time_limit)
    assert answer.status == ["timeout"]
    assert [warning.code for warning in answer.warnings] == ["W599"]


@pytest.mark.parametrize("method", ["auto", "quadrature", "laplace", pytest.param("nuts", marks=pytest.mark.slow)])
def test_normals_between_a_normal_and_a_likelihood_that_is_not(method: str) -> None:
    """The mean of an effect is summed out given the effect: a sum over the effect alone, as a plain sum has it."""
    answer = infer(
        "random mu : real ~ normal(0, 5). random e : real ~ normal(mu, 1)."
        "random k : int ~ binomial(20, 1 / (1 + exp(-e))). observe k = 15. query mu. query e.",
        method=method,
    )
    total = first = second = 0.0
    for place in range(-20_000, 20_001):
        e = place / 500
        share = 1 / (1 + exp(-e))
        weight = exp(-0.5 * e**2 / 26) / (2 * pi * 26) ** 0.5 * 15504 * share**15 * (1 - share) ** 5 / 500
        total, first, second = total + weight, first + weight * e, second + weight * e**2
    first, second = first / total, second / total
    mean, variance = first * 25 / 26, 25 / 26 + (25 / 26) ** 2 * (second - first**2)
    error = {"auto": 1e-6, "quadrature": 1e-6, "laplace": 0.04, "nuts": 0.15}[method]
    assert figures(answer, "e")[0] == pytest.approx(first, abs=error)
    assert figures(answer, "mu") == pytest.approx((mean, variance**0.5), abs=error)
    if method != "nuts":
        assert evidence(answer) == pytest.approx(log(total), abs=min(error, 0.01))
