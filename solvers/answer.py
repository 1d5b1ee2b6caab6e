"""Answers: what every back end gives for a batch of evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from nesy.dsl.checked import Domain
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.values import Value, format_value

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.solvers.certificate import Certificate
    from nesy.solvers.explanation import Explanation


DUST = 1e-9
"""An inconsistency up to this is rounding."""


class Status(StrEnum):
    """How far an instance was solved. None of these is an exception."""

    SOLVED = "solved"
    """All degrees are exact by the meaning of the back end (possibilistic, exact probabilistic)."""
    ESTIMATED = "estimated"
    """Posteriors by sampling, each with its error."""
    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Result:
    """What an answer says about one queried family.

    ``labels`` are the queried indices in order (``("cell(1,1)", "cell(1,2)", …)``); tensors have the shape
    ``[batch, *shape, value]``, where ``shape`` is the index shape (empty for a single label). A back end fills the
    measures that it has.
    """

    family: str
    labels: tuple[str, ...]
    shape: tuple[int, ...]
    domain: Domain
    possibility: Tensor | None = None
    necessity: Tensor | None = None
    probability: Tensor | None = None
    choice: Tensor | None = None
    """Place of the answered value on the value axis, ``[batch, *shape]``, −1 where there is none; integer dtype."""
    possible: Tensor | None = None
    """Whether a value occurs in some model (brave reasoning), ``[batch, *shape, value]``, bool."""
    certain: Tensor | None = None
    """Whether a value occurs in every model (cautious reasoning), ``[batch, *shape, value]``, bool."""
    mean: Tensor | None = None
    sd: Tensor | None = None
    """Of numbers, ``[batch, *shape]``; NaN where there is no answer."""
    quantiles: Tensor | None = None
    levels: tuple[float, ...] = ()
    """Of numbers, ``[batch, *shape, level]``, at these levels."""
    samples: Tensor | None = None
    """Equally weighted draws from the posterior, ``[batch, *shape, draw]``, where it was sampled: numbers, or places on
    the value axis. Those of several queries belong together; with several chains, the chain is fastest."""
    error: Tensor | None = None
    """The standard error of the mean, or of the probability of the likeliest value; None where the result is exact."""

    @property
    def measures(self) -> Mapping[str, Tensor]:
        """The measures that are present, by name."""
        found = {
            "possibility": self.possibility,
            "necessity": self.necessity,
            "probability": self.probability,
        }
        return {name: tensor for name, tensor in found.items() if tensor is not None}

    @property
    def value(self) -> Any:
        """The answered values as nested lists ``[batch][index…]`` of domain values; None where there is none."""

        def name(place: Any) -> Any:
            if isinstance(place, list):
                return [name(entry) for entry in place]
            return self.domain.values[place] if place >= 0 else None

        return None if self.choice is None else name(self.choice.tolist())

    def at(self, label: str) -> Result:
        """The result of one label, without index axes."""
        if not self.shape:
            return self
        place = self.labels.index(label)

        def pick(tensor: Tensor | None, trailing: int) -> Tensor | None:
            if tensor is None:
                return None
            flat = tensor.reshape(tensor.shape[0], len(self.labels), *tensor.shape[tensor.dim() - trailing :])
            return flat[:, place]

        return Result(
            self.family,
            (label,),
            (),
            self.domain,
            pick(self.possibility, 1),
            pick(self.necessity, 1),
            pick(self.probability, 1),
            pick(self.choice, 0),
            pick(self.possible, 1),
            pick(self.certain, 1),
            pick(self.mean, 0),
            pick(self.sd, 0),
            pick(self.quantiles, 1),
            self.levels,
            pick(self.samples, 1),
            pick(self.error, 0),
        )

    def numbers(self, instance: int) -> dict[str, object]:
        """What is known of a single label's number in one instance, as plain data: mean, sd, quantiles, error."""
        found: dict[str, object] = {}
        for name, tensor in (("mean", self.mean), ("sd", self.sd)):
            if tensor is not None and not bool(tensor[instance].isnan()):
                found[name] = float(tensor[instance])
        if self.quantiles is not None and not bool(self.quantiles[instance].isnan().all()):
            rows = zip(self.levels, self.quantiles[instance].tolist(), strict=True)
            found["quantiles"] = {f"{level:g}": value for level, value in rows}
        if self.error is not None and not bool(self.error[instance].isnan()):
            found["error"] = float(self.error[instance])
        return found

    @property
    def consequences(self) -> Mapping[str, Tensor]:
        """``possible`` and ``certain``, as far as they are present."""
        found = {"possible": self.possible, "certain": self.certain}
        return {name: tensor for name, tensor in found.items() if tensor is not None}


@dataclass(frozen=True)
class Draws:
    """Draws of one instance that belong together: the queries' (``Result.samples``), and the log density of each
    observed variable in each draw, by family: its labels and ``[label, draw]``, the chain fastest. ``observed`` are the
    values that were seen, as the query of such a variable would have them. ``chains`` are statistics of the sampler,
    ``[draw, chain]`` by ArviZ's names; empty for draws that are independent.
    """

    results: Mapping[str, Result]
    likelihood: Mapping[str, tuple[tuple[str, ...], Tensor]]
    observed: Mapping[str, tuple[float, ...]]
    chains: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer(Mapping[str, Result]):
    """The answer for one batch: ``answer["y"].possibility``, ``answer["cell(1,1)"].value``, ``answer.status[i]``.

    Iterating gives the queried families. ``explain(i)`` says why for instance ``i``.
    """

    backend: str
    results: Mapping[str, Result]
    status: Sequence[Status]
    statistics: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    explainer: Callable[[int, str | None], tuple[Explanation, ...]] | None = field(default=None, repr=False)
    certificates: Sequence[Certificate | None] = ()
    models: Sequence[Sequence[Mapping[str, object]]] = ()
    """For back ends that search: each instance's checked certificate, and its models where several were asked for."""
    details: Sequence[Mapping[str, object]] = ()
    """What the plain data of each instance say beside its answers: method, evidence, diagnostics."""
    drawer: Callable[[int], Draws | None] | None = field(default=None, repr=False)
    """Draws an instance's posterior again, with what was observed; None where a method has no draws."""

    def __getitem__(self, key: str) -> Result:
        if key in self.results:
            return self.results[key]
        for result in self.results.values():
            if key in result.labels:
                return result.at(key)
        known = [label for result in self.results.values() for label in result.labels]
        raise KeyError(f"'{key}' is not among the queries; the answer holds {', '.join(known[:8])}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    @property
    def batch(self) -> int:
        """Number of instances."""
        return len(self.status)

    def explain(self, instance: int = 0, query: str | None = None) -> tuple[Explanation, ...]:
        """Why the answered value of each query (or of ``query`` alone) has its degree in one instance."""
        if self.explainer is None:
            raise LookupError(f"the back end '{self.backend}' gives no explanations")
        if not -self.batch <= instance < self.batch:
            raise IndexError(f"instance {instance} is outside the batch of {self.batch}")
        return self.explainer(instance % self.batch, query)

    def to_json(self, instance: int) -> dict[str, object]:
        """One instance as the plain data that ``--json`` prints.

        Where rules contradict one another, ``inconsistency`` is 1 minus the greatest possibility.
        """
        answers: dict[str, object] = {}
        for result in self.results.values():
            count = len(result.labels)
            names = [format_value(value) for value in result.domain.values]
            tables = {name: tensor[instance].reshape(count, -1).tolist() for name, tensor in result.measures.items()}
            sets = {name: tensor[instance].reshape(count, -1).tolist() for name, tensor in result.consequences.items()}
            choices = None if result.choice is None else result.choice[instance].reshape(-1).tolist()
            for place, label in enumerate(result.labels):
                entry: dict[str, object] = _writable(result.at(label).numbers(instance))
                if choices is not None:
                    choice = choices[place]
                    entry["value"] = json_value(result.domain.values[choice]) if choice >= 0 else None
                for name, rows in tables.items():
                    entry[name] = dict(zip(names, rows[place], strict=True))
                for name, rows in sets.items():
                    values = zip(result.domain.values, rows[place], strict=True)
                    entry[name] = [json_value(value) for value, member in values if member]
                if "possibility" in tables and (conflict := 1.0 - max(tables["possibility"][place])) > DUST:
                    entry["inconsistency"] = conflict
                answers[label] = entry
        found: dict[str, object] = {"instance": instance, "status": str(self.status[instance])}
        if "solvers" in self.statistics:
            found["solver"] = cast("Sequence[str]", self.statistics["solvers"])[instance]
        certificate = self.certificates[instance] if self.certificates else None
        if certificate is not None:
            found |= certificate.to_json()
        if self.details:
            found |= self.details[instance]
        found["answers"] = answers
        if self.models and self.models[instance]:
            found["models"] = list(self.models[instance])
        return found


def _writable(numbers: Mapping[str, object]) -> dict[str, object]:
    """Numbers as JSON has them: those that are not finite become ``"inf"``, ``"-inf"``, ``"nan"``."""
    found: dict[str, object] = {}
    for name, value in numbers.items():
        match value:
            case dict():
                found[name] = _writable(value)
            case float() if not isfinite(value):
                found[name] = str(value)
            case _:
                found[name] = value
    return found


def json_value(value: Value | float | None) -> object:
    """A value as plain data: tuples become lists."""
    return [json_value(item) for item in value] if isinstance(value, tuple) else value
