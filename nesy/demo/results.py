"""The way of a demonstration: rules, images, readings, the engine's answer, and what there is to show of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nesy.demo.eyes import Eyes
from nesy.demo.scene import Degrees, Finding, Provenance, Seen, Timing
from nesy.dsl import parse
from nesy.dsl.values import Value, format_reference, format_value
from nesy.perception.evidence import to_evidence
from nesy.program import make_program
from nesy.solvers.answer import Answer

if TYPE_CHECKING:
    from torch import Tensor

Result = TypeVar("Result")


@dataclass(frozen=True)
class Run:
    """A rule file applied to images: the evidence ``[batch, index…, value]``, the answer, and how long it took."""

    rules: str
    evidence: Tensor
    answer: Answer
    timing: Timing


def rule_text(file: str) -> str:
    """The text of a rule file that is shipped with the demonstrations."""
    return files("nesy.demo").joinpath("rules", file).read_text(encoding="utf-8")


def reason_about(
    eyes: Eyes,
    images: NDArray[Any],
    *,
    percept: str,
    values: tuple[Value, ...],
    file: str,
    constants: Mapping[str, object],
) -> Run:
    """Read ``images`` ``[batch, index…, height, width]`` as ``percept``, whose type has ``values``; ask the rules."""
    rules = rule_text(file)
    evidence, perceiving = timed(lambda: to_evidence(eyes.perceiver, images, values, classes="domain"))
    engine, compiling = timed(lambda: make_program(rules, parse(rules, file), constants).compile("possibilistic"))
    # the first batch of a size lays out the engine's tables, which counts as compiling
    _, laying_out = timed(lambda: engine.infer({percept: evidence}))
    answer, reasoning = timed(lambda: engine.infer({percept: evidence}))
    count = int(np.prod(images.shape[:-2]))
    return Run(rules, evidence, answer, Timing(perceiving, compiling + laying_out, reasoning, count, len(images)))


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """A result and the seconds of wall time that it took."""
    start = perf_counter()
    result = work()
    return result, perf_counter() - start


def seen_images(
    percept: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    evidence: NDArray[np.float64],
    values: tuple[int, ...],
) -> tuple[Seen, ...]:
    """The readings of one instance.

    ``images`` ``[index…, height, width]`` with their true ``labels`` ``[index…]`` and ``evidence`` ``[index…, value]``.
    """
    found = []
    for place in np.ndindex(labels.shape):
        label = format_reference(percept, tuple(axis + 1 for axis in place))
        second, best = np.argsort(evidence[place], kind="stable")[-2:].tolist()
        readings = ((values[which], float(evidence[place][which])) for which in (best, second))
        found.append(Seen(label, images[place], int(labels[place]), *readings))
    return tuple(found)


def finding(answer: Answer, instance: int, query: str, truth: Value) -> Finding:
    """What the engine says about one query in one instance, not explained yet; ``truth`` is the right value."""
    result = answer[query]
    assert result.possibility is not None
    assert result.necessity is not None
    degrees = tuple(
        Degrees(format_value(value), possibility, necessity)
        for value, possibility, necessity in zip(
            result.domain.values,
            result.possibility[instance].tolist(),
            result.necessity[instance].tolist(),
            strict=True,
        )
    )
    value = None if result.value is None else result.value[instance]
    return Finding(query, None if value is None else format_value(value), format_value(truth), degrees, ())


def explained(found: Finding, answer: Answer, instance: int) -> Finding:
    """``found`` with the reasons for it."""
    return replace(found, explanations=answer.explain(instance, found.query))


def provenance(eyes: Eyes, run: Run, *, command: str, seed: int, file: str) -> Provenance:
    """Where the numbers of a run come from."""
    from nesy import __version__

    return Provenance(command, __version__, seed, eyes.data, eyes.reason, eyes.network, eyes.accuracy, file, run.rules)
