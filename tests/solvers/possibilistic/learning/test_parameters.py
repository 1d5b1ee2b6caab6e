"""Parameters apart from their program: taken out, put back, written and read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.backend import Options
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.possibilistic import compile_model
from nesy.solvers.possibilistic.learning.parameter_files import from_json, to_json
from nesy.solvers.possibilistic.learning.parameters import Parameters, apply, parameters_of

PROGRAM = """
const n = 1.5.
const colour = red.
type place = {(1, x), (2, "y z")}.
percept a(place) : 0..2.
percept tint : {red, green}.
concept c(place) : 0..2.
concept v : bool.
concept w : bool.
c(P) = K iff a(P) = K [learn per K].
c(P) = K iff a(P) = K where P != (1, x) [s = n / 3, learn r].
if any c(_) = 2 and tint = colour then v [learn].
w iff tint = green [r = 0.3].
query v.
query w.
"""
degrees = st.floats(0, 1)


def model() -> GroundModel:
    return nesy.load(PROGRAM).ground()


def changed(parameters: Parameters, value: float) -> Parameters:
    """The same with other numbers."""
    rules = tuple(
        replace(
            rule,
            pairs=tuple(
                replace(
                    pair,
                    s=None if pair.s is None else value,
                    r=None if pair.r is None else value / (2 + number),
                )
                for number, pair in enumerate(rule.pairs)
            ),
        )
        for rule in parameters.rules
    )
    return replace(parameters, rules=rules)


def test_pairs_are_told_apart_by_what_is_shared() -> None:
    found = parameters_of(model())
    shared, own, single = found.rules
    assert (shared.line, shared.concept, shared.learn, shared.variables) == (10, "c", ("s", "r"), ("K",))
    assert [(pair.values, pair.s, pair.r) for pair in shared.pairs] == [((k,), 0.0, 0.0) for k in range(3)]
    assert (own.learn, own.variables) == (("r",), ("P", "K"))
    assert [pair.values for pair in own.pairs] == [((2, "y z"), k) for k in range(3)]
    assert all(pair.s is None for pair in own.pairs)
    assert [(pair.values, pair.s, pair.r) for pair in single.pairs] == [((), 1.0, 0.0)]
    assert found.name == "<text>"


def test_all_rules_or_those_marked() -> None:
    everything = parameters_of(model(), every=True)
    assert [rule.learn for rule in everything.rules] == [("s", "r"), ("r",), ("s", "r"), ("s", "r")]
    assert everything.rules[-1].pairs[0].r == 0.3
    assert everything.hash != parameters_of(model()).hash
    assert apply(model(), everything) == model()


def test_nothing_changes_where_parameters_are_those_of_the_file() -> None:
    assert apply(model(), parameters_of(model())) == model()


def test_parameters_go_where_they_belong() -> None:
    found = apply(model(), changed(parameters_of(model()), 0.5))
    by_line: dict[int, list[tuple[float, float]]] = {}
    for rule in found.uncertain:
        by_line.setdefault(rule.origin.span.line, []).append((rule.s, rule.r))
    assert by_line[10] == [(0.5, 0.25), (0.5, 0.5 / 3), (0.5, 0.125)] * 2
    assert by_line[11] == [(0.5, 0.25), (0.5, 0.5 / 3), (0.5, 0.125)]  # s = n / 3 stays
    assert by_line[12] == [(0.5, 0.25)]
    assert by_line[13] == [(0.0, 0.3)]


@given(st.lists(degrees, min_size=8, max_size=8))
def test_files_keep_every_digit(numbers: list[float]) -> None:
    before = parameters_of(model())
    queue = iter(numbers)
    rules = [
        replace(rule, pairs=tuple(replace(pair, r=next(queue)) for pair in rule.pairs[:2])) for rule in before.rules
    ]
    after = replace(before, rules=tuple(rules))
    assert from_json(to_json(after)) == after


def test_equal_statements_have_their_own_parameters() -> None:
    text = "percept a : bool. concept v : bool.\nv iff a [learn].\nv iff a [learn].\nquery v."
    ground = nesy.load(text).ground()
    found = replace(ground, uncertain=tuple(replace(rule, r=0.1 * i) for i, rule in enumerate(ground.uncertain, 1)))
    parameters = from_json(to_json(parameters_of(found)))
    assert [rule.pairs[0].r for rule in parameters.rules] == [0.1, 0.2]
    assert apply(ground, parameters) == found


def test_the_engine_takes_them() -> None:
    text = "percept a : bool. concept v : bool. v iff a [learn]. query v."
    ground = nesy.load(text).ground()
    parameters = changed(parameters_of(ground), 0.5)
    engine = compile_model(ground, Options(parameters=parameters))
    assert [(rule.s, rule.r) for rule in engine.model.uncertain] == [(0.5, 0.25)]
    assert "max(0.5, λ1)" in engine.listing()
    assert ground.uncertain[0].s == 0.0


def test_rules_that_were_not_needed_have_no_parameters() -> None:
    text = "percept a : 0..1. concept v : bool. concept w : bool. v iff a = 1 [learn].\nw iff a = 0 [learn].\nquery v."
    program = nesy.load(text)
    parameters = parameters_of(program.ground())
    assert [len(rule.pairs) for rule in parameters.rules] == [1, 0]
    assert from_json(to_json(parameters)) == parameters
    assert apply(program.ground(["v"]), parameters).uncertain
    with pytest.raises(NesyError) as caught:
        apply(program.ground(["w"]), parameters)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("E562", 2)
    assert found.message == "there are no parameters for this rule"


def test_other_facts_need_parameters_for_their_rules() -> None:
    text = (
        "type node. relation edge(node, node). percept a(X, Y) : bool for edge(X, Y). concept v(X, Y) : bool "
        "for edge(X, Y). v(X, Y) iff a(X, Y) [learn]. query v(_, _)."
    )
    parameters = parameters_of(nesy.load(text, facts={"edge": [("a", "b"), ("b", "c")]}).ground())
    fewer = nesy.load(text, facts={"edge": [("b", "c")]}).ground()
    assert len(apply(fewer, parameters).uncertain) == 1
    with pytest.raises(NesyError) as caught:
        apply(nesy.load(text, facts={"edge": [("a", "b"), ("c", "a"), ("c", "d")]}).ground(), parameters)
    (found,) = caught.value.diagnostics
    assert found.message == "there are no parameters for this rule with X = c, Y = a, nor for 1 more instance of it"


# ----- files


def test_a_file_reads_well(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    parameters_of(nesy.load("percept a : bool. concept v : bool.\nv iff a [learn]. query v.").ground()).save(path)
    text = path.read_text()
    data = json.loads(text)
    assert data["format"] == "nesy parameters 1"
    assert set(data["program"]["attributes"]) == {"concept v : bool", "percept a : bool"}
    assert '      {"for": [], "s": 0.0, "r": 0.0}\n' in text
    assert [entry.name for entry in tmp_path.iterdir()] == ["p.json"]
    assert Parameters.load(path).place == str(path)


def test_files_that_cannot_be_written_or_read(tmp_path: Path) -> None:
    parameters = parameters_of(model())
    with pytest.raises(NesyError, match="E430"):
        parameters.save(tmp_path / "no" / "p.json")
    with pytest.raises(NesyError, match="E415"):
        Parameters.load(tmp_path / "p.json")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe")
    with pytest.raises(NesyError, match="E560"):
        Parameters.load(tmp_path / "b.json")


def refusal(text: str) -> tuple[str, str, str]:
    with pytest.raises(NesyError) as caught:
        from_json(text, "p.json")
    found = caught.value.diagnostics[0]
    assert found.hint
    return found.code, found.message, found.place


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("{", "this is not JSON: Expecting property name enclosed in double quotes", "p.json:1:2"),
        ("", "this is not JSON: Expecting value", "p.json:1:1"),
        ("[]", "this is no parameter file", "p.json"),
        ('{"y": "8"}', "this is no parameter file", "p.json"),
        (
            '{"format": "nesy parameters 7"}',
            'the format of this file is "nesy parameters 7", expected is "nesy parameters 1"',
            "p.json",
        ),
        ("[" * 100_000, "this JSON cannot be read", "p.json"),
    ],
)
def test_what_is_no_parameter_file(text: str, message: str, place: str) -> None:
    code, found, where = refusal(text)
    assert (code, where) == ("E560", place)
    assert found.startswith(message)


def data() -> Any:
    return json.loads(to_json(parameters_of(model())))


def with_change(*keys: str | int, value: object) -> str:
    """The file with one part replaced, or taken out where ``value`` is ``...``."""
    whole = data()
    part = whole
    for key in keys[:-1]:
        part = part[key]
    if value is ...:
        del part[keys[-1]]
    else:
        part[keys[-1]] = value
    return json.dumps(whole)


FIRST = ("rules", 0, "parameters", 1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "s = 1.5 is not between 0 and 1"),
        (-0.1, "s = -0.1 is not between 0 and 1"),
        (float("nan"), "s = nan is not between 0 and 1"),
        (float("inf"), "s = Infinity is not between 0 and 1"),
        ("0.1", 's = "0.1" is no number'),
        (True, "s = true is no number"),
        (None, "s = null is no number"),
    ],
)
def test_numbers_that_are_no_degrees(value: object, message: str) -> None:
    assert refusal(with_change(*FIRST, "s", value=value)) == ("E563", message, "p.json, rule of line 10, K = 1")


def test_all_wrong_numbers_are_told() -> None:
    text = to_json(parameters_of(model())).replace('"r": 0.0', '"r": 2')
    with pytest.raises(NesyError) as caught:
        from_json(text)
    assert [entry.code for entry in caught.value.diagnostics] == ["E563"] * 7


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        ((*FIRST, "r"), ..., "the key 'r' is missing"),
        ((*FIRST, "t"), 0.1, "unknown key 't'"),
        (("rules", 1, "parameters", 0, "s"), 0.1, "unknown key 's'"),
        (("rules",), ..., "the key 'rules' is missing"),
        (("rule",), [], "unknown key 'rule'"),
        (("program", "hash"), ..., "the key 'hash' is missing"),
        (("program",), 3, "3 stands where an object with name, hash, every, constants, attributes is expected"),
        (("program", "constants"), [], "[] stands where an object of constants is expected"),
        (("program", "every"), 0, "0 stands where true or false is expected"),
        (("rules", 0, "line"), True, "true stands where a line number is expected"),
        (("rules", 0, "learn"), ["r", "s"], '["r", "s"] stands where ["s"], ["r"] or ["s", "r"] is expected'),
        (("rules", 0, "parameters"), {}, "{} stands where a list is expected"),
        (FIRST, 0.5, '0.5 stands where an object {"for": […], "s": …, "r": …} is expected'),
        ((*FIRST, "for"), [], "[] stands where a list of values of K is expected"),
        ((*FIRST, "for"), [0], "the parameters for K = 0 are given twice"),
        ((*FIRST, "for"), [0.5], "0.5 stands where a whole number, a text, true, false or a list of such is expected"),
    ],
)
def test_another_form(keys: tuple[str | int, ...], value: object, message: str) -> None:
    code, found, place = refusal(with_change(*keys, value=value))
    assert (code, found) == ("E564", message)
    assert place.startswith("p.json")


def test_keys_that_stand_twice() -> None:
    assert refusal('{"format": 1, "format": 2}')[:2] == ("E564", "the key 'format' is given twice in one object")


def test_what_the_file_says_about_its_program_is_held_together() -> None:
    assert refusal(with_change("program", "constants", "n", value=2.0))[0] == "E560"
    statement = with_change("rules", 0, "statement", value="v iff a [learn].")
    assert refusal(statement)[2] == "p.json, program, hash"


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=3), lambda x: st.lists(x, max_size=3)))
def test_whatever_stands_anywhere_is_told(value: object) -> None:
    for keys in (("rules",), ("rules", 0), ("rules", 0, "parameters"), FIRST, (*FIRST, "s"), ("program",), ("format",)):
        assert told(with_change(*keys, value=value)) <= {"E560", "E563", "E564"}


def told(text: str) -> set[str]:
    try:
        from_json(text)
    except NesyError as error:
        return {entry.code for entry in error.diagnostics}
    return set()
