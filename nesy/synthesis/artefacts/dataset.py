"""Saved runs as examples: question, program and posteriors, to train or to test on."""

from __future__ import annotations

from typing import Any

from nesy.synthesis.artefacts.folders import SavedRun
from nesy.synthesis.codec import plain


def example(run: SavedRun) -> dict[str, Any]:
    """One run as plain data: what was asked, the model of the greatest weight, and the answers."""
    stages = run.stages
    best = max(stages.score.weights, key=lambda digest: stages.score.weights[digest])
    answers = [
        {"query": entry.query, "posterior": plain(entry.posterior), "said": entry.said}
        for entry in stages.answer.answers
    ]
    return {
        "question": run.manifest.question,
        "knowledge": stages.parse.knowledge,
        "program": next(model.program for model in stages.candidates.models if model.digest == best),
        "weight": stages.score.weights[best],
        "status": str(stages.answer.status),
        "answers": answers,
        "seed": run.manifest.settings.seed,
    }
