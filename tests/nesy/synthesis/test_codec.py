"""Records as plain data and back: what was written is read; what was not written is refused with its place."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from nesy.solvers.answer import Status
from nesy.synthesis.artefacts.records import (
    Answered,
    AnswerRecord,
    CandidateModel,
    CandidateModels,
    Checked,
    ClashRecord,
    FaultRecord,
    InferredModel,
    InfluenceRecord,
    Parsed,
    PosteriorRecord,
    Proposed,
    ReadSentence,
    Stages,
    UnreadSentence,
    Weighed,
    digest_of,
)
from nesy.synthesis.checks.findings import Findings
from nesy.synthesis.checks.plausibility import Implausible
from nesy.synthesis.checks.surprise import Surprising
from nesy.synthesis.codec import ShapeError, plain, read
from nesy.synthesis.drawing import Diagram, GraphNode
from nesy.synthesis.llm.claims import Claim
from nesy.synthesis.llm.outcomes import Fault
from nesy.synthesis.retrieval import Considered, Ranked, Retrieval

TEXTS = st.text(max_size=5)
SHARES = st.floats(0, 1)
NUMBERS = st.floats(allow_nan=False)
COUNTS = st.integers(-1, 9)
DIGESTS = st.dictionaries(TEXTS, SHARES, max_size=2)
SCALARS = st.none() | st.booleans() | COUNTS | TEXTS | st.floats(-9, 9)
STATUS = st.sampled_from(Status)


def some(strategy: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


def model(variants: tuple[str, ...], prior: float, bits: float, program: str) -> CandidateModel:
    return CandidateModel(digest_of(program), variants, prior, bits, program)


FAULTS = st.builds(FaultRecord, st.sampled_from(Fault), TEXTS)
CLAIMS = st.builds(Claim, TEXTS, TEXTS, some(SHARES), NUMBERS, NUMBERS)
PROPOSED = st.builds(Proposed, COUNTS, some(COUNTS), COUNTS, some(TEXTS), TEXTS, st.none() | FAULTS, some(CLAIMS))
PARSED = st.builds(
    Parsed,
    TEXTS,
    some(st.builds(ReadSentence, COUNTS, TEXTS, TEXTS, some(TEXTS))),
    some(st.builds(UnreadSentence, COUNTS, TEXTS, TEXTS)),
    st.none() | PROPOSED,
)
RETRIEVED = st.builds(
    Retrieval,
    TEXTS,
    some(st.builds(Ranked, TEXTS, COUNTS, NUMBERS)),
    some(st.builds(Considered, TEXTS, TEXTS, NUMBERS, NUMBERS, COUNTS, NUMBERS, TEXTS)),
)
GRAPHS = st.builds(Diagram, some(st.builds(GraphNode, TEXTS, TEXTS, TEXTS)), some(st.tuples(TEXTS, TEXTS)))
MODELS = st.builds(CandidateModels, some(st.builds(model, some(TEXTS), SHARES, NUMBERS, TEXTS)), COUNTS, NUMBERS)
SCALES = st.tuples(NUMBERS, NUMBERS)
FINDINGS = st.builds(
    Findings,
    some(TEXTS),
    some(some(TEXTS)),
    some(TEXTS),
    some(st.builds(Surprising, TEXTS, NUMBERS)),
    some(st.builds(Implausible, TEXTS, SCALES, NUMBERS)),
)
CHECKED = st.builds(Checked, some(TEXTS), FINDINGS)
INFERRED = st.builds(
    InferredModel,
    TEXTS,
    TEXTS,
    st.booleans(),
    STATUS,
    st.none() | NUMBERS,
    NUMBERS,
    st.dictionaries(TEXTS, SCALARS, max_size=2),
    some(TEXTS),
)
POSTERIORS = st.builds(
    PosteriorRecord,
    NUMBERS,
    st.none() | DIGESTS,
    SCALARS | st.lists(COUNTS, max_size=2),
    st.none() | NUMBERS,
    st.none() | NUMBERS,
    st.none() | DIGESTS,
)
ANSWERS = st.builds(
    AnswerRecord,
    TEXTS,
    POSTERIORS,
    some(st.builds(InfluenceRecord, TEXTS, COUNTS, NUMBERS)),
    TEXTS,
    TEXTS,
    st.none() | SCALES,
    st.none() | POSTERIORS,
)
STAGES: dict[str, tuple[Any, SearchStrategy[Any]]] = {
    "parse": (Parsed, PARSED),
    "retrieve": (Retrieval, RETRIEVED),
    "graph": (Diagram, GRAPHS),
    "candidates": (CandidateModels, MODELS),
    "check": (Checked, CHECKED),
    "infer": (tuple[InferredModel, ...], some(INFERRED)),
    "score": (Weighed, st.builds(Weighed, DIGESTS, st.booleans())),
    "answer": (
        Answered,
        st.builds(
            Answered,
            STATUS,
            some(ANSWERS),
            some(TEXTS),
            some(TEXTS),
            some(TEXTS),
            some(st.builds(ClashRecord, TEXTS, COUNTS)),
        ),
    ),
}


def test_every_stage_has_its_records_here() -> None:
    assert list(STAGES) == [field.name for field in fields(Stages)]


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
@given(data=st.data())
@settings(max_examples=30)
def test_what_was_written_is_read(stage: str, data: st.DataObject) -> None:
    kind, records = STAGES[stage]
    record = data.draw(records)
    text = json.dumps(plain(record), allow_nan=False).encode()
    assert read(kind, json.loads(text)) == record


def test_infinite_numbers_are_words() -> None:
    found = json.dumps(plain(PosteriorRecord(float("inf"), mean=float("-inf"))), allow_nan=False)
    assert json.loads(found) == {"standard_error": "inf", "mean": "-inf"}


GOOD: dict[str, Any] = {
    "knowledge": "k",
    "understood": [{"number": 0, "sentence": "Ann coughs", "phrase": "{P} coughs", "statements": ["observe c(ann)."]}],
    "unused": [],
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unused": None}, "unused: is null; expected is a list"),
        ({"knowledge": 3}, "knowledge: is 3; expected is a text"),
        ({"knowlege": "k"}, "knowlege: is unknown; the nearest name is 'knowledge'"),
        ({"zzz": 1}, "zzz: is unknown; known are knowledge, understood, unused, proposer"),
        ({"understood": [GOOD["understood"][0], {"number": 0}]}, "understood[1].sentence: is missing"),
        ({"understood": [GOOD["understood"][0] | {"number": True}]}, "understood[0].number: is True"),
        ({"understood": [GOOD["understood"][0] | {"statements": "x"}]}, "understood[0].statements: is 'x'"),
        ({"proposer": {"proposals": 0, "votes": [1.5], "requests": 0, "rejected": []}}, "proposer.votes[0]: is 1.5"),
        (
            {
                "proposer": {
                    "proposals": 0,
                    "votes": [],
                    "requests": 0,
                    "rejected": [],
                    "model": "m",
                    "fault": {"kind": "sleepy", "detail": ""},
                }
            },
            "proposer.fault.kind: is 'sleepy'; expected is one of unreachable",
        ),
    ],
)
def test_other_shapes_are_refused_with_their_place(change: dict[str, Any], said: str) -> None:
    assert plain(read(Parsed, GOOD)) == GOOD
    with pytest.raises(ShapeError) as caught:
        read(Parsed, GOOD | change)
    assert str(caught.value).startswith(said)


def test_what_a_record_claims_of_itself_is_checked() -> None:
    model = {"digest": digest_of("a."), "variants": [], "prior": 1.0, "bits": 3.0, "program": "a."}
    data = {"models": [model], "tried": 1, "left_out_prior": 0}
    assert read(CandidateModels, data).models[0].program == "a."
    for change, said in (({"program": "b."}, "the digest of the program"), ({"prior": 1.5}, "the prior is 1.5")):
        with pytest.raises(ShapeError) as caught:
            read(CandidateModels, data | {"models": [model | change]})
        assert caught.value.place == "models[0]"
        assert caught.value.message.startswith(said)
