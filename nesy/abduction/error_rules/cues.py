"""Cues: the conditions among which the learner of error rules chooses, as text of the language and as masks.

A cue says of one object that a prediction of one model may be wrong. Every cue is a conjunction of the language, so
that what is learned can be written into a rule file, read, changed and read back. Thresholds are short decimal
numbers between two values that occur.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.columns import Codes, Numbers, column_of
from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.statements import ErrorRule
from nesy.dsl.syntax import Call, Comparison, Formula, Negative, Number, Operator, Term, Text, TupleTerm, Variable
from nesy.dsl.values import Value, format_value
from nesy.solvers.grounding.walking import rename, variables

Condition = tuple[Formula, ...]

FAMILIES = ("confidence", "margin", "disagreement", "percepts", "metadata")


@dataclass(frozen=True, slots=True)
class CueOptions:
    """Which cues are tried.

    ``families`` are some of ``confidence`` (below a threshold, and in a band between two), ``margin`` (needs whole
    distributions), ``disagreement`` (what the other models say), ``percepts`` and ``metadata`` (other readings and
    columns). ``bands`` is the number of confidence thresholds, placed at quantiles of the model's own predictions;
    ``quantiles`` are where the thresholds on numbers of the metadata lie. A column with more than ``largest`` different
    names gives no cues. ``extra`` are conditions of rules that somebody has written, each for a model.
    """

    families: tuple[str, ...] = FAMILIES
    bands: int = 9
    quantiles: tuple[float, ...] = (0.02, 0.1, 0.25, 0.75, 0.9, 0.98)
    largest: int = 50
    extra: tuple[ErrorRule, ...] = ()

    def __post_init__(self) -> None:
        if unknown := [name for name in self.families if name not in FAMILIES]:
            hint = did_you_mean(unknown[0], FAMILIES) or f"they are {', '.join(FAMILIES)}"
            raise NesyError(Diagnostic("E575", f"there are no cues called '{unknown[0]}'", hint=hint, place="cues"))

    def written(self, here: Call) -> Iterator[Condition]:
        """The bodies of the extra rules about ``here``, the reading of one model, with its names for the index."""
        for rule in self.extra:
            if (rule.reading.name, rule.reading.source) == (here.name, here.source):
                yield _renamed(rule, here)


def cues_for(surroundings: Surroundings, model: int, label: int, options: CueOptions) -> Iterator[Condition]:
    """The cues for the predictions of one class by one model."""
    predictions = surroundings.predictions
    rows = predictions.labels[:, model] == label
    name = predictions.models[model]
    here = reading(surroundings, name)
    if "confidence" in options.families:
        levels = np.linspace(0, 1, options.bands + 2)[1:-1]
        yield from _bands(Call("confidence", (here,)), predictions.confidence[rows, model], levels)
    margin = surroundings.readings[f"{surroundings.percept}@{name}"].margin
    if "margin" in options.families and margin is not None:
        levels = np.linspace(0, 1, options.bands + 2)[1:-1]
        yield from _below(Call("margin", (here,)), thresholds(margin[rows], levels))
    if "disagreement" in options.families:
        yield from _disagreement(surroundings, model, label)
    if "percepts" in options.families:
        for percept, other in surroundings.others.items():
            found = np.unique(other.labels[rows & (other.labels >= 0)])
            if len(found) <= options.largest:
                yield from ((_equals(_of(percept, here), other.classes[place]),) for place in found.tolist())
    if "metadata" in options.families:
        for column in predictions.columns:
            yield from _metadata(surroundings, column, model, rows, options)


def _renamed(rule: ErrorRule, here: Call) -> Condition:
    own = [item.name for item in here.arguments if isinstance(item, Variable)]
    names = {name: f"{name}_" for name in variables(rule.body) if name in own}
    fixed: list[Formula] = []
    for argument, variable in zip(rule.reading.arguments, here.arguments, strict=True):
        if isinstance(argument, Variable) and argument.name not in own[: len(fixed)]:
            names[argument.name] = variable.name if isinstance(variable, Variable) else ""
        else:
            fixed.append(Comparison("=", variable, argument))
    return (*fixed, *(rename(formula, names) for formula in rule.body))


def reading(surroundings: Surroundings, model: str) -> Call:
    """``label@m1(O)`` as cues write it; ``O1``, ``O2``, … where the index has several places."""
    width = len(surroundings.index[0]) if surroundings.index else 1
    names = ["O"] if width == 1 else [f"O{place}" for place in range(1, width + 1)]
    return Call(surroundings.percept, tuple(map(Variable, names)), model)


def _of(percept: str, here: Call) -> Call:
    return Call(percept, here.arguments)


# ----- families


def _bands(call: Call, numbers: NDArray[np.float64], levels: NDArray[np.float64]) -> Iterator[Condition]:
    found = thresholds(numbers, levels)
    yield from _below(call, found)
    for low, high in pairwise(found):
        yield _compare(">=", call, low), _compare("<", call, high)
    yield from ((_compare(">=", call, high),) for high in found[-1:])


def _below(term: Term, found: Iterable[float]) -> Iterator[Condition]:
    yield from ((_compare("<", term, threshold),) for threshold in found)


def _disagreement(surroundings: Surroundings, model: int, label: int) -> Iterator[Condition]:
    """Another model says something else; it says this other class; it says nothing."""
    predictions = surroundings.predictions
    rows = predictions.labels[:, model] == label
    for place, other in enumerate(predictions.models):
        if place == model:
            continue
        call = reading(surroundings, other)
        said = np.unique(predictions.labels[rows, place]).tolist()
        if -1 in said:
            yield (_compare("=", Call("confidence", (call,)), 0),)
        different = [entry for entry in said if entry not in (-1, label)]
        if different:
            yield (Comparison("!=", call, term_of(predictions.classes[label])),)
        if len(different) > 1:
            yield from ((_equals(call, predictions.classes[entry]),) for entry in different)


def _metadata(
    surroundings: Surroundings, name: str, model: int, rows: NDArray[np.bool_], options: CueOptions
) -> Iterator[Condition]:
    predictions = surroundings.predictions
    array = np.asarray(predictions.columns[name])
    if name in surroundings.others or format_value(name).startswith('"'):
        return
    here = reading(surroundings, predictions.models[model])
    before: tuple[Term, ...] = here.arguments
    if array.ndim == 2:
        array = array[:, model]
        before = (*before, Call(predictions.models[model]))
    column = column_of(array[rows])
    if isinstance(column, Codes):
        found = np.unique(column.data[column.data >= 0]).tolist()
        if len(found) <= options.largest:
            yield from ((Call(name, (*before, term_of(column.values[place]))),) for place in found)
        return
    value = Variable(f"{name[0].upper()}{name[1:]}{'_' if before and Variable(name.upper()) in before else ''}")
    atom = Call(name, (*before, value))
    numbers = column.data[column.present]
    for quantile in options.quantiles:
        for threshold in thresholds(numbers, np.array([quantile]), whole=isinstance(column, Numbers) and column.whole):
            sign: Operator = "<" if quantile < 0.5 else ">="
            yield (atom, _compare(sign, value, threshold))


# ----- terms


def _equals(call: Call, value: Value) -> Comparison:
    return Comparison("=", call, term_of(value))


def _compare(sign: Operator, term: Term, threshold: float) -> Comparison:
    return Comparison(sign, term, term_of(threshold))


def term_of(value: Value | float) -> Term:
    """A value as a term of the language."""
    match value:
        case bool():
            return Call("true" if value else "false")
        case int() | float():
            return Number(value) if value >= 0 else Negative(Number(-value))
        case str():
            return Text(value) if format_value(value).startswith('"') else Call(value)
        case tuple():
            return TupleTerm(tuple(map(term_of, value)))


# ----- thresholds


def thresholds(numbers: NDArray[np.float64], levels: NDArray[np.float64], *, whole: bool = False) -> list[float]:
    """Short numbers that split ``numbers`` near the quantiles ``levels``, ascending, each split once."""
    values = np.unique(numbers)
    if len(values) < 2:
        return []
    ordered = np.sort(numbers)
    places = np.minimum((levels * len(ordered)).astype(np.int64), len(ordered) - 1)
    uppers = np.searchsorted(values, ordered[places])
    found = {}
    for upper in uppers.tolist():
        place = max(int(upper), 1)
        low, high = float(values[place - 1]), float(values[place])
        found[place] = int(high) if whole else short_between(low, high)
    return list(found.values())


def short_between(low: float, high: float) -> float:
    """The decimal number t with the fewest digits such that low < t ≤ high."""
    if low < 0 <= high:
        return 0.0
    digits = -floor(log10(high - low)) if high > low else 17
    for places in range(max(digits - 1, 0), 18):
        found = round((low + high) / 2, places)
        if low < found <= high:
            return found
    return high
