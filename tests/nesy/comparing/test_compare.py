"""All back ends on one program: relations that hold, and alarms where an answer is made wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import nesy
from nesy.comparing import relations
from nesy.comparing.comparison import Comparison
from nesy.comparing.relations import Facts, checks
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.answer import Answer, Status
from tests.solvers.probabilistic.counting.programs import random_evidence, random_program

ADDITION = """
percept a(1..2) : 0..3.
concept y : 0..6.
y = U + V :- a(1) = U, a(2) = V.
query y. query a(_).
"""
EVIDENCE = [{"a": {"1": {"1": 0.7, "3": 0.3}, "2": {"0": 0.6, "2": 0.4}}}, {"a": {"1": "3", "2": "3"}}]


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 1 << 30))
def test_no_program_gives_an_alarm(seed: int) -> None:
    random = Random(seed)
    program, evidence = random_program(random), random_evidence(random)
    found = nesy.compare(program.text, evidence)
    assert not found.alarms, [alarm.message for alarm in found.alarms]
    assert {"asp", "integer", "probabilistic"} <= found.answers.keys()
    assert found.relations()[relations.MODELS][0] > 20


def test_every_relation_is_checked() -> None:
    found = nesy.compare(ADDITION, EVIDENCE)
    every = {value for name, value in vars(relations).items() if name.isupper() and isinstance(value, str)}
    assert found.relations().keys() == every
    assert not found.alarms
    data = found.to_json(1)
    assert data["backends"]["asp"]["answers"]["y"]["value"] == 6
    assert data["relations"][relations.SUPPORT] == {"checked": 15, "failed": 0}


def answers() -> tuple[dict[str, Answer], Facts]:
    """Sound answers of all back ends."""
    program = nesy.load(ADDITION)
    found = {
        name: program.compile(name).infer(EVIDENCE) for name in ("possibilistic", "asp", "integer", "probabilistic")
    }
    brave = program.compile("asp", mode="brave").infer(EVIDENCE)
    cost = program.compile("probabilistic").solver.cost(program.compile("probabilistic").check(EVIDENCE))
    labels = frozenset({"a(1)", "a(2)"})
    return found, Facts(labels, labels, (True, True), brave, tuple(cost.tolist()), 1e-3)


def changed(answer: Answer, family: str, **measures: torch.Tensor) -> Answer:
    return replace(answer, results={**answer.results, family: replace(answer.results[family], **measures)})


Spoil = Callable[[dict[str, Answer], Facts], tuple[dict[str, Answer], Facts]]


def spoil(backend: str, family: str, measure: str, change: Callable[[torch.Tensor], object]) -> Spoil:
    """Change one measure of one answer."""

    def apply(found: dict[str, Answer], facts: Facts) -> tuple[dict[str, Answer], Facts]:
        tensor = getattr(found[backend][family], measure)
        return {**found, backend: changed(found[backend], family, **{measure: change(tensor)})}, facts

    return apply


def dearer(found: dict[str, Answer], facts: Facts) -> tuple[dict[str, Answer], Facts]:
    certificates = [replace(each, costs={0: each.cost + 1}) for each in found["asp"].certificates]
    return {**found, "asp": replace(found["asp"], certificates=certificates)}, facts


SPOILT: dict[str, Spoil] = {
    relations.SUPPORT: spoil("probabilistic", "y", "probability", lambda tensor: tensor.roll(1, -1)),
    relations.MODELS: lambda found, facts: (
        found,
        replace(facts, brave=changed(facts.brave, "y", possible=facts.brave["y"].possible.roll(1, -1))),
    ),
    relations.BETWEEN: spoil("possibilistic", "a", "possibility", lambda tensor: tensor / 2),
    relations.OPTIMAL: spoil("asp", "y", "choice", lambda _: torch.tensor([6, 0])),
    relations.BEST: spoil("integer", "y", "choice", lambda _: torch.tensor([5, 6])),
    relations.READINGS: spoil("asp", "a", "choice", lambda _: torch.tensor([[3, 0], [3, 3]])),
    relations.TOGETHER: lambda found, facts: (
        {**found, "asp": replace(found["asp"], status=[Status.INFEASIBLE, Status.OPTIMAL])},
        facts,
    ),
    relations.HEAVIEST: lambda found, facts: (found, replace(facts, heaviest=(0.5, 0.0))),
    relations.CERTAIN: spoil("probabilistic", "y", "probability", lambda tensor: tensor / 2),
    relations.COSTS: dearer,
}


@pytest.mark.parametrize("relation", SPOILT)
def test_each_relation_fails_where_an_answer_is_wrong(relation: str) -> None:
    sound, facts = answers()
    assert all(check.holds for instance in (0, 1) for check in checks(sound, facts, instance))
    wrong, spoilt = SPOILT[relation](sound, facts)
    found = tuple(check for instance in (0, 1) for check in checks(wrong, spoilt, instance))
    assert relation in {check.relation for check in found if not check.holds}
    alarms = Comparison((), found, (), 2).alarms
    assert {alarm.code for alarm in alarms} == {"E441"}
    assert any(relation in alarm.message for alarm in alarms)


def test_back_ends_that_cannot_take_the_program_say_why() -> None:
    found = nesy.compare("percept a : bool. { p } :- a. :- p, not a. query p. query a.", {"a": 0.7})
    refused = {run.backend: run.refusals for run in found.runs if run.answer is None}
    assert refused.keys() == {"possibilistic", "probabilistic"}
    assert refused["probabilistic"][0].code == "E601"
    assert not found.alarms


def test_faults_of_program_and_evidence_are_told_as_ever() -> None:
    with pytest.raises(NesyError, match="E402"):
        nesy.compare(ADDITION)
    with pytest.raises(NesyError, match="E2"):
        nesy.compare("query nothing_known.")


def test_differences_are_no_alarms() -> None:
    text = "percept a(1..3) : bool. p :- a(1), a(2), a(3). query p."
    found = nesy.compare(text, {"a": {"1": 0.7, "2": 0.7, "3": 0.7}})
    assert not found.alarms
    (difference,) = found.differences
    assert difference.values["probabilistic"] == "false"
    assert difference.values["asp"] == "true"
