"""Models told apart by what the queries say; consequences of queries."""

from __future__ import annotations

import torch

from nesy import load

TEXT = """
type node = {a, b}.
percept seen(node) : {red, green}.
percept lamp : bool.
:- seen(a) = V, seen(b) = V.
lit :- lamp.
query seen(_).
query seen(a) = red or seen(b) = red.
query seen(a) = red and lit.
"""
EVIDENCE = {"seen": {"a": {"red": 0.8, "green": 0.2}, "b": {"red": 0.6, "green": 0.4}}, "lamp": 0.5}


def test_models_that_agree_on_the_queries_count_once() -> None:
    program = load(TEXT)
    for backend in ("asp", "integer"):
        answer = program.compile(backend, models=0, queries=["seen(_)"]).infer(EVIDENCE)
        found = [model["answers"] for model in answer.models[0]]
        assert found == [{"seen(a)": "red", "seen(b)": "green"}, {"seen(a)": "green", "seen(b)": "red"}], backend
        assert len(program.compile(backend, models=0).infer(EVIDENCE).models[0]) == 3, backend
        two = program.compile(backend, mode="models", models=2).infer(EVIDENCE)
        assert (len(two.models[0]), two.status) == (2, ["solved"]), backend


def test_consequences_of_attributes_and_formulas() -> None:
    program = load(TEXT)
    brave = program.compile("asp", mode="brave").infer(EVIDENCE)
    assert brave["seen"].possible is not None
    assert torch.equal(brave["seen"].possible, torch.ones((1, 2, 2), dtype=torch.bool))
    assert brave["seen(a) = red or seen(b) = red"].possible.tolist() == [[False, True]]
    cautious = program.compile("asp", mode="cautious").infer(EVIDENCE)
    assert cautious["seen"].value == [[None, None]]
    assert cautious["seen(a) = red or seen(b) = red"].value == [True]
    data = cautious.to_json(0)["answers"]
    assert data["seen(a) = red or seen(b) = red"] == {"value": True, "certain": [True]}
    assert data["seen(a)"] == {"value": None, "certain": []}
    given = {"seen": {"a": "red", "b": {"red": 0.9, "green": 0.1}}, "lamp": 1.0}
    assert program.compile("asp", mode="cautious").infer(given)["seen"].value == [["red", "green"]]


def test_consequences_of_concepts_that_follow() -> None:
    text = TEXT + "concept both : bool.\nboth iff seen(a) = red and lamp.\nquery both."
    answer = load(text).compile("asp", mode="cautious").infer({**EVIDENCE, "lamp": 0.0})
    assert answer["both"].value == [False]
    assert len(load(text).compile("asp", models=0).infer(EVIDENCE).models[0]) == 4


def test_rules_over_concepts_that_follow_from_percepts() -> None:
    head = "percept a : 1..3.\nconcept c : 1..2.\nif a = 1 then c = 1.\nif a != 1 then c = 2.\n"
    text = head + "h :- c = 2.\nquery h.\nquery c."
    for backend in ("asp", "integer"):
        answer = load(text).compile(backend).infer({"a": {"1": 0.1, "2": 0.9}})
        assert (answer["h"].value, answer["c"].value) == ([True], [2]), backend
