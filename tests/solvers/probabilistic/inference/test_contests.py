"""Contests of T. Gerstenberg and N. D. Goodman (2012): strength by quadrature, patterns of victories in their order.

Everybody has a strength, one in ten is lazy in a match and pulls half as hard, the larger pull wins. The means
are those of quadratures (contests of two) and of 6·10⁷ draws (doubles).
"""

from __future__ import annotations

import pytest

import nesy
from nesy.solvers.answer import Answer

SINGLES = """
type player = {{a, b, c, d}}.
type match = 1..3.
relation pair(match, player, player).
{pairs}
random strength(P) : real ~ normal(10, 3) for player(P).
random lazy(P, M) : bool ~ bernoulli(0.1) for player(P), match(M).
define pull(P, M) = if lazy(P, M) then strength(P) / 2 else strength(P).
define wins(M) = (any pull(P, M) > pull(Q, M) for pair(M, P, Q)) for match(M).
observe {observed}.
query strength(a).
"""

PATTERNS = {
    "once": ("pair(1,a,b).", "wins(1)", 11.483),
    "confounded": ("pair(1,a,b). pair(2,a,b). pair(3,a,b).", "wins(1), wins(2), wins(3)", 11.730),
    "strong indirect": ("pair(1,a,b). pair(2,b,c). pair(3,b,d).", "wins(1), wins(2), wins(3)", 12.308),
    "weak indirect": ("pair(1,a,b). pair(2,c,b). pair(3,d,b).", "wins(1), wins(2), wins(3)", 10.974),
    "diverse": ("pair(1,a,b). pair(2,a,c). pair(3,a,d).", "wins(1), wins(2), wins(3)", 12.904),
    "lost, confounded": ("pair(1,b,a). pair(2,b,a). pair(3,b,a).", "wins(1), wins(2), wins(3)", 8.160),
    "lost, diverse": ("pair(1,b,a). pair(2,c,a). pair(3,d,a).", "wins(1), wins(2), wins(3)", 6.957),
}

DOUBLES = """
type player = {a, b, c, d}.
type match = 1..3.
random strength(P) : real ~ normal(0, 1) for player(P).
random lazy(P, M) : bool ~ bernoulli(0.25) for player(P), match(M).
define pull(P, M) = if lazy(P, M) then strength(P) - 1 else strength(P).
observe pull(a, 1) + pull(b, 1) > pull(c, 1) + pull(d, 1).
observe pull(c, 2) > pull(a, 2).
query strength(_).
query lazy(a, 2).
query pull(a, 3) + pull(b, 3) > pull(c, 3) + pull(d, 3).
"""


def infer(text: str, **options: object) -> Answer:
    return nesy.load(text).compile("probabilistic", **options).infer()  # type: ignore[arg-type]


@pytest.mark.slow
def test_strength_after_victories_in_the_order_in_which_people_put_them() -> None:
    found = {}
    for pattern, (pairs, observed, expected) in PATTERNS.items():
        answer = infer(SINGLES.format(pairs=pairs, observed=". observe ".join(observed.split(", "))), seed=1)
        result = answer["strength(a)"]
        assert answer.status == ["estimated"]
        assert result.mean is not None
        assert result.error is not None
        found[pattern], error = float(result.mean[0]), float(result.error[0])
        assert error < 0.06
        assert abs(found[pattern] - expected) < 4.5 * error + 5e-4, pattern
    assert sorted(found, key=lambda pattern: -found[pattern]) == [
        "diverse",
        "strong indirect",
        "confounded",
        "once",
        "weak indirect",
        "lost, confounded",
        "lost, diverse",
    ]


@pytest.mark.slow
def test_doubles() -> None:
    answer = infer(DOUBLES, seed=2, samples=200_000)
    (evidence,) = answer.statistics["log_evidence"]  # type: ignore[misc]
    assert float(evidence) == pytest.approx(-1.90650, abs=0.02)  # log 0.148600
    means = {"a": -0.2543, "b": 0.6155, "c": 0.2551, "d": -0.6155}
    for player, expected in means.items():
        result = answer[f"strength({player})"]
        assert result.mean is not None
        assert result.error is not None
        assert abs(float(result.mean[0]) - expected) < 4.5 * float(result.error[0]) + 5e-4
    lazy = answer["lazy(a,2)"].probability
    assert lazy is not None
    assert float(lazy[0, 1]) == pytest.approx(0.4325, abs=0.02)
    (rematch,) = (result for label, result in answer.results.items() if label.startswith("pull"))
    assert rematch.probability is not None
    assert float(rematch.probability[0, 1]) == pytest.approx(0.7121, abs=0.015)
