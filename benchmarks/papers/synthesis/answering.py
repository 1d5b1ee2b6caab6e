"""Scenarios of the Model Olympics answered by synthesis, and by baselines, on the scale that people used (0–100)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.papers.synthesis.measures import Floats
from benchmarks.papers.synthesis.olympics import KINDS, Scenario
from nesy.synthesis import ChatClient, Library, Settings, load_library, synthesise
from nesy.synthesis.answers import QueryAnswer
from nesy.synthesis.llm.client import Form
from nesy.synthesis.llm.forms import json_in
from nesy.synthesis.reading import read_sentences
from nesy.synthesis.sentences import split_sentences

RULES = Path(__file__).parent / "rules" / "olympics.nesy"
_NUMBERS = {"type": "array", "items": {"type": "number"}}
DIRECT = Form(
    "answers",
    {"type": "object", "properties": {"answers": _NUMBERS}, "required": ["answers"], "additionalProperties": False},
    'root ::= "{" ws "\\"answers\\":" ws "[" ws number ("," ws number)* "]" ws "}" ws\n'
    "number ::= [0-9]+ ws\nws ::= [ \\t\\n]*\n",
)


@dataclass(frozen=True)
class Answered:
    """The answers to a scenario: means ``[queries]`` and samples of each."""

    means: Floats
    samples: tuple[Floats, ...]


@cache
def library() -> Library:
    """The knowledge base of the contests."""
    return load_library(RULES)


def text_of(scenario: Scenario) -> str:
    """What synthesis reads: what happened, then the questions."""
    return " ".join([*scenario.conditions, *(f"{query.rstrip('?')}?" for query in scenario.queries)])


def by_synthesis(scenario: Scenario, *, seed: int, conditions: bool = True) -> Answered:
    """The posterior of every question; without ``conditions`` the prior: who met whom is known, but not who won."""
    text = text_of(scenario)
    reading = read_sentences(split_sentences(text), library())
    if not conditions:
        reading = replace(reading, understood=tuple(replace(entry, observations=()) for entry in reading.understood))
    found = synthesise([library()], text, Settings(seed=seed, influence=False), reading=reading)
    kinds = list(KINDS.values())[: len(scenario.queries)]
    answers = found.answers.queries
    if len(answers) != len(scenario.queries):
        raise ValueError(f"{scenario.name}: {len(answers)} answers to {len(scenario.queries)} questions")
    samples = tuple(_on_scale(answer, kind) for answer, kind in zip(answers, kinds, strict=True))
    return Answered(np.array([sample.mean() for sample in samples]), samples)


def _on_scale(answer: QueryAnswer, kind: str) -> Floats:
    """Samples from 0 to 100; a new match is answered by how likely the second team is to win."""
    posterior = answer.posterior
    if kind == "prediction":
        assert posterior.probability is not None
        return np.array([100 * float(posterior.probability[0])])
    if posterior.draws is not None:
        return np.clip(posterior.draws.double().numpy(), 0, 100)
    assert posterior.probability is not None
    assert answer.estimand.domain is not None
    values = np.array([float(str(value)) for value in answer.estimand.domain.values])
    return np.repeat(values, np.round(posterior.probability.numpy() * 2000).astype(int))


def by_model(scenario: Scenario, client: ChatClient, *, thoughts: bool) -> Answered:
    """The baseline of asking a language model for five numbers for each question, with or without thoughts first."""
    ask = "Think step by step, then give" if thoughts else "Give"
    instruction = (
        f"{ask} one number from 0 to 100 for each question: for ranks the share of 100 athletes who are weaker, "
        'match how likely the second team is to win. End with JSON only: {"answers": [numbers]}'
    )
    content = "\n".join((*scenario.conditions, *scenario.queries))
    messages = [{"role": "system", "content": instruction}, {"role": "user", "content": content}]
    replies = client.complete(messages, DIRECT, samples=5)
    rows = [np.array(json_in(reply)["answers"], dtype=np.float64) for reply in replies]
    kept = [row for row in rows if len(row) == len(scenario.queries)]
    table = np.stack(kept)
    return Answered(table.mean(0), tuple(table.T))
