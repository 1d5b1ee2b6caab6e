"""What was handed from stage to stage, as plain data: to be looked at, compared and kept.

Every artefact is deterministic, so two runs can be compared with ``diff``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.dsl.printing.statement_printer import write_statement
from nesy.files import write_atomically
from nesy.program import load
from nesy.synthesis.pipeline import Synthesis
from nesy.synthesis.scoring import Scored

if TYPE_CHECKING:
    from nesy.synthesis.llm.proposer import Proposals


def stages(synthesis: Synthesis) -> dict[str, object]:
    """The artefact of every stage, in order."""
    return {
        "parse": _reading(synthesis),
        "retrieve": _retrieval(synthesis),
        "graph": synthesis.diagram.to_json(),
        "candidates": [
            {"digest": model.digest, "variants": list(model.variants), "prior": model.prior, "bits": model.bits}
            for model in synthesis.candidates.models
        ],
        "check": {
            "irrelevant": [write_statement(entry) for entry in synthesis.sifted.irrelevant],
            "left_out_prior": synthesis.candidates.left_out,
            "tried": synthesis.candidates.tried,
            "implausible": [
                {"name": entry.name, "scale": list(entry.scale), "share": entry.share}
                for entry in synthesis.implausible
            ],
        },
        "infer": [_inferred(entry) for entry in synthesis.scores.models],
        "score": {
            "weights": {entry.candidate.digest: entry.weight for entry in synthesis.scores.models},
            "decided": synthesis.scores.decided,
        },
        "answer": answer(synthesis),
    }


def answer(synthesis: Synthesis) -> dict[str, object]:
    """The answers alone."""
    return {
        "status": str(synthesis.answers.status),
        "answers": [entry.to_json() for entry in synthesis.answers.queries],
        "unused": [entry.sentence.text for entry in synthesis.reading.unused],
        "remarks": list(synthesis.answers.remarks),
        "conflict": [{"condition": entry.text, "sentence": entry.sentence} for entry in synthesis.answers.conflict],
    }


def save(synthesis: Synthesis, folder: str | Path) -> tuple[Path, ...]:
    """Write all artefacts into a folder: numbered JSON, the best model as rule file and as Pyro program, the graph."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder cannot be made: {reason_of(error)}"
        raise NesyError(Diagnostic("E430", message, hint="check its name and rights", place=str(place))) from None
    written: dict[str, str] = {}
    for number, (name, data) in enumerate(stages(synthesis).items(), 1):
        written[f"{number}-{name}.json"] = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    written["model.nesy"] = synthesis.program
    written["model.py"] = load(synthesis.program).compile("probabilistic").listing()
    written["graph.mmd"] = synthesis.diagram.mermaid()
    written["graph.dot"] = synthesis.diagram.dot()
    for name, text in written.items():
        write_atomically(place / name, text)
    return tuple(place / name for name in written)


def _reading(synthesis: Synthesis) -> dict[str, object]:
    reading = synthesis.reading
    found: dict[str, object] = {
        "library": reading.knowledge or synthesis.knowledge.name,
        "understood": [
            {
                "number": entry.sentence.number,
                "sentence": entry.sentence.text,
                "phrase": entry.pattern,
                "statements": list(entry.statements),
            }
            for entry in reading.understood
        ],
        "unused": [
            {"number": entry.sentence.number, "sentence": entry.sentence.text, "nearest": entry.nearest}
            for entry in reading.unused
        ],
    }
    if synthesis.proposals is not None:
        found["proposer"] = _proposals(synthesis.proposals)
    return found


def _proposals(proposals: Proposals) -> Mapping[str, object]:
    fault = proposals.fault
    return {
        "proposals": len(proposals.found),
        "votes": [entry.votes for entry in proposals.found],
        "requests": proposals.requests,
        "rejected": list(proposals.rejected),
        "fault": None if fault is None else {"kind": str(fault.fault), "detail": fault.detail},
    }


def _retrieval(synthesis: Synthesis) -> dict[str, object]:
    retrieval = synthesis.retrieval
    return {
        "library": retrieval.knowledge,
        "libraries": [
            {"name": name, "understood": understood, "score": score} for name, understood, score in retrieval.libraries
        ],
        "considered": [
            {
                "name": entry.name,
                "role": entry.role,
                "score": entry.total,
                "words": entry.words,
                "grams": entry.grams,
                "distance": entry.distance,
                "reason": entry.reason,
            }
            for entry in retrieval.considered
        ],
    }


def _inferred(entry: Scored) -> dict[str, object]:
    inferred = entry.inferred
    return {
        "digest": entry.candidate.digest,
        "method": inferred.method,
        "exact": inferred.exact,
        "status": str(inferred.status),
        "log_evidence": inferred.log_evidence,
        "log_evidence_error": inferred.log_evidence_error,
        "diagnostics": {name: _plain(value) for name, value in inferred.diagnostics.items()},
        "remarks": [remark.message for remark in inferred.remarks],
    }


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
