"""Learning, measuring, writing and reading error rules."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.abduction.error_rules import CueOptions, ErrorRuleLearner, ErrorRules, measure
from nesy.abduction.error_rules.cues import cues_for, short_between, thresholds
from nesy.abduction.error_rules.reading import rules_among
from nesy.abduction.error_rules.rules import joined, statement_text
from nesy.abduction.error_rules.surroundings import alone
from nesy.abduction.predictions import Predictions
from nesy.dsl import parse
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.statements import ErrorRule
from tests.effort import tries
from tests.nesy.abduction.error_rules.drawn import CLASSES, drawn


@settings(max_examples=tries(12), deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.02, 0.1, None]), st.booleans())
def test_rules_keep_their_promise_and_survive_the_way_through_a_file(
    seed: int, budget: float | None, whole: bool
) -> None:
    predictions, truth = drawn(seed, 120, whole=whole)
    rules = ErrorRuleLearner(budget).fit(predictions, truth)
    flags = rules.flag(predictions)
    assert not flags[predictions.labels < 0].any()
    for place, entry in enumerate(rules.learned):
        model, label = divmod(place, len(CLASSES))
        rows = predictions.labels[:, model] == label
        right, members = truth == label, int((truth == label).sum())
        assert entry.caught == (flags[:, model] & rows & ~right).sum()
        assert entry.lost == (flags[:, model] & rows & right).sum()
        if budget is not None:
            assert members == 0 or entry.lost / members <= budget
    if rules.rules:
        back = ErrorRules.from_nesy(rules.to_nesy(), "rules.nesy")
        assert back.rules == rules.rules
        assert (back.flag(predictions) == flags).all()
        fresh, _ = drawn(seed + 1, 120, whole=whole)
        assert (back.flag(fresh) == rules.flag(fresh)).all()


def test_a_grid_is_learned_as_its_budgets_one_by_one() -> None:
    predictions, truth = drawn(1, 200)
    grid = ErrorRuleLearner().fit_grid(predictions, truth, [0.0, 0.1, None])
    assert all(ErrorRuleLearner(budget).fit(predictions, truth) == rules for budget, rules in grid.items())


def test_conditions_need_support() -> None:
    size = 40
    labels = (np.arange(size) % 2)[:, None]
    truth = labels[:, 0].copy()
    truth[[0, 2, 4]] = 1  # the model says 0
    oil, mud = np.zeros(size), np.zeros(size)
    oil[0], mud[[2, 4]] = 1, 1
    predictions = Predictions(
        tuple(f"o{place}" for place in range(size)),
        ("m1",),
        ("car", "bus"),
        labels,
        np.full((size, 1), 0.9),
        None,
        {"dirt": np.where(oil > 0, "oil", np.where(mud > 0, "mud", "none"))},
    )

    def bodies(support: int) -> list[str]:
        learner = ErrorRuleLearner(0.0, CueOptions(("metadata",)), support)
        return [text.split("= car, ")[1] for text in map(statement_text, learner.fit(predictions, truth).rules)]

    assert bodies(1) == ["dirt(O, mud).", "dirt(O, oil)."]
    assert bodies(2) == ["dirt(O, mud)."]
    assert bodies(3) == []
    with pytest.raises(NesyError) as refused:
        ErrorRuleLearner(0.0, support=0)
    assert refused.value.diagnostics[0].code == "E575"


def test_a_blind_model_is_caught_by_what_gives_it_away() -> None:
    size = 100
    truth = np.arange(size) % 2
    fog = np.arange(size) % 5 == 0
    labels = np.stack([np.where(fog, 1, truth), truth], axis=1)
    predictions = Predictions(
        tuple(f"o{place}" for place in range(size)),
        ("m1", "m2"),
        ("car", "bus"),
        labels,
        np.full((size, 2), 0.9),
        None,
        {"weather": np.where(fog, "thick fog", "clear")},
    )
    rules = ErrorRuleLearner(0.0, CueOptions(("disagreement",))).fit(predictions, truth)
    assert [*map(statement_text, rules.rules)] == ["error label@m1(O) :- label@m1(O) = bus, label@m2(O) != bus."]
    rules = ErrorRuleLearner(0.5, CueOptions(("metadata",))).fit(predictions, truth)
    assert [*map(statement_text, rules.rules)] == ['error label@m1(O) :- label@m1(O) = bus, weather(O, "thick fog").']
    assert rules.to_nesy() == (
        "% Error rules of 'label', learned from held-out data so that they cost at most 50 % of recall.\n\n"
        "% m1, bus: 60 predictions, 10 wrong; the rules catch 10 of these and lose 10 right (recall −20.0 %).\n"
        'error label@m1(O) :- label@m1(O) = bus, weather(O, "thick fog").\n'
    )
    (bus,) = (entry for entry in measure(rules, predictions, truth) if (entry.model, entry.label) == ("m1", "bus"))
    assert (bus.support, bus.confidence, bus.error_recall) == (20 / 60, 0.5, 1.0)
    assert bus.precision == (50 / 60, 1.0)
    assert bus.recall == (1.0, 40 / 50)
    assert bus.to_json()["precision"] == [50 / 60, 1.0]
    (reason,) = rules.explain(predictions, "o10")
    assert (reason.origin, reason.model, reason.objects[:3].tolist()) == ("learned", 0, [0, 5, 10])
    assert rules.explain(predictions, "o10", "m2") == ()


def test_figures_of_nothing_are_missing() -> None:
    predictions, truth = drawn(2, 40)
    unlearned = ErrorRules("label", tuple(parse("error label@m1(O) :- label@m1(O) = bus.").statements))  # type: ignore[arg-type]
    found = {(entry.model, entry.label): entry for entry in measure(unlearned, predictions, truth)}
    assert math.isnan(found["m1", "car"].confidence)
    assert found["m1", "car"].to_json()["confidence"] is None
    assert math.isnan(found["m1", "bus"].precision[1])


def test_conditions_that_somebody_wrote_are_cues() -> None:
    predictions, truth = drawn(4, 200)
    written = parse("error label@m1(X) :- lane(X, O), O < 0, light(X, L), L < 0.9.").statements
    assert isinstance(written[0], ErrorRule)
    options = CueOptions((), extra=(written[0],))
    rules = ErrorRuleLearner(1.0, options).fit(predictions, truth)
    assert statement_text(rules.rules[0]) == (
        "error label@m1(O) :- label@m1(O) = car, lane(O, O_), O_ < 0, light(O, L), L < 0.9."
    )
    assert {rule.reading.source for rule in rules.rules} == {"m1"}


def test_percepts_are_written_as_readings() -> None:
    predictions, truth = drawn(5, 60)
    around = alone(predictions, percepts=("sky", "lane"))
    found = [
        statement_text(ErrorRule(rule.reading, rule.body)) for rule in ErrorRuleLearner(1.0).fit(around, truth).rules
    ]
    assert found
    cues = [*cues_for(around, 0, 0, CueOptions(("percepts", "metadata")))]
    texts = [statement_text(ErrorRule(rule.reading, cue)) for rule in around_rules() for cue in cues]
    assert "error label@m1(O) :- sky(O) = fog." in texts
    assert "error label@m1(O) :- lane(O) = -3." in texts
    assert not any("sky(O," in text or "lane(O," in text for text in texts)


def around_rules() -> tuple[ErrorRule, ...]:
    return ErrorRules.from_nesy("error label@m1(O) :- label@m1(O) = car.").rules


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: ErrorRuleLearner(1.5), "E575"),
        (lambda: CueOptions(("confidences",)), "E575"),
        (lambda: ErrorRules.from_nesy("a(1)."), "E574"),
        (lambda: ErrorRules.from_nesy("error a@m(O) :- b(O). error c@m(O) :- b(O)."), "E574"),
        (lambda: ErrorRules.from_nesy("error a@m(O) :- b(O)"), "E102"),
        (lambda: ErrorRuleLearner().fit(drawn(1, 10)[0], np.zeros(9, dtype=np.int64)), "E578"),
        (lambda: ErrorRuleLearner().fit(drawn(1, 10)[0], np.full(10, 3)), "E578"),
        (lambda: ErrorRules.from_nesy("error label@m1(O) :- near(O, P).").flag(drawn(1, 10)[0]), "E577"),
        (lambda: ErrorRules.from_nesy("error label@m1(O) :- margin(label@m1(O)) < 1.").flag(drawn(1, 10)[0]), "E576"),
    ],
)
def test_mistakes_are_told(call: object, code: str) -> None:
    with pytest.raises(NesyError) as caught:
        call()  # type: ignore[operator]
    assert [found.code for found in caught.value.diagnostics] == [code]


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_a_short_number_lies_between(one: float, other: float) -> None:
    low, high = sorted((one, other))
    if low < high:
        found = short_between(low, high)
        assert low < found <= high
        assert float(repr(found)) == found


def test_thresholds_split_at_quantiles() -> None:
    found = thresholds(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 0.5, 0.6, 1.0]))
    assert [0.1 < found[0] <= 0.2, 0.2 < found[1] <= 0.3, 0.3 < found[2] <= 0.4] == [True] * 3
    assert thresholds(np.array([1.0, 2.0, 5.0]), np.array([0.5, 0.9]), whole=True) == [2, 5]
    assert thresholds(np.array([1.0, 1.0]), np.array([0.5])) == []
    assert short_between(0.41, 0.58) == 0.5
    assert short_between(-0.2, 0.3) == 0.0


def test_rules_are_joined_and_found_among_statements() -> None:
    program = parse("type t = 1..2.\nerror label@m1(O) :- label@m2(O) = 1.")
    found = rules_among(program.statements, "<text>")
    assert joined([found, found], "label").rules == (*found.rules, *found.rules)
