"""Where error rules hold: array by array, through gringo, and by the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nesy
from nesy.abduction.error_rules.columns import NotVectorisedError
from nesy.abduction.error_rules.flagging import flags_of
from nesy.abduction.error_rules.grounded import holds_of
from nesy.abduction.error_rules.surroundings import Reading, Surroundings
from nesy.abduction.error_rules.vectorised import holds
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.statements import ErrorRule
from tests.effort import tries
from tests.nesy.abduction.error_rules.drawn import drawn

SIZE = 7
PROGRAM = f"""
type object = {{{", ".join(f"o{place}" for place in range(SIZE))}}}.
type class = {{car, bus, truck}}.
percept label(object) : class from m1, m2.
percept air(object) : {{fog, clear}}.
percept glare(object) : bool.
percept season : {{winter, summer}}.
relation light(object, real).
relation lane(object, int).
relation sky(object, {{fog, "clear sky"}}).
relation width(object, {{m1, m2}}, real).
relation limit(object, real).
relation near(object, object).
near(o0, o1). near(o1, o2). near(o3, o3). near(o5, o4).
limit(o1, 0.5). limit(o2, 0.25).
night(o1). night(o4).
twice(O) :- near(O, P), label@m2(P) = bus.
const low = 0.4.
"""


def surroundings(seed: int = 3) -> Surroundings:
    predictions, _ = drawn(seed, SIZE, whole=True)
    rng = np.random.default_rng(seed)
    others = {
        "air": Reading(("fog", "clear"), rng.integers(-1, 2, SIZE), rng.random(SIZE).round(2)),
        "glare": Reading((False, True), rng.integers(-1, 2, SIZE), rng.random(SIZE).round(2)),
        "season": Reading(("winter", "summer"), np.full(SIZE, 1), np.full(SIZE, 0.75)),
    }
    index = tuple((name,) for name in predictions.objects)
    facts = {
        ("night", 1): frozenset({("o1",), ("o4",)}),
        ("near", 2): frozenset({("o0", "o1"), ("o1", "o2"), ("o3", "o3"), ("o5", "o4")}),
    }
    return Surroundings("label", predictions, index, None, others, facts, nesy.load(PROGRAM).checked)


AROUND = surroundings()


def rules(*texts: str) -> list[ErrorRule]:
    program = nesy.load(PROGRAM + "\n".join(texts))
    return [statement for statement in program.checked.program.statements if isinstance(statement, ErrorRule)]


LOCAL = [
    "label@m1(O) = bus, confidence(label@m1(O)) < 0.6",
    "label@m2(O) != bus",
    "not label@m2(O) = bus",
    "label@m2(O) = label@m1(O)",
    "label@m2(O) in {bus, car}",
    "label@m2(O) not in {bus, car}",
    "light(O, B), B < low",
    "B <= confidence(label@m2(O)), light(O, B), not night(O)",
    "confidence(label@m1(O)) - confidence(label@m2(O)) > 0.1 or night(O)",
    "lane(O, L), L > 2, not (air(O) = fog or confidence(label@m1(O)) >= 0.5)",
    "X = confidence(label@m1(O)), X > 0.5, lane(O, L), X < L * 0.2",
    "margin(label@m1(O)) < 0.2",
    "confidence(label@m2(O)) = 0",
    "lane(O, 2)",
    'sky(O, "clear sky"), glare(O)',
    "not glare(O)",
    "not sky(O, fog)",
    "season = summer, confidence(season) >= 0.75",
    "width(O, m1, W), W >= 0.5",
    "lane(O, L), L = 2 * (L - 1)",
    "lane(O, L), -L >= 1",
    "night(O)",
    "lane(O, L), light(O, B), L * B > confidence(air(O))",
    "O = o3 or O = o4",
    "limit(O, B), confidence(label@m1(O)) > B",
]


@pytest.mark.parametrize("body", LOCAL)
def test_arrays_and_gringo_agree(body: str) -> None:
    (rule,) = rules(f"error label@m1(O) :- {body}.")
    grounded = holds_of([rule], AROUND)[0]
    try:
        assert (holds(rule, AROUND) == grounded).all()
    except NotVectorisedError:
        assert "limit" in body


LITERALS = st.one_of(
    st.builds(
        "{}({}@{}(O)) {} {}".format,
        st.sampled_from(["confidence", "margin"]),
        st.just("label"),
        st.sampled_from(["m1", "m2"]),
        st.sampled_from(["<", "<=", ">", ">=", "=", "!="]),
        st.sampled_from(["0", "0.4", "0.5", "0.61", "low", "confidence(label@m1(O))", "1 - confidence(air(O))"]),
    ),
    st.builds(
        "label@{}(O) {} {}".format,
        st.sampled_from(["m1", "m2"]),
        st.sampled_from(["=", "!="]),
        st.sampled_from(["car", "bus", "label@m1(O)", "label@m2(O)"]),
    ),
    st.sampled_from(["night(O)", "glare(O)", "air(O) = fog", "sky(O, fog)", "label@m2(O) in {car, truck}"]),
)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """A body with ``and``, ``or`` and ``not``."""

    def formula(depth: int) -> str:
        if depth == 0 or draw(st.booleans()):
            return draw(LITERALS)
        kind = draw(st.sampled_from(["and", "or", "not"]))
        if kind == "not":
            return f"not ({formula(depth - 1)})"
        return f"({formula(depth - 1)} {kind} {formula(depth - 1)})"

    return ", ".join(formula(2) for _ in range(draw(st.integers(1, 2))))


@settings(max_examples=tries(8), deadline=None)
@given(st.lists(bodies(), min_size=8, max_size=8))
def test_generated_bodies_agree(texts: list[str]) -> None:
    found = rules(*(f"error label@m1(O) :- {body}." for body in texts))
    for rule, grounded in zip(found, holds_of(found, AROUND), strict=True):
        assert (holds(rule, AROUND) == grounded).all()


def test_joins_aggregates_and_quantifiers() -> None:
    labels = AROUND.predictions.labels
    confidence = AROUND.predictions.confidence
    bus = labels[:, 1] == 1
    near = {0: 1, 1: 2, 3: 3, 5: 4}
    cases = {
        "twice(O)": [place in near and bus[near[place]] for place in range(SIZE)],
        "near(O, P), confidence(label@m1(P)) > confidence(label@m1(O))": [
            place in near and confidence[near[place], 0] > confidence[place, 0] for place in range(SIZE)
        ],
        "all label@m2(P) = bus for near(O, P)": [place not in near or bus[near[place]] for place in range(SIZE)],
        "not any label@m2(P) = bus for near(O, P)": [
            place not in near or not bus[near[place]] for place in range(SIZE)
        ],
        "all label@m2(_) != bus": [not bus.any() and (labels[:, 1] >= 0).all()] * SIZE,
        "count { P : label@m2(P) = bus, P != O } > 1": [bus.sum() - bus[place] > 1 for place in range(SIZE)],
        "near(O, P), label@m2(P) = label@m1(O)": [
            place in near and labels[near[place], 1] == labels[place, 0] >= 0 for place in range(SIZE)
        ],
    }
    found = rules(*(f"error label@m1(O) :- {body}." for body in cases))
    for rule, expected, mask in zip(found, cases.values(), holds_of(found, AROUND), strict=True):
        with pytest.raises(NotVectorisedError):
            holds(rule, AROUND)
        assert mask.tolist() == list(map(bool, expected))


def test_a_rule_for_one_object_and_one_that_always_holds() -> None:
    one, every = rules("error label@m2(o3) :- confidence(label@m2(o3)) < 2.", "error label@m1(O).")
    assert flags_of([one, every], AROUND)[0].tolist() == [3]
    assert flags_of([one, every], AROUND)[1].tolist() == np.flatnonzero(AROUND.predictions.labels[:, 0] >= 0).tolist()


def test_instances_are_evaluated_apart() -> None:
    twice, _ = drawn(5, 2 * SIZE)
    index = tuple((f"o{place % SIZE}",) for place in range(2 * SIZE))
    instances = np.arange(2 * SIZE) // SIZE
    around = Surroundings("label", twice, index, instances, {}, {}, AROUND.checked)
    (rule,) = rules("error label@m1(O) :- near(O, P), label@m2(P) = bus.")
    bus = twice.labels[:, 1] == 1
    near = {0: 1, 1: 2, 3: 3, 5: 4}
    expected = [
        place
        for place in range(2 * SIZE)
        if place % SIZE in near and bus[place // SIZE * SIZE + near[place % SIZE]] and twice.labels[place, 0] >= 0
    ]
    assert flags_of([rule], around)[0].tolist() == expected


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("error label@m1(O) :- label(O) = bus.", "E577"),
        ("error label@m1(O) :- kind(O) = bus.", "E577"),
        ("error label@m1(O) :- picked(O).", "E577"),
        ("error label@m1(O) :- near(O, P), light(P, 0.5).", "E577"),
        ("error label@m1(O) :- near(O, P), sum { B, P : light(P, B) } > 0.5.", "E577"),
        ("error label@m1(O) :- margin(air(O)) < 0.5.", "E576"),
        ("error air@m1(O) :- air@m1(O) = fog.", "E573"),
    ],
)
def test_what_cannot_be_evaluated_is_told(statement: str, code: str) -> None:
    more = "concept kind(object) : class.\n{ picked(O) : object(O) } 2.\nkind(O) = V iff label(O) = V.\n"
    text = PROGRAM.replace("percept air(object) : {fog, clear}.", "percept air(object) : {fog, clear} from m1, m2.")
    text = text if "air@" in statement else PROGRAM
    checked = nesy.load(text + more + statement).checked
    (rule,) = [entry for entry in checked.program.statements if isinstance(entry, ErrorRule)]
    around = Surroundings("label", AROUND.predictions, AROUND.index, None, AROUND.others, AROUND.facts, checked)
    with pytest.raises(NesyError) as caught:
        flags_of([rule], around)
    assert [found.code for found in caught.value.diagnostics] == [code]


def test_an_unknown_model_is_told_with_the_nearest() -> None:
    checked = nesy.load(PROGRAM.replace("m1, m2.", "m1, m2, m22.") + "error label@m22(O) :- night(O).").checked
    rule = checked.program.statements[-1]
    assert isinstance(rule, ErrorRule)
    with pytest.raises(NesyError) as caught:
        flags_of([rule], AROUND)
    (found,) = caught.value.diagnostics
    assert (found.code, found.hint) == ("E573", "the nearest known name is 'm2'")
