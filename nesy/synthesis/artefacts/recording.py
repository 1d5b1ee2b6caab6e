"""A synthesis as the records of its stages."""

from __future__ import annotations

from dataclasses import fields
from math import isfinite
from typing import TYPE_CHECKING, cast

from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.values import format_value
from nesy.solvers.answer import json_value
from nesy.solvers.probabilistic.inference.results import LEVELS, Posterior
from nesy.solvers.probabilistic.model.graph import Estimand
from nesy.synthesis.answers import QueryAnswer
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
    Scalar,
    Stages,
    UnreadSentence,
    Weighed,
)
from nesy.synthesis.codec import plain
from nesy.synthesis.pipeline import Synthesis
from nesy.synthesis.scoring import Scored

if TYPE_CHECKING:
    from nesy.synthesis.llm.proposer import Proposals


def stages(synthesis: Synthesis) -> dict[str, object]:
    """The record of every stage, in order, as plain data."""
    found = recorded(synthesis)
    return {field.name: plain(getattr(found, field.name)) for field in fields(found)}


def answer(synthesis: Synthesis) -> object:
    """The answers alone, as plain data."""
    return plain(_answered(synthesis))


def recorded(synthesis: Synthesis) -> Stages:
    """The record of every stage. Deterministic: two runs with the same seed have equal ones."""
    return Stages(
        _parsed(synthesis),
        synthesis.retrieval,
        synthesis.diagram,
        CandidateModels(
            tuple(
                CandidateModel(model.digest, model.variants, model.prior, model.bits, model.text)
                for model in synthesis.candidates.models
            ),
            synthesis.candidates.tried,
            synthesis.candidates.left_out,
        ),
        Checked(tuple(map(write_statement, synthesis.sifted.irrelevant)), synthesis.findings),
        tuple(map(_inferred, synthesis.scores.models)),
        Weighed({entry.candidate.digest: entry.weight for entry in synthesis.scores.models}, synthesis.scores.decided),
        _answered(synthesis),
    )


def _parsed(synthesis: Synthesis) -> Parsed:
    reading = synthesis.reading
    return Parsed(
        reading.knowledge or synthesis.knowledge.name,
        tuple(
            ReadSentence(entry.sentence.number, entry.sentence.text, entry.pattern, entry.statements)
            for entry in reading.understood
        ),
        tuple(UnreadSentence(entry.sentence.number, entry.sentence.text, entry.nearest) for entry in reading.unused),
        None if synthesis.proposals is None else _proposed(synthesis.proposals),
    )


def _proposed(proposals: Proposals) -> Proposed:
    fault = proposals.fault
    return Proposed(
        len(proposals.found),
        tuple(entry.votes for entry in proposals.found),
        proposals.requests,
        proposals.rejected,
        proposals.model,
        None if fault is None else FaultRecord(fault.fault, fault.detail),
        tuple(claim for entry in proposals.found for claim in entry.claims),
    )


def _inferred(entry: Scored) -> InferredModel:
    inferred = entry.inferred
    return InferredModel(
        entry.candidate.digest,
        inferred.method,
        inferred.exact,
        inferred.status,
        inferred.log_evidence,
        inferred.log_evidence_error,
        {name: _scalar(value) for name, value in inferred.diagnostics.items()},
        tuple(remark.message for remark in inferred.remarks),
    )


def _scalar(value: object) -> Scalar:
    keeps = isfinite(value) if isinstance(value, float) else isinstance(value, str | int | None)
    return cast(Scalar, value) if keeps else str(value)


def _answered(synthesis: Synthesis) -> Answered:
    answers = synthesis.answers
    return Answered(
        answers.status,
        tuple(map(_answer, answers.queries)),
        tuple(entry.sentence.text for entry in synthesis.reading.unused),
        answers.remarks,
        synthesis.findings.texts,
        tuple(ClashRecord(entry.text, entry.sentence) for entry in answers.conflict),
    )


def _answer(entry: QueryAnswer) -> AnswerRecord:
    return AnswerRecord(
        entry.label,
        _posterior(entry.posterior, entry.estimand),
        tuple(InfluenceRecord(each.text, each.sentence, each.nats) for each in entry.influences),
        entry.said,
        entry.unit,
        entry.scale,
        None if entry.prior is None else _posterior(entry.prior, entry.estimand),
    )


def _posterior(posterior: Posterior, estimand: Estimand) -> PosteriorRecord:
    probability, value = None, None
    if posterior.probability is not None and estimand.domain is not None:
        names = map(format_value, estimand.domain.values)
        probability = dict(zip(names, posterior.probability.tolist(), strict=True))
        value = json_value(estimand.domain.values[int(posterior.probability.argmax())])
    levels = posterior.quantiles
    return PosteriorRecord(
        posterior.error,
        probability,
        value,
        posterior.mean,
        posterior.sd if posterior.mean is not None else None,
        None if levels is None else {f"{level:g}": value for level, value in zip(LEVELS, levels, strict=True)},
    )
