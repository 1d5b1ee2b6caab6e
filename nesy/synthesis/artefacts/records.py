"""The record of each stage: plain frozen values, which can be written, read back, hashed and compared.

What a record claims of itself is checked where it is made, so that a file that was edited by hand does not pass
unnoticed (:class:`ValueError`; the reader turns it into a diagnostic with its place).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from nesy.solvers.answer import Status
from nesy.synthesis.checks.findings import Findings
from nesy.synthesis.drawing import Diagram
from nesy.synthesis.llm.claims import Claim
from nesy.synthesis.llm.outcomes import Fault
from nesy.synthesis.retrieval import Retrieval

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence that is understood: its number in the text, the phrase that fits, and what it says."""

    number: int
    sentence: str
    phrase: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnreadSentence:
    """A sentence that no phrase fits, and the nearest phrase (empty: none)."""

    number: int
    sentence: str
    nearest: str


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """Why a language model gave nothing, or nothing that could be used."""

    kind: Fault
    detail: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a language model was asked and gave: ``votes`` of each proposal, ``rejected`` findings, all ``claims``."""

    proposals: int
    votes: tuple[int, ...]
    requests: int
    rejected: tuple[str, ...]
    model: str
    fault: FaultRecord | None = None
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text in terms of one knowledge base."""

    knowledge: str
    understood: tuple[ReadSentence, ...]
    unused: tuple[UnreadSentence, ...]
    proposer: Proposed | None = None


@dataclass(frozen=True, slots=True)
class CandidateModel:
    """A model: the variants chosen, the prior of all choices that lead to it, its length, and its rule file."""

    digest: str
    variants: tuple[str, ...]
    prior: float
    bits: float
    program: str

    def __post_init__(self) -> None:
        _share(self.prior, "prior")
        found = digest_of(self.program)
        if found != self.digest:
            raise ValueError(f"the digest of the program is {found}, not {self.digest}")


@dataclass(frozen=True, slots=True)
class CandidateModels:
    """The candidates by prior; ``tried`` choices of variants, and the prior probability of those left out."""

    models: tuple[CandidateModel, ...]
    tried: int
    left_out_prior: float


@dataclass(frozen=True, slots=True)
class Checked:
    """Observations that cannot bear on the queries, and what is doubtful in the best model."""

    irrelevant: tuple[str, ...]
    findings: Findings


@dataclass(frozen=True, slots=True)
class InferredModel:
    """How a candidate was run, and its evidence (natural logarithm; None: unknown)."""

    digest: str
    method: str
    exact: bool
    status: Status
    log_evidence: float | None
    log_evidence_error: float
    diagnostics: Mapping[str, Scalar]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """The weight of each candidate by its digest; ``decided``: the best is ahead by more than two standard errors."""

    weights: Mapping[str, float]
    decided: bool

    def __post_init__(self) -> None:
        for digest, weight in self.weights.items():
            _share(weight, f"weight of {digest}")


@dataclass(frozen=True, slots=True)
class PosteriorRecord:
    """A posterior: the probability of each value and the likeliest value, or the moments and quantiles of a number."""

    standard_error: float
    probability: Mapping[str, float] | None = None
    value: object = None
    mean: float | None = None
    sd: float | None = None
    quantiles: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        for value, share in (self.probability or {}).items():
            _share(share, f"probability of {value}")


@dataclass(frozen=True, slots=True)
class InfluenceRecord:
    """How far an observation moved an answer, in nats; ``sentence`` is its number (−1: not from the text)."""

    observation: str
    sentence: int
    nats: float


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """The answer to one query, with what its gloss says."""

    query: str
    posterior: PosteriorRecord
    influences: tuple[InfluenceRecord, ...]
    said: str = ""
    unit: str = ""
    scale: tuple[float, float] | None = None
    prior: PosteriorRecord | None = None


@dataclass(frozen=True, slots=True)
class ClashRecord:
    """A condition that cannot hold together with the others of its list."""

    condition: str
    sentence: int


@dataclass(frozen=True, slots=True)
class Answered:
    """All answers, or why there are none; ``doubts`` are the findings of the checks in words."""

    status: Status
    answers: tuple[AnswerRecord, ...]
    unused: tuple[str, ...]
    remarks: tuple[str, ...]
    doubts: tuple[str, ...]
    conflict: tuple[ClashRecord, ...]


@dataclass(frozen=True, slots=True)
class Stages:
    """The record of every stage, in order; the names of the fields are those of the stages."""

    parse: Parsed
    retrieve: Retrieval
    graph: Diagram
    candidates: CandidateModels
    check: Checked
    infer: tuple[InferredModel, ...]
    score: Weighed
    answer: Answered


def digest_of(program: str) -> str:
    """The name of a candidate: the first twelve digits of the SHA-256 of its rule file."""
    return hashlib.sha256(program.encode()).hexdigest()[:12]


def _share(value: float, name: str) -> None:
    if not -1e-9 <= value <= 1 + 1e-9:
        raise ValueError(f"the {name} is {value:g}, outside of 0 to 1")
