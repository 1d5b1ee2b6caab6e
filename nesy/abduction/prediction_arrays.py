"""Predictions as arrays of labels and confidences: an npz archive, or a :class:`Predictions` made in Python.

    numpy.savez(path, objects=[N], models=[F], labels=[N, F], confidence=[N, F], light=[N], …)

``labels`` are classes by name, or places in the type with −1 for a model that abstains; ``distributions`` [N, F, C] may
stand beside or instead of the confidence. All other arrays, [N] or [N, F], are metadata.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.cells import NAN_HINT, is_empty, listed, value_of
from nesy.abduction.observations import Observations, check_models, value_domain
from nesy.abduction.prediction_tables import TOLERANCE, index_of
from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.dsl.checked import AttributeInfo, Domain
from nesy.dsl.diagnostics import did_you_mean
from nesy.dsl.values import Value
from nesy.findings import Findings
from nesy.value_text import ValueTable

NAMES = ("objects", "models", "labels", "confidence", "distributions")


def is_archive(content: Mapping[str, object]) -> bool:
    """Whether arrays by name are predictions of this form, rather than evidence by percept."""
    return "models" in content and "labels" in content


def read_archive(info: AttributeInfo, content: Mapping[str, object]) -> Observations:
    """The observations in arrays by name. Raises :class:`NesyError` as :func:`read_given`; E484 for missing arrays."""
    findings = Findings()
    for name in ("objects", "models", "labels"):
        if name not in content:
            findings.add(
                "E484", f"there is no array '{name}'", hint=f"the arrays are {listed([*content])}", place="predictions"
            )
    if "confidence" not in content and "distributions" not in content:
        hint = "give confidence [N, F], or distributions [N, F, C]"
        findings.add("E484", "there is no array 'confidence'", hint=hint, place="predictions")
    findings.raise_errors()
    objects = tuple(str(name) for name in np.asarray(content["objects"]).reshape(-1).tolist())
    models = tuple(str(name) for name in np.asarray(content["models"]).reshape(-1).tolist())
    classes = _classes(value_domain(info), np.asarray(content["labels"]))
    labels = _labels(classes, np.asarray(content["labels"]), objects, models, findings)
    shares = np.asarray(content["distributions"], dtype=np.float64) if "distributions" in content else None
    if "confidence" in content:
        confidence = np.asarray(content["confidence"], dtype=np.float64)
    else:
        assert shares is not None
        confidence = shares.max(axis=-1) if shares.ndim == 3 else shares
    columns = {name: np.asarray(array) for name, array in content.items() if name not in NAMES}
    findings.raise_errors()
    return read_given(info, Predictions(objects, models, classes.values, labels, confidence, shares, columns))


def read_given(info: AttributeInfo, predictions: Predictions) -> Observations:
    """Predictions made in Python, checked, with the models in the order of the declaration.

    Raises :class:`NesyError`: E572 shapes, E497 models, E487 classes, E485 confidences, E486 an object that stands
    twice, E494 objects outside their type.
    """
    findings = Findings()
    size, width = len(predictions.objects), len(predictions.models)
    shapes: list[tuple[str, Any, tuple[int, ...]]] = [
        ("labels", predictions.labels, (size, width)),
        ("confidence", predictions.confidence, (size, width)),
    ]
    if predictions.distributions is not None:
        shapes.append(("distributions", predictions.distributions, (size, width, len(predictions.classes))))
    for name, array, wanted in shapes:
        if np.shape(array) != wanted:
            hint = "arrays are [objects, models] and [objects, models, classes]"
            message = f"'{name}' has the shape {list(np.shape(array))}, expected is {list(wanted)}"
            findings.add("E572", message, hint=hint, place="predictions")
    for name, array in predictions.columns.items():
        if np.shape(array) not in ((size,), (size, width)):
            message = f"'{name}' has the shape {list(np.shape(array))}, expected is [{size}] or [{size}, {width}]"
            findings.add("E572", message, hint="metadata have one entry for each object", place="predictions")
    check_models(info, predictions.models, findings, "predictions")
    findings.raise_errors()
    _check_labels(info, predictions, findings)
    _check_confidence(predictions, findings)
    index = []
    seen: set[object] = set()
    for name in predictions.objects:
        entry = index_of(info, name)
        if entry is None:
            message = f"'{name}' names no object of '{info.name}'"
            findings.add("E494", message, hint="an object is named by its index", place="predictions")
        elif entry in seen:
            findings.add("E486", f"the object '{name}' is given twice", hint="keep one of the two", place="predictions")
        else:
            seen.add(entry)
            index.append(entry)
    findings.raise_errors()
    return Observations(info.name, _ordered(info, predictions), tuple(index))


def _ordered(info: AttributeInfo, given: Predictions) -> Predictions:
    """The same with models and classes in the order of the program."""
    order = [given.models.index(source) for source in info.sources]
    domain = value_domain(info)
    classes = given.classes if domain.is_open else domain.values
    table = np.array([*(classes.index(value) for value in given.classes), ABSTAINED], dtype=np.int64)
    labels = table[np.asarray(given.labels, dtype=np.int64)[:, order]]
    shares = None
    if given.distributions is not None:
        shares = np.zeros((*labels.shape, len(classes)))
        shares[..., table[:-1]] = given.distributions[:, order]
        shares[labels == ABSTAINED] = 0.0
    confidence = np.where(labels == ABSTAINED, 0.0, np.asarray(given.confidence, dtype=np.float64)[:, order])
    columns = {
        name: np.asarray(array)[:, order] if np.ndim(array) == 2 else np.asarray(array)
        for name, array in given.columns.items()
    }
    return dataclasses.replace(
        given,
        models=info.sources,
        classes=classes,
        labels=labels,
        confidence=confidence,
        distributions=shares,
        columns=columns,
    )


# ----- classes


def _classes(domain: Domain, labels: NDArray[Any]) -> Domain:
    if not domain.is_open or labels.dtype.kind in "iu":
        return domain
    known: dict[Value, None] = dict.fromkeys(domain.values)
    known.update(dict.fromkeys(value_of(cell) for cell in labels.reshape(-1).tolist() if not is_empty(cell)))
    return Domain(domain.name, tuple(known), is_open=True)


def _labels(
    classes: Domain, labels: NDArray[Any], objects: Sequence[str], models: Sequence[str], findings: Findings
) -> NDArray[np.int64]:
    """Places in the type; names are looked up, E487 for those outside."""
    if labels.dtype.kind in "iu":
        return labels.astype(np.int64)
    values = ValueTable(classes)
    places = {cell: values.place(cell) for cell in dict.fromkeys(labels.reshape(-1).tolist()) if not is_empty(cell)}
    found = np.full(labels.shape, ABSTAINED, dtype=np.int64)
    for where, cell in np.ndenumerate(labels):
        if is_empty(cell):
            continue
        place = places[cell]
        if place is None:
            row, column = (*where, 0, 0)[:2]
            name = objects[row] if row < len(objects) else str(row)
            model = models[column] if column < len(models) else str(column)
            hint = did_you_mean(str(cell), values.names) or f"its values are {listed(values.names)}"
            message = f"'{cell}' is not a value of the type {classes.name}"
            findings.add("E487", message, hint=hint, place=f"labels of {name}, {model}")
        else:
            found[where] = place
    return found


def _check_labels(info: AttributeInfo, predictions: Predictions, findings: Findings) -> None:
    domain = value_domain(info)
    for value in predictions.classes:
        if not domain.is_open and domain.position(value) is None:
            hint = f"the values of {domain.name} are {listed([str(known) for known in domain.values])}"
            findings.add("E487", f"'{value}' is not a value of the type {domain.name}", hint=hint, place="classes")
    labels = np.asarray(predictions.labels)
    outside = (labels < ABSTAINED) | (labels >= len(predictions.classes))
    for row, column in np.argwhere(outside)[:1000].tolist():
        message = f"the label is {labels[row, column]}, and there are {len(predictions.classes)} classes"
        place = f"labels of {predictions.objects[row]}, {predictions.models[column]}"
        findings.add("E487", message, hint="labels are places in the classes, -1 where a model abstains", place=place)


def _check_confidence(predictions: Predictions, findings: Findings) -> None:
    confidence, answered = np.asarray(predictions.confidence), np.asarray(predictions.labels) != ABSTAINED
    with np.errstate(invalid="ignore"):
        wrong = answered & ~((confidence >= 0) & (confidence <= 1))
    for row, column in np.argwhere(wrong)[:1000].tolist():
        place = f"confidence of {predictions.objects[row]}, {predictions.models[column]}"
        code, hint = "E485", "a confidence is a probability, between 0 and 1"
        if np.isnan(confidence[row, column]):
            code, hint = "E499", NAN_HINT
        findings.add(code, f"the confidence is {confidence[row, column]:g}", hint=hint, place=place)
    if predictions.distributions is not None:
        shares = np.asarray(predictions.distributions)
        with np.errstate(invalid="ignore"):
            good = (shares >= 0).all(-1) & (np.abs(shares.sum(-1) - 1) <= TOLERANCE)
        for row, column in np.argwhere(answered & ~good)[:1000].tolist():
            place = f"distributions of {predictions.objects[row]}, {predictions.models[column]}"
            code, message = "E485", f"the probabilities sum to {shares[row, column].sum():.4g}"
            if np.isnan(shares[row, column]).any():
                code, message = "E499", f"probability {int(np.isnan(shares[row, column]).argmax())} is nan"
            findings.add(code, message, hint="a distribution sums to 1", place=place)
