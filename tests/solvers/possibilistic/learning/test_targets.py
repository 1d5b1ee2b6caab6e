"""What is refused before anything is learned, and what the messages say."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.backend import Options
from nesy.solvers.possibilistic.learning.learn import learn
from nesy.solvers.possibilistic.learning.options import LearningOptions
from tests.solvers.possibilistic.learning.programs import hot, program

TEXT = """
type light = {red, green}.
percept a(1..2) : light.
concept c(1..2) : light.
concept free : light.
concept done : bool.
c(I) = V iff a(I) = V [learn].
done iff all c(_) = red and free = red.
query c(_). query done.
"""
EVIDENCE = {"a": hot([[0, 1], [1, 1]], 2)}
GOOD = hot([[0, 1], [1, 1]], 2)


def refusal(targets: dict[str, object], **options: object) -> Diagnostic:
    with pytest.raises(NesyError) as raised:
        learn(program(TEXT), Options(), EVIDENCE, targets, LearningOptions(**options))  # type: ignore[arg-type]
    (problem,) = raised.value.diagnostics
    return problem


def changed(value: float, sample: int, index: int, place: int) -> Tensor:
    tensor = GOOD.clone()
    tensor[sample, index, place] = value
    return tensor


@pytest.mark.parametrize(
    ("targets", "code", "message"),
    [
        ({"d": GOOD}, "E531", "the program has no concept or percept 'd'"),
        (
            {"c": GOOD[:1]},
            "E532",
            "the targets have the shape [1, 2, 2], expected is [2, 2, 2 values of light]",
        ),
        (
            {"c": GOOD.long()},
            "E532",
            "the targets hold int64 instead of degrees, expected is [2, 2, 2 values of light] of decimal numbers",
        ),
        ({"c": changed(1.5, 1, 0, 1)}, "E533", "the target c(1) = green is 1.5 in sample 1"),
        ({"c": changed(torch.nan, 1, 1, 0)}, "E533", "the target c(2) = red is nan in sample 1"),
        (
            {"c": changed(0.75, 0, 1, 1)},
            "E534",
            "the largest degree of the target of c(2) is 0.75 in sample 0; 1 such targets",
        ),
        (
            {"c": GOOD, "free": hot([0, 0], 2)},
            "E536",
            "there are targets for 'free', but no rule concludes anything about it",
        ),
        (
            {"done": hot([0, 0], 2)},
            "E535",
            (
                "there are no targets for 'c', and the rules do not determine c(1) from the other targets: "
                "not exactly one of its cases remains in sample 0"
            ),
        ),
        (
            {"c": torch.full((2, 2, 2), torch.nan)},
            "E537",
            "no sample has a target for c(1), so that its rules cannot be learned",
        ),
    ],
)
def test_refusals(targets: dict[str, object], code: str, message: str) -> None:
    problem = refusal(targets)
    assert (problem.code, problem.message) == (code, message)
    assert problem.hint
    assert problem.place


def test_lists_are_read_as_tensors() -> None:
    assert learn(program(TEXT), Options(), EVIDENCE, {"c": GOOD.tolist()}).report.samples == 2


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(NesyError) as raised:
        learn(program(TEXT), Options(), EVIDENCE, {"c": 2 * GOOD, "a": GOOD[0], "x": GOOD})
    assert [problem.code for problem in raised.value.diagnostics] == ["E531", "E532", "E533"]


def test_nothing_is_marked() -> None:
    with pytest.raises(NesyError, match="E530"):
        learn(program(TEXT.replace(" [learn]", "")), Options(), EVIDENCE, {"c": GOOD})
    with pytest.raises(NesyError, match="E530"):
        learn(program("percept a : bool. query a."), Options(), {"a": hot([0], 2)}, {}, LearningOptions(every=True))


def test_no_sample_lies_below_the_threshold() -> None:
    problem = refusal({"c": hot([[1, 1], [0, 1]], 2)}, threshold=0.5)
    assert problem.code == "E537"
    assert problem.message == (
        "no sample is kept for c(1): the threshold is 0.5, and the least distance of a sample is 1, of sample 0"
    )


def test_rules_that_are_not_learned_exclude_all_targets() -> None:
    text = TEXT.replace("done iff", "if a(1) = red then c(1) = red.  if a(1) = green then c(1) = green.  done iff")
    with pytest.raises(NesyError) as raised:
        learn(program(text), Options(), EVIDENCE, {"c": hot([[1, 1], [0, 1]], 2)})
    (problem,) = raised.value.diagnostics
    assert problem.code == "E538"
    assert problem.message == (
        "every target for c(1) is excluded by rules that are not learned, first in sample 0: "
        "with its readings they make the target impossible"
    )
    learned = learn(program(text), Options(), EVIDENCE, {"c": hot([[0, 1], [0, 1]], 2)}, LearningOptions(threshold=0.5))
    (drop,) = learned.report.rule_sets[0].dropped
    assert (drop.reason, drop.samples) == ("rules that are not learned exclude the target", (1,))


def test_validation_that_is_none() -> None:
    assert refusal({"c": GOOD}, threshold="validation").code == "E539"
    with pytest.raises(NesyError, match="E539"):
        learn(program(TEXT), Options(), EVIDENCE, {"c": GOOD}, validation=(EVIDENCE, {"a": GOOD}))
    with pytest.raises(NesyError, match="validation targets for c"):
        learn(program(TEXT), Options(), EVIDENCE, {"c": GOOD}, validation=(EVIDENCE, {"c": GOOD[:1]}))


@pytest.mark.parametrize(
    "options",
    [
        {"policy": "exakt"},
        {"estimate": "mean"},
        {"threshold": "best"},
        {"threshold": 0.0},
        {"outliers": 1.0},
        {"estimate": "trimmed"},
        {"estimate": "pooled", "outliers": 0.1},
        {"grid_size": 0},
        {"stagnation": 0},
        {"rounds": 0},
    ],
)
def test_options_with_impossible_values(options: dict[str, object]) -> None:
    assert refusal({"c": GOOD}, **options).code == "E523"
