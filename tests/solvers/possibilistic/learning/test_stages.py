"""A program cut at its parameters gives what the compiled one gives, whatever the parameters are."""

from __future__ import annotations

from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nesy.dsl import check, parse
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import AttributeLiteral, GroundModel
from nesy.solvers.grounding import ground
from nesy.solvers.possibilistic import compile_model
from nesy.solvers.possibilistic.learning import table
from nesy.solvers.possibilistic.learning.floors import with_parameters
from nesy.solvers.possibilistic.learning.stages import Stages, cut
from nesy.solvers.possibilistic.learning.table import Table
from tests.effort import tries
from tests.solvers.models import Builder, literal
from tests.solvers.possibilistic.random_models import DEGREES, Maker
from tests.solvers.possibilistic.test_engine import evidence


def floors_of(stages: Stages) -> Tensor:
    floors = torch.zeros(stages.layout.count, dtype=torch.float64)
    for entry in stages.sets:
        for place, rule in enumerate(entry.rules):
            floors[entry.start + 2 * place] = rule.s
            floors[entry.start + 2 * place + 1] = rule.r
    return floors


def changed(stages: Stages, random: Random) -> Tensor:
    """Other parameters for some of the rules."""
    floors = floors_of(stages)
    for entry in stages.sets:
        for row in range(entry.start, entry.start + 2 * len(entry.rules)):
            if random.random() < 0.4:
                floors[row] = random.choice([*DEGREES, random.random()])
    return floors


def compare(model: GroundModel, stages: Stages, degrees: Table, floors: Tensor, given: dict[str, Tensor]) -> None:
    engine = compile_model(model, Options())
    answer = engine.infer_possibility(given)
    for stage in range(len(stages.stages)):
        degrees.update(stage, floors)
    asked = [query for query in model.queries if query.kind == "attribute"]
    found = degrees.evaluate(stages.distributions([(query.attribute, query.index) for query in asked]), floors)
    row = 0
    for query in asked:
        expected = answer[query.label].possibility
        assert expected is not None
        size = expected.shape[-1]
        assert torch.equal(expected.T, found[row : row + size]), query.label
        row += size


@given(st.randoms(use_true_random=False))
@settings(max_examples=tries(30), deadline=None)
def test_inference_in_stages_equals_the_engine(random: Random) -> None:
    """Bit by bit, with recursion, derived atoms and `:-` rules between and on concepts; also after changes of
    parameters.
    """
    maker = Maker(random)
    stages = cut(maker.model)
    samples = [maker.degrees(normalised=random.random() < 0.5) for _ in range(4)]
    tensors = evidence(maker.model, samples)
    degrees = Table(stages, tensors, len(samples), torch.float64, torch.device("cpu"))
    compare(maker.model, stages, degrees, floors_of(stages), tensors)
    for _ in range(2):
        floors = changed(stages, random)
        compare(with_parameters(maker.model, stages, floors), stages, degrees, floors, tensors)


@pytest.mark.parametrize("rows", [1, 150, 300])
def test_samples_are_worked_out_in_pieces_that_fit(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    random = Random(3)
    maker = Maker(random)
    stages = cut(maker.model)
    tensors = evidence(maker.model, [maker.degrees(normalised=True) for _ in range(7)])
    monkeypatch.setattr(table, "ROOM", 0)
    monkeypatch.setattr(table, "LEAST", 8 * rows)
    degrees = Table(stages, tensors, 7, torch.float64, torch.device("cpu"))
    compare(maker.model, stages, degrees, floors_of(stages), tensors)


def test_only_what_a_change_reaches_is_worked_out_again() -> None:
    builder = Builder()
    a = builder.percept("a", 2)
    names = [builder.concept(f"c{number}", 2) for number in range(3)]
    below = a
    for name in names:
        builder.rule(literal(below, 0, 1), literal(name, 0, 1))
        below = name
    builder.ask(names[-1])
    stages = cut(builder.build())
    tensors = {"a": torch.tensor([[1.0, 0.2], [0.3, 1.0]], dtype=torch.float64)}
    degrees = Table(stages, tensors, 2, torch.float64, torch.device("cpu"))
    floors = floors_of(stages)
    for stage in range(3):
        degrees.update(stage, floors)
    before = degrees.versions.copy()
    second = stages.sets[1]
    floors[second.start] = 0.1  # below every λ: nothing changes above
    for stage in range(3):
        degrees.update(stage, floors)
    assert (degrees.versions == before).all()
    floors[second.start] = 0.5
    for stage in range(3):
        degrees.update(stage, floors)
    rows = (degrees.versions != before).nonzero()[0].tolist()
    assert rows == [stages.sets[2].start]


def test_rule_sets_of_one_sign_table_lie_together() -> None:
    text = """
    type place = 1..6.
    percept a(place) : 0..2.
    concept c(place) : 0..2.
    concept last : bool.
    c(P) = V iff a(P) = V [learn] where P != 4.
    c(4) = 0 iff a(4) = 0 [learn].
    last iff all c(_) in {0, 1} [learn].
    query last. query c(_).
    """
    stages = cut(ground(check(parse(text))))
    first = [entry for entry in stages.sets if entry.stage == 0]
    assert [entry.node[1] + 1 for entry in first] == [1, 2, 3, 5, 6, 4]
    assert [entry.start for entry in first[:5]] == [first[0].start + 6 * place for place in range(5)]
    assert [entry.stage for entry in stages.sets] == [0] * 6 + [1]


def test_a_chain_has_a_stage_for_each_link_and_its_ends_share_one() -> None:
    text = """
    const k = 5.
    type place = 1..k.
    percept a(place) : bool.
    concept w(0..k) : bool.
    concept y(place) : bool.
    w(I) iff a(J) and w(J) where I = J - 1.
    w(k).
    y(J) iff w(J).
    query y(_).
    """
    stages = cut(ground(check(parse(text))))
    ends = {entry.stage for entry in stages.sets if stages.model.attributes[entry.node[0]].name == "y"}
    assert ends == {len(stages.stages) - 1}
    assert max(len(stage.reads) for stage in stages.stages) < 20


def test_what_is_given_cuts_off_what_lies_below() -> None:
    builder = Builder()
    a = builder.percept("a", 2)
    b, c = builder.concept("b", 3), builder.concept("c", 2)
    builder.rule(literal(a, 0, 1), literal(b, 0, 1))
    builder.rule(literal(b, 0, 2), AttributeLiteral(c, 0, (1,)))
    builder.ask(c)
    stages = cut(builder.build(), given=[b], wanted=[(c, 0)])
    assert [entry.node for entry in stages.sets] == [(c, 0)]
    degrees = Table(stages, {"b": torch.tensor([[0.0, 0.2, 1.0]])}, 1, torch.float64, torch.device("cpu"))
    degrees.update(0, torch.zeros(stages.layout.count, dtype=torch.float64))
    possible, excluded = degrees.premises(stages.sets)
    assert possible.item() == 1.0
    assert abs(excluded.item() - 0.2) < 1e-6
