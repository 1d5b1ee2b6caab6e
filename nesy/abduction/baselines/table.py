"""All baselines of one batch, by name."""

from __future__ import annotations

from numpy import bool_, float64, int64
from numpy.typing import NDArray

from nesy.abduction.baselines.dawid_skene import dawid_skene
from nesy.abduction.baselines.votes import (
    accept_all,
    confidence_weighted_vote,
    plurality,
    precision_weighted_vote,
    strict_majority,
)
from nesy.abduction.predictions import Predictions


def ensembles(
    predictions: Predictions,
    *,
    precision: NDArray[float64] | None = None,
    flagged: NDArray[bool_] | None = None,
) -> dict[str, NDArray[int64]]:
    """Labels [N] by each way to fuse the models without abduction, by name.

    The vote weighted by precision needs ``precision`` [F, C] of held-out data, the error rules with the tie-breaker
    what they flag, [N, F]; without these the two are left out. Single models are the columns of
    ``predictions.labels``.
    """
    found = {
        "strict majority": strict_majority(predictions),
        "plurality": plurality(predictions),
        "confidence-weighted vote": confidence_weighted_vote(predictions),
    }
    if precision is not None:
        found["precision-weighted vote"] = precision_weighted_vote(predictions, precision)
    found["Dawid–Skene"] = dawid_skene(predictions).labels
    found["accept all + tie-breaker"] = accept_all(predictions)
    if flagged is not None:
        found["error rules + tie-breaker"] = accept_all(predictions, flagged)
    return found
