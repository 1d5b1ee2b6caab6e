"""Predictions in the forms of evidence: arrays for each source, or written value by value.

    {"label@m1": {"o1": {"bus": 0.83, "car": 0.17}, "o2": "car", "o3": null}, "label@m2": …, "air": {"o1": "fog"}}

A distribution may sum to less than 1 where a detector has one confidence only; null, and in arrays a row of zeros, says
that a source abstains. A list of such objects is a batch: the same objects in several instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.cells import NAN_HINT, is_nan, listed
from nesy.abduction.error_rules.surroundings import Reading
from nesy.abduction.observations import Index, Observations, check_models, check_silence, object_names, value_domain
from nesy.abduction.prediction_tables import TOLERANCE, Missing, index_of
from nesy.abduction.predictions import ABSTAINED, Predictions
from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.values import Value
from nesy.findings import Findings
from nesy.value_text import ValueTable, index_text

Rows = tuple[NDArray[np.float64], NDArray[np.bool_]]
"""Shares [N, C], and which objects are spoken of at all [N]."""


def read_arrays(checked: CheckedProgram, info: AttributeInfo, evidence: Mapping[str, object]) -> Observations:
    """Observations from arrays ``[batch, index…, value]`` by percept and source, as every back end takes them.

    Raises :class:`NesyError`: E497 unknown names, E572 shapes that differ or do not fit, E485 numbers that are none.
    """
    findings = Findings()
    arrays = {name: _array(name, value, findings) for name, value in evidence.items()}
    sources, others = _split(checked, info, list(arrays), findings, "evidence")
    findings.raise_errors()
    own = {name: arrays[name] for name in sources}
    index = _index(checked, info, own)
    domain = value_domain(info)
    for name, array in arrays.items():
        other = info if name in own else others[name]
        _check_shape(name, array, (own, other, len(index)), value_domain(other), findings)
    findings.raise_errors()
    batch = len(next(iter(own.values())))
    instances = None if batch == 1 else np.repeat(np.arange(batch), len(index))
    names = object_names(index * batch, instances)
    models = tuple(name.partition("@")[2] for name in own)
    shares = np.stack([array.reshape(batch * len(index), len(domain)) for array in own.values()], axis=1)
    _check_shares(shares, names, models, findings)
    findings.raise_errors()
    predictions = _predictions(names, info, domain.values, dict(zip(models, shares.transpose(1, 0, 2), strict=True)))
    readings = {
        name: _reading(array, value_domain(others[name]), len(index))
        for name, array in arrays.items()
        if name in others
    }
    return Observations(info.name, predictions, index * batch, instances, readings)


def read_values(
    checked: CheckedProgram,
    info: AttributeInfo,
    evidence: Sequence[Mapping[str, object]],
    missing: Missing = "error",
) -> Observations:
    """Observations written value by value, one mapping for each instance.

    Raises :class:`NesyError`: E495 nothing given, E497 unknown names, E494 objects and E487 classes outside their
    types, E485 numbers that are no probabilities, E571 objects of which a source says nothing.
    """
    return _Values(checked, info, missing).read(evidence)


class _Values:
    def __init__(self, checked: CheckedProgram, info: AttributeInfo, missing: Missing) -> None:
        self._checked = checked
        self._info = info
        self._missing = missing
        self._findings = Findings()

    def read(self, evidence: Sequence[Mapping[str, object]]) -> Observations:
        if not evidence:
            self._findings.add("E495", "the evidence holds no instance", hint="give at least one", place="evidence")
        self._findings.raise_errors()
        names = list(dict.fromkeys(name for instance in evidence for name in instance))
        own, others = _split(self._checked, self._info, names, self._findings, "evidence")
        self._findings.raise_errors()
        classes = self._domain(self._info, [instance.get(name) for instance in evidence for name in own])
        rows = self._rows(evidence, own)
        index = tuple(entry for _, entry in rows)
        instances = None if len(evidence) == 1 else np.array([number for number, _ in rows], dtype=np.int64)
        places = {row: place for place, row in enumerate(rows)}
        found = {name.partition("@")[2]: self._shares(evidence, name, self._info, classes, places) for name in own}
        readings = {}
        for name, other in others.items():
            domain = self._domain(other, [instance.get(name) for instance in evidence])
            shares, _ = self._shares(evidence, name, other, domain, places)
            readings[name] = _reading_of(shares, domain.values)
        self._findings.raise_errors()
        objects = object_names(index, instances)
        predictions = _predictions(
            objects, self._info, classes.values, {name: shares for name, (shares, _) in found.items()}
        )
        spoken = np.stack(
            [found[name][1] if name in found else np.zeros(len(index), bool) for name in predictions.models], 1
        )
        check_silence(predictions, spoken, self._missing, self._findings, self._first_places(rows, evidence, own))
        self._findings.raise_errors()
        return Observations(self._info.name, predictions, index, instances, readings)

    def _domain(self, info: AttributeInfo, readings: Sequence[object]) -> Domain:
        """The type of a percept's values; an open one has those of the evidence as well."""
        domain = value_domain(info)
        if not domain.is_open:
            return domain
        known: dict[object, Value] = {value: value for value in domain.values}
        for reading in readings:
            entries = reading.values() if isinstance(reading, Mapping) and info.index else [reading]
            for entry in entries:
                for key in entry if isinstance(entry, Mapping) else [entry]:
                    if isinstance(key, str):
                        known.setdefault(key, key)
        return Domain(domain.name, tuple(known.values()), is_open=True)

    def _rows(self, evidence: Sequence[Mapping[str, object]], own: Sequence[str]) -> list[tuple[int, Index]]:
        """The objects of each instance in order of first appearance."""
        found: dict[tuple[int, Index], None] = {}
        for number, instance in enumerate(evidence):
            for name in own:
                reading = instance.get(name)
                for entry, _ in self._entries(number, name, self._info, reading, tell=True):
                    found[number, entry] = None
        return list(found)

    def _first_places(
        self, rows: Sequence[tuple[int, Index]], evidence: Sequence[Mapping[str, object]], own: Sequence[str]
    ) -> list[str]:
        """For each object the first source that speaks of it."""
        found: dict[tuple[int, Index], str] = {}
        for number, instance in enumerate(evidence):
            for name in own:
                for entry, _ in self._entries(number, name, self._info, instance.get(name), tell=False):
                    found.setdefault((number, entry), f"instance {number}, {name}({index_text(entry)})")
        return [found[row] for row in rows]

    def _entries(
        self, number: int, name: str, info: AttributeInfo, reading: object, *, tell: bool
    ) -> list[tuple[Index, object]]:
        """The index of each object and what is said of it."""
        if reading is None:
            return []
        if not info.index:
            return [((), reading)]
        place = f"instance {number}, {name}"
        if not isinstance(reading, Mapping):
            if tell:
                hint = f'give a mapping from objects to classes: {{"{name}": {{"o1": "…"}}}}'
                self._findings.add("E494", "the reading names no objects", hint=hint, place=place)
            return []
        found: list[tuple[Index, object]] = []
        seen: set[Index] = set()
        for key, entry in reading.items():
            index = index_of(info, key)
            if index is None:
                if tell:
                    wanted = ", ".join(domain.name for domain in info.index)
                    message = f"'{key}' names no object of '{info.name}'"
                    self._findings.add("E494", message, hint=f"an object is named by its index: {wanted}", place=place)
            elif index in seen:
                if tell:
                    message = f"the object '{key}' is given twice"
                    self._findings.add("E486", message, hint="keep one of the two", place=place)
            else:
                seen.add(index)
                found.append((index, entry))
        return found

    def _shares(
        self,
        evidence: Sequence[Mapping[str, object]],
        name: str,
        info: AttributeInfo,
        domain: Domain,
        places: Mapping[tuple[int, Index], int],
    ) -> Rows:
        """What one source says: shares [N, C] and whether it speaks of an object, [N]."""
        values = ValueTable(domain)
        shares = np.zeros((len(places), len(domain)))
        spoken = np.zeros(len(places), dtype=np.bool_)
        by_instance: dict[int, list[int]] = {}
        for (number, _), row in places.items():
            by_instance.setdefault(number, []).append(row)
        for number, instance in enumerate(evidence):
            for index, entry in self._entries(number, name, info, instance.get(name), tell=info is not self._info):
                rows = [places[number, index]] if info.index and (number, index) in places else []
                rows = rows if info.index else by_instance.get(number, [])
                label = (
                    f"instance {number}, {name}({', '.join(map(str, index))})"
                    if index
                    else f"instance {number}, {name}"
                )
                share = self._distribution(entry, values, label)
                shares[rows] = share
                spoken[rows] = True
        return shares, spoken

    def _distribution(self, entry: object, values: ValueTable, place: str) -> NDArray[np.float64]:
        found = np.zeros(len(values.domain))
        if entry is None:
            return found
        entries = entry if isinstance(entry, Mapping) else {entry: 1.0}
        if values.domain.is_bool and isinstance(entry, int | float) and not isinstance(entry, bool):
            entries = {True: float(entry), False: 1 - float(entry)}
        for key, probability in entries.items():
            where = values.place(key)
            if where is None:
                hint = did_you_mean(str(key), values.names) or f"its values are {listed(values.names)}"
                message = f"'{key}' is not a value of the type {values.domain.name}"
                self._findings.add("E487", message, hint=hint, place=place)
            elif isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 <= probability <= 1:
                message = f"the confidence of {key} is {probability}"
                hint = "a confidence is a probability, between 0 and 1"
                code = "E498" if probability is None else "E499" if is_nan(probability) else "E485"
                if code == "E498":
                    message = f"the confidence of {key} is missing"
                elif code == "E499":
                    hint = NAN_HINT
                self._findings.add(code, message, hint=hint, place=place)
            else:
                found[where] = probability
        if found.sum() > 1 + TOLERANCE:
            message = f"the probabilities sum to {found.sum():.4g}"
            self._findings.add("E485", message, hint="a distribution sums to 1 at most", place=place)
        return found


# ----- what both forms share


def _split(
    checked: CheckedProgram, info: AttributeInfo, given: Sequence[str], findings: Findings, place: str
) -> tuple[list[str], dict[str, AttributeInfo]]:
    """The names of sources, in the order of the declaration, and the other percepts; E497 for what is neither."""
    sources = [name.partition("@")[2] for name in given if name.startswith(f"{info.name}@")]
    check_models(info, sources, findings, place)
    others = {}
    for name in given:
        if name.startswith(f"{info.name}@"):
            continue
        other = checked.attributes.get(name.partition("@")[0])
        if other is None or other.kind != "percept" or other is info:
            known = [*(f"{info.name}@{source}" for source in info.sources)]
            hint = did_you_mean(name, known) or f"the sources are {', '.join(known)}"
            findings.add("E497", f"there is no source or percept '{name}'", hint=hint, place=place)
        elif other.index in ((), info.index) and not other.sources:
            others[name] = other
    return [f"{info.name}@{source}" for source in info.sources if source in sources], others


def _predictions(
    names: tuple[str, ...], info: AttributeInfo, classes: tuple[Value, ...], found: Mapping[str, NDArray[np.float64]]
) -> Predictions:
    """The predictions of all sources; one that has said nothing abstains everywhere."""
    empty = np.zeros((len(names), len(classes)))
    shares = np.stack([found.get(source, empty) for source in info.sources], axis=1)
    sums = shares.sum(axis=-1)
    labels = np.where(sums > 0, shares.argmax(axis=-1), ABSTAINED)
    whole = bool((np.abs(sums[sums > 0] - 1) <= TOLERANCE).all())
    return Predictions(names, info.sources, classes, labels, shares.max(axis=-1), shares if whole else None)


def _reading_of(shares: NDArray[np.float64], classes: tuple[Value, ...]) -> Reading:
    said = shares.sum(axis=-1) > 0
    ordered = np.sort(shares, axis=-1)
    margin = ordered[:, -1] - ordered[:, -2] if shares.shape[-1] > 1 else ordered[:, -1]
    return Reading(classes, np.where(said, shares.argmax(axis=-1), ABSTAINED), ordered[:, -1], margin)


# ----- arrays


def _array(name: str, value: object, findings: Findings) -> NDArray[np.float64]:
    detach = getattr(value, "detach", None)
    if detach is not None:
        value = detach().cpu()
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        hint = "give an array [batch, index…, value] of probabilities"
        findings.add("E572", f"the evidence on '{name}' is no array of numbers", hint=hint, place=f"evidence on {name}")
        return np.zeros(0)


def _index(checked: CheckedProgram, info: AttributeInfo, own: Mapping[str, NDArray[np.float64]]) -> tuple[Index, ...]:
    """The indices of the percept; objects of an open type that has no values yet are numbered."""
    if info.condition:
        return _restricted(checked, info)
    if len(info.index) == 1 and info.index[0].is_open and not info.index[0].values:
        first = next(iter(own.values()))
        return tuple((number,) for number in range(first.shape[1] if first.ndim > 1 else 0))
    return tuple(product(*(domain.values for domain in info.index)))


def _restricted(checked: CheckedProgram, info: AttributeInfo) -> tuple[Index, ...]:
    """The index of a percept that ``for`` restricts."""
    from nesy.dsl.statements import Query
    from nesy.dsl.syntax import Call, Variable
    from nesy.solvers.grounding import ground

    model = ground(checked, [Query(Call(info.name, tuple(Variable("_") for _ in info.index)))])
    return next(attribute.index for attribute in model.percepts if attribute.name == info.name)


def _check_shape(
    name: str,
    array: NDArray[np.float64],
    sizes: tuple[Mapping[str, NDArray[np.float64]], AttributeInfo, int],
    domain: Domain,
    findings: Findings,
) -> None:
    own, info, size = sizes
    first = next(iter(own.values()))
    wanted = [len(first), *([size] if info.index else []), len(domain)]
    if list(array.shape) == wanted or (
        array.ndim >= 2
        and array.shape[0] == wanted[0]
        and array.shape[-1] == wanted[-1]
        and int(np.prod(array.shape[1:-1])) == (size if info.index else 1)
    ):
        return
    message = f"the evidence on '{name}' has the shape {list(array.shape)}, expected is {wanted}"
    if array.ndim and array.shape[-1] != len(domain):
        hint = (
            f"the last axis has one entry for each of the {len(domain)} values of {domain.name}, as the other sources"
        )
    else:
        hint = "all sources read the same objects: [batch, objects, classes]"
    findings.add("E572", message, hint=hint, place=f"evidence on {name}")


def _check_shares(shares: NDArray[np.float64], names: Sequence[str], models: Sequence[str], findings: Findings) -> None:
    with np.errstate(invalid="ignore"):
        good = (shares >= 0).all(-1) & (shares <= 1 + TOLERANCE).all(-1) & (shares.sum(-1) <= 1 + TOLERANCE)
    for row, model in np.argwhere(~good)[:1000].tolist():
        entries = shares[row, model]
        hint = "give probabilities: logits need a softmax; a row of zeros abstains"
        where = f"evidence on {names[row]}, {models[model]}"
        if np.isnan(entries).any():
            findings.add("E499", f"probability {int(np.isnan(entries).argmax())} is nan", hint=NAN_HINT, place=where)
            continue
        if not np.isfinite(entries).all():
            message = "a probability is not finite"
        elif (entries < 0).any() or (entries > 1 + TOLERANCE).any():
            odd = entries[(entries < 0) | (entries > 1 + TOLERANCE)][0]
            message = f"a probability is {odd:g}"
        else:
            message = f"the probabilities sum to {entries.sum():.4g}"
        findings.add("E485", message, hint=hint, place=where)


def _reading(array: NDArray[np.float64], domain: Domain, size: int) -> Reading:
    batch = len(array)
    shares = array.reshape(batch, -1, len(domain))
    if shares.shape[1] != size:
        shares = np.repeat(shares, size, axis=1)
    return _reading_of(shares.reshape(batch * size, len(domain)), domain.values)


def refuse_empty(predictions: Predictions, place: str) -> None:
    """E495 where there is no object at all."""
    if not predictions.objects:
        hint = "give at least one object"
        raise NesyError(Diagnostic("E495", "there are predictions of no object", hint=hint, place=place))
