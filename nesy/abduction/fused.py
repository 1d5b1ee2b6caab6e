"""The fused attribute as evidence for any back end: certain labels, or how sure their support is."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.hypothesis import Hypothesis
from nesy.abduction.observations import Index
from nesy.abduction.predictions import Predictions
from nesy.dsl.values import format_value
from nesy.files import write_atomically
from nesy.value_text import index_text

Kind = Literal["certain", "distribution"]


def fused_shares(predictions: Predictions, hypothesis: Hypothesis, kind: Kind = "certain") -> NDArray[np.float64]:
    """A distribution for each object, [N, C].

    ``certain``: the label has probability 1. ``distribution``: what the supporting model gives, where its whole
    distribution is known; otherwise its confidence, and the rest to all other classes alike. An object without a label
    is unknown: every class is as probable as the others.
    """
    size, _, classes = predictions.shape
    shares = np.full((size, classes), 1 / classes)
    rows = np.flatnonzero(hypothesis.labels >= 0)
    labels, support = hypothesis.labels[rows], hypothesis.support[rows]
    if kind == "certain" or classes == 1:
        shares[rows] = 0.0
        shares[rows, labels] = 1.0
    elif predictions.distributions is not None:
        shares[rows] = predictions.distributions[rows, support]
    else:
        sure = predictions.confidence[rows, support]
        shares[rows] = ((1 - sure) / (classes - 1))[:, None]
        shares[rows, labels] = sure
    return shares


def fused_values(
    predictions: Predictions,
    hypothesis: Hypothesis,
    percept: str,
    index: tuple[Index, ...],
    instances: NDArray[np.int64] | None,
    kind: Kind = "certain",
) -> list[dict[str, Any]]:
    """One instance after the other, as evidence files have them: ``{"label": {"o1": "bus"}}``."""
    shares = fused_shares(predictions, hypothesis, kind)
    names = [*map(format_value, predictions.classes)]
    numbers = np.zeros(len(index), dtype=np.int64) if instances is None else instances
    found: list[dict[str, Any]] = [{} for _ in range(int(numbers.max(initial=0)) + 1)]
    for number, entry, share in zip(numbers.tolist(), index, shares, strict=True):
        best = int(share.argmax())
        text: Any = {names[place]: float(share[place]) for place in np.flatnonzero(share)}
        found[number][index_text(entry)] = names[best] if share[best] == 1 else text
    if index and not index[0]:
        return [{percept: readings[""]} for readings in found]
    return [{percept: readings} for readings in found]


def write_fused(
    path: str,
    predictions: Predictions,
    hypothesis: Hypothesis,
    percept: str,
    index: tuple[Index, ...],
    instances: NDArray[np.int64] | None,
    kind: Kind = "certain",
) -> None:
    """Write the fused attribute as evidence: ``.npz`` with one array ``[batch, objects, classes]``, JSON otherwise."""
    if path.endswith(".npz"):
        shares = fused_shares(predictions, hypothesis, kind)
        batch = 1 if instances is None else int(instances.max(initial=0)) + 1
        buffer = io.BytesIO()
        arrays: Mapping[str, NDArray[np.float64]] = {percept: shares.reshape(batch, -1, shares.shape[1])}
        np.savez(buffer, allow_pickle=False, **arrays)
        write_atomically(path, buffer.getvalue())
        return
    found = fused_values(predictions, hypothesis, percept, index, instances, kind)
    content = found[0] if len(found) == 1 else found
    write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
