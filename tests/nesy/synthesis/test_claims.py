"""Claimed probabilities as priors: their moments, their names, and what evidence makes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import exp, inf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nesy.dsl import parse
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.statements import Statement
from nesy.synthesis import Settings, Synthesis, library_of, synthesise
from nesy.synthesis.artefacts.recording import stages
from nesy.synthesis.llm.claims import SURE, matched, merged
from nesy.synthesis.llm.client import ChatClient
from tests.nesy.synthesis.fake_server import said, sentences, serving


def statements(text: str) -> Sequence[Statement]:
    return parse(text, "<reply>").statements


def written(*replies: str, concentration: float = 10.0, known: Sequence[str] = ()) -> list[list[str]]:
    found = merged([statements(reply) for reply in replies], concentration, known)
    texts = [[" ".join(write_statement(entry).split()) for entry in each.statements] for each in found]
    return [[text for text in each if not text.startswith("gloss")] for each in texts]


def moments(alpha: float, beta: float) -> tuple[float, float]:
    total = alpha + beta
    return alpha / total, alpha * beta / total**2 / (total + 1)


# ----- moments


@given(st.floats(SURE, 1 - SURE), st.floats(1, 1000))
def test_one_claim_is_a_beta_of_the_declared_concentration(share: float, concentration: float) -> None:
    found = matched([share], concentration)
    assert found is not None
    assert found == (
        pytest.approx(concentration * share, rel=1e-3),
        pytest.approx(concentration * (1 - share), rel=1e-3),
    )


@given(st.lists(st.floats(SURE, 1 - SURE), min_size=1, max_size=5), st.floats(1, 100))
def test_several_claims_have_the_moments_of_their_mixture(claimed: list[float], concentration: float) -> None:
    found = matched(claimed, concentration)
    assert found is not None
    mean = sum(claimed) / len(claimed)
    squares = [p * (1 - p) / (concentration + 1) + p**2 for p in claimed]
    assert moments(*found) == (
        pytest.approx(mean, rel=2e-3),
        pytest.approx(sum(squares) / len(squares) - mean**2, rel=5e-3),
    )


def test_disagreement_widens() -> None:
    agreed, apart = matched([0.2, 0.2, 0.2], 10.0), matched([0.05, 0.2, 0.35], 10.0)
    assert agreed == (2.0, 8.0)
    assert apart is not None
    assert sum(apart) < 10
    assert moments(*apart)[0] == pytest.approx(0.2, abs=1e-3)


def test_what_is_claimed_to_be_sure_stays_open() -> None:
    assert matched([1.0], 10.0) == (9.9, 0.1)
    assert matched([0.0], 10.0) == (0.1, 9.9)


def test_an_infinite_concentration_takes_numbers_as_they_are_claimed() -> None:
    assert matched([0.2, 0.2], inf) is None
    # the variance is that of the claims alone: 0.01
    assert matched([0.1, 0.3], inf) == (pytest.approx(0.2 * 15), pytest.approx(0.8 * 15))


# ----- statements

TIRED = "random tired(P) : bool ~ bernoulli({}) for athlete(P)."


def test_each_number_gets_a_name() -> None:
    assert written(TIRED.format("if lazy(P) then 0.4 else if old(P) then 0.3 else 0.1"), known=["tired_chance_2"]) == [
        [
            "random tired_chance : real ~ beta(4, 6).",
            "random tired_chance_3 : real ~ beta(3, 7).",
            "random tired_chance_4 : real ~ beta(1, 9).",
            TIRED.format("if lazy(P) then tired_chance else if old(P) then tired_chance_3 else tired_chance_4"),
        ]
    ]


def test_other_numbers_are_no_probabilities() -> None:
    texts = [
        "random sleep(P) : real ~ normal(7, 1) for athlete(P).",
        "random tired(P) : bool ~ bernoulli(if sleep(P) < 0.5 then half(P) else half(P) / 2) for athlete(P).",
        "define half(P) = 0.5 for athlete(P).",
    ]
    (found,) = written(" ".join(texts))
    assert sorted(found) == sorted(texts)


def test_replies_that_differ_in_claims_glosses_and_order_are_one() -> None:
    gloss = 'gloss tired : "{}".'
    other = "random rested(P) : bool ~ bernoulli(0.5) for athlete(P)."
    one = " ".join((TIRED.format(0.1), other, gloss.format("not rested")))
    two = " ".join((gloss.format("in want of sleep"), other, TIRED.format(0.3)))
    third = TIRED.format("if lazy(P) then 0.1 else 0.1")
    found = merged([statements(text) for text in (one, third, two)], 10.0, ())
    assert [entry.votes for entry in found] == [2, 1]
    assert [claim.claimed for claim in found[0].claims] == [(0.5, 0.5), (0.1, 0.3)]
    assert 'gloss tired : "not rested".' in map(write_statement, found[0].statements)


def test_all_other_differences_tell_proposals_apart() -> None:
    sleep = "random sleep(P) : real ~ normal({}, 1) for athlete(P)."
    assert len(written(sleep.format(7), sleep.format(8), sleep.format(7))) == 2


# ----- answers

KNOWLEDGE = """
type athlete.
random lazy(P) : bool ~ bernoulli(0.2) for athlete(P).
phrase "{P} sleeps" means athlete(P), observe lazy(P).
phrase "is {P} lazy" means athlete(P), query lazy(P).
"""
TEXT = "Ann yawns. Bob yawns. Is Cal lazy?"


def answered(*claims: float, concentration: float = 10.0) -> Synthesis:
    reading = sentences(s0=["athlete(ann).", "observe yawns(ann)."], s1=["athlete(bob).", "observe yawns(bob)."])
    texts = [
        json.dumps(
            {"statements": [f"random yawns(P) : bool ~ bernoulli(if lazy(P) then {p} else 0.1) for athlete(P)."]}
        )
        for p in claims
    ]
    with serving(said(*[reading] * 3), said(*texts)) as server:
        client = ChatClient(server.url, "m", pause=0.0)
        settings = Settings(influence=False, prune=False, concentration=concentration)
        return synthesise([library_of(KNOWLEDGE)], TEXT, settings, client=client)


@pytest.mark.slow
def test_evidence_corrects_what_is_claimed_and_the_record_shows_it() -> None:
    found = answered(0.5, 0.7, 0.6)
    (only,) = found.scores.models
    # P(ann yawns, bob yawns) with chances U of the lazy and V of others: E[(0.2 U + 0.8 V)²]
    prior = matched([0.5, 0.7, 0.6], 10.0)
    assert prior is not None
    (u, var_u), (v, var_v) = moments(*prior), moments(1, 9)
    mean = 0.2 * u + 0.8 * v
    evidence = mean**2 + 0.04 * var_u + 0.64 * var_v
    assert only.inferred.log_evidence is not None
    assert exp(only.inferred.log_evidence) == pytest.approx(evidence, rel=0.02)
    parsed = stages(found)["parse"]
    assert isinstance(parsed, dict)
    assert [claim["claimed"] for claim in parsed["proposer"]["claims"]] == [[0.5, 0.7, 0.6], [0.1, 0.1, 0.1]]
    assert "random yawns_chance : real ~ beta(" in found.program


@pytest.mark.slow
def test_as_claimed() -> None:
    found = answered(0.5, 0.5, 0.5, concentration=inf)
    (only,) = found.scores.models
    assert only.inferred.log_evidence is not None
    assert sqrt(exp(only.inferred.log_evidence)) == pytest.approx(0.2 * 0.5 + 0.8 * 0.1, rel=1e-6)
    assert "chance" not in found.program
