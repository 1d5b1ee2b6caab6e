"""Discrete models with published or hand-checked answers: all of them exactly.

Sources: Russell and Norvig's textbook, the tests of ProbLog, Murphy's sprinkler, Lauritzen and Spiegelhalter's Asia,
exercises of probmods.org; closed forms stand beside the numbers where there are any.
"""

from __future__ import annotations

from math import exp, log

import pytest

import nesy
from tests.solvers.probabilistic.graphs import BURGLARY

ALARM = """
random burglary : bool ~ bernoulli(0.7).
random earthquake : bool ~ bernoulli(0.2).
random alarm : bool ~ bernoulli(
    if burglary and earthquake then 0.9 else if burglary then 0.8 else if earthquake then 0.1 else 0).
query burglary. query earthquake.
"""

SMOKERS = """
type person = 1..4.
friend(1, 2). friend(4, 2). friend(2, 1). friend(2, 4). friend(3, 2).
random stress(P) : bool ~ bernoulli(0.3) for person(P).
random influences(P, Q) : bool ~ bernoulli(0.2) for person(P), person(Q).
define smokes(P, K) = stress(P) or (K > 0 and any (influences(Q, P) and smokes(Q, K - 1)) for friend(P, Q)).
random asthma(P) : bool ~ bernoulli(if smokes(P, 4) then 0.4 else 0) for person(P).
observe smokes(2, 4).
query smokes(1, 4). query smokes(3, 4). query smokes(4, 4). query asthma(1). query asthma(2).
"""

SPRINKLER = """
random cloudy : bool ~ bernoulli(0.5).
random sprinkler : bool ~ bernoulli(if cloudy then 0.1 else 0.5).
random rain : bool ~ bernoulli(if cloudy then 0.8 else 0.2).
random wet : bool ~ bernoulli(if sprinkler and rain then 0.99 else if sprinkler or rain then 0.9 else 0).
query cloudy. query sprinkler. query rain. query wet.
"""

ASIA = """
random asia : bool ~ bernoulli(0.01).
random smoke : bool ~ bernoulli(0.5).
random tub : bool ~ bernoulli(if asia then 0.05 else 0.01).
random lung : bool ~ bernoulli(if smoke then 0.1 else 0.01).
random bronc : bool ~ bernoulli(if smoke then 0.6 else 0.3).
define either = tub or lung.
random xray : bool ~ bernoulli(if either then 0.98 else 0.05).
random dysp : bool ~ bernoulli(
    if bronc and either then 0.9 else if either then 0.7 else if bronc then 0.8 else 0.1).
query tub. query lung. query bronc. query either. query xray. query dysp.
"""

RARE = """
random cancer : bool ~ bernoulli(0.00001).
random cold : bool ~ bernoulli(0.2).
random by_cancer : bool ~ bernoulli(if cancer then 0.9 else 0).
random by_cold : bool ~ bernoulli(if cold then 0.00006 else 0).
random by_other : bool ~ bernoulli(0.000000001).
define death = by_cancer or by_cold or by_other.
observe death.
query cancer. query cold.
"""

UMBRELLA = """
type day = 0..2.
random rain(T) : bool ~ bernoulli(if T = 0 then 0.5 else if rain(T - 1) then 0.7 else 0.3) for day(T).
random umbrella(T) : bool ~ bernoulli(if rain(T) then 0.9 else 0.2) for day(T), T > 0.
observe all umbrella(T) for day(T), T > 0.
query rain(2).
"""

NOISY_OR = """
type cause = 1..20.
random present(I) : bool ~ bernoulli(0.05) for cause(I).
define missed = 0.99 * exp(sum { if present(I) then log(0.2) else 0, I : cause(I) }).
random finding : bool ~ bernoulli(1 - missed).
observe finding.
query present(1).
"""

GIVEN_ALARM = BURGLARY.replace("observe john.\nobserve mary.", "observe alarm.")

CASES = {
    "burglary": (BURGLARY, {"burglary": 0.284172, "earthquake": 0.176067, "alarm": 0.760692}, log(0.00208410)),
    "burglary given alarm": (GIVEN_ALARM, {"burglary": 0.373551}, None),
    "burglary given both": (GIVEN_ALARM + "observe earthquake.", {"burglary": 0.003268}, None),
    "burglary given john": (BURGLARY.replace("observe mary.", ""), {"burglary": 0.016284}, log(0.052139)),
    "alarm": (ALARM + "observe alarm.", {"burglary": 0.989655172, "earthquake": 0.227586207}, None),
    "alarm, two callers": (
        ALARM
        + """
        type caller = {john, mary}.
        random calls(C) : bool ~ bernoulli(if alarm then 0.8 else 0.1) for caller(C).
        observe all calls(C) for caller(C).
        """,
        {"burglary": 0.981939265, "earthquake": 0.226851359},
        None,
    ),
    "smokers": (
        SMOKERS + "observe not influences(4, 2).",
        {
            "smokes(1,4)": 0.508771930,
            "smokes(3,4)": 0.44,
            "smokes(4,4)": 0.44,
            "asthma(1)": 0.203508772,
            "asthma(2)": 0.4,
        },
        None,
    ),
    "smokers, one observation": (SMOKERS, {"smokes(1,4)": 0.49795533, "asthma(1)": 0.19918213}, None),
    "coins": (
        "type coin = 1..4. random heads(C) : bool ~ bernoulli(0.6) for coin(C). query any heads(C) for coin(C).",
        {"any heads(C) for coin(C)": 1 - 0.4**4},
        0.0,
    ),
    "paths": (
        """
        edge(1, 2, 60). edge(1, 3, 10). edge(2, 5, 40). edge(2, 6, 30). edge(3, 4, 30). edge(4, 5, 80). edge(5, 6, 20).
        random open(X, Y) : bool ~ bernoulli(W / 100) for edge(X, Y, W).
        define path(X, Y) = any (open(X, Z) and (Z = Y or path(Z, Y))) for edge(X, Z, W).
        query path(1, 5). query path(1, 6).
        """,
        {"path(1,5)": 0.25824, "path(1,6)": 0.21672960},
        0.0,
    ),
    "weather": (
        """
        type day = 0..10.
        random sun(T) : bool ~ bernoulli(if T = 0 then 0.5 else if sun(T - 1) then 0.6 else 0.2) for day(T).
        query sun(10).
        """,
        {"sun(10)": 1 / 3 + (0.5 - 1 / 3) * 0.4**10},
        0.0,
    ),
    "packing": (
        """
        weight(skis, 6). weight(boots, 4). weight(helmet, 3). weight(gloves, 2).
        random packed(I) : bool ~ bernoulli(1 / W) for weight(I, W).
        query sum { W, I : weight(I, W), packed(I) } > 8.
        """,
        {"sum { W,I : weight(I,W), packed(I) } > 8": 0.118055556},
        0.0,
    ),
    "sprinkler": (
        SPRINKLER + "observe wet.",
        {"sprinkler": 0.429764, "rain": 0.707928, "cloudy": 0.5758},
        log(0.6471),
    ),
    "sprinkler and rain": (SPRINKLER + "observe wet. observe rain.", {"sprinkler": 0.194499}, None),
    "sprinkler seen": (SPRINKLER + "observe sprinkler.", {"rain": 0.3, "wet": 0.927}, None),
    "monty hall": (
        """
        type door = 1..3.
        random car : door ~ categorical(1, 1, 1).
        define free(D) = if D = 1 or car = D then 0 else 1.
        random opened : door ~ categorical(free(1), free(2), free(3)).
        observe opened = 3.
        query car = 1. query car = 2.
        """,
        {"car = 1": 1 / 3, "car = 2": 2 / 3},
        None,
    ),
    "asia": (
        ASIA,
        {"tub": 0.0104, "lung": 0.055, "bronc": 0.45, "either": 0.064828, "xray": 0.11029, "dysp": 0.435971},
        0.0,
    ),
    "asia, ill": (
        ASIA + "observe asia. observe xray. observe dysp.",
        {"tub": 0.391712, "lung": 0.444271, "bronc": 0.628822},
        None,
    ),
    "umbrella": (UMBRELLA, {"rain(2)": 0.883357}, -1.045546),
    "noisy or": (NOISY_OR, {"present(1)": 0.05 * (1 - 0.2 * 0.99 * 0.96**19) / (1 - 0.99 * 0.96**20)}, -0.575511),
    "rare evidence": (RARE, {"cancer": 0.428554, "cold": 0.657119}, log(2.100089e-5)),
    "rare evidence with a cold": (RARE + "observe cold.", {"cancer": 0.130435}, None),
    "soft evidence": (
        "random heads : bool ~ bernoulli(0.5). :~ not heads. [3] query heads.",
        {"heads": 1 / (1 + exp(-3))},
        log((1 + exp(-3)) / 2),
    ),
    "two lawns": (
        """
        type lawn = 1..2.
        random rain : bool ~ bernoulli(0.3).
        random sprinkler(L) : bool ~ bernoulli(0.5) for lawn(L).
        observe all (rain or sprinkler(L)) for lawn(L).
        query rain.
        """,
        {"rain": 0.631579},
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("program", "expected", "evidence"), CASES.values(), ids=CASES)
def test_published_numbers(program: str, expected: dict[str, float], evidence: float | None) -> None:
    answer = nesy.load(program).compile("probabilistic").infer()
    assert answer.statistics["method"] == ["elimination"]
    assert answer.status == ["solved"]
    for label, wanted in expected.items():
        probability = answer[label].probability
        assert probability is not None
        assert float(probability[0, 1]) == pytest.approx(wanted, abs=6e-7), label
    if evidence is not None:
        (found,) = answer.statistics["log_evidence"]  # type: ignore[misc]
        assert found == pytest.approx(evidence, abs=3e-6)


def test_rare_evidence_is_refused_by_weighting() -> None:
    answer = nesy.load(RARE).compile("probabilistic", method="weighting", samples=100_000).infer()
    assert answer.status == ["unknown"]
    assert [warning.code for warning in answer.warnings] == ["W599"]
    assert answer["cancer"].choice is not None
    assert answer["cancer"].choice.tolist() == [-1]


def test_soft_evidence_on_a_coin() -> None:
    """Three nats in favour of heads, as a soft constraint would weigh them: e³ / (1 + e³)."""
    answer = nesy.load("percept heads : bool. :~ not heads. [3] query heads.").compile("probabilistic")
    probability = answer.infer({"heads": [[0.5, 0.5]]})["heads"].probability
    assert float(probability[0, 1]) == pytest.approx(1 / (1 + exp(-3)), abs=1e-12)
    assert float(probability[0, 1]) == pytest.approx(0.952574, abs=1e-6)
