"""Parameters as JSON: readable, one pair a line, and checked in every part when they are read.

{
  "format": "nesy parameters 1",
  "program": {"name": "triage.nesy", "hash": "…", "every": false, "constants": {"n": 4},
              "attributes": ["concept y : 0..9", …]},
  "rules": [
    {"line": 7, "statement": "y = K iff d = K [learn].", "concept": "y", "learn": ["s", "r"], "variables": ["K"],
     "parameters": [
      {"for": [0], "s": 0.1, "r": 0.25},
      …
]}]}
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean, reason_of
from nesy.dsl.files import replace_file
from nesy.dsl.values import Value, format_value
from nesy.solvers.answer import json_value
from nesy.solvers.possibilistic.learning.identity import Identity
from nesy.solvers.possibilistic.learning.parameters import BOTH, Name, Pair, Parameters, RuleParameters

FORMAT = "nesy parameters 1"
ANEW = "write the file anew with 'nesy learn'"

# ----- writing


def save(parameters: Parameters, path: str | Path) -> None:
    """Write ``parameters`` to a file, completely or not at all; E430."""
    data = to_json(parameters).encode()
    try:
        replace_file(path, lambda stream: stream.write(data))
    except (OSError, ValueError) as error:
        message = f"the file cannot be written: {reason_of(error)}"
        raise NesyError(Diagnostic("E430", message, hint="check the folder and its rights", place=str(path))) from None


def to_json(parameters: Parameters) -> str:
    """The text of a parameter file."""
    identity = parameters.identity
    program = {
        "name": parameters.name,
        "hash": identity.hash,
        "every": identity.every,
        "constants": {
            name: json_value(value) if isinstance(value, tuple) else value for name, value in identity.constants
        },
        "attributes": list(identity.attributes),
    }
    head = f'{{\n  "format": {_text(FORMAT)},\n  "program": {_block(program)},\n  "rules": ['
    rules = ",".join(map(_rule_text, parameters.rules))
    return f"{head}{rules}\n  ]\n}}\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _block(program: Mapping[str, object]) -> str:
    return "{\n    " + ",\n    ".join(f"{_text(key)}: {_text(value)}" for key, value in program.items()) + "\n  }"


def _rule_text(rule: RuleParameters) -> str:
    head = {
        "line": rule.line,
        "statement": rule.statement,
        "concept": rule.concept,
        "learn": list(rule.learn),
        "variables": list(rule.variables),
    }
    start = _text(head).removesuffix("}") + ', "parameters": ['
    if not rule.pairs:
        return f"\n    {start}]}}"
    pairs = ",".join(f"\n      {_pair_text(pair)}" for pair in rule.pairs)
    return f"\n    {start}{pairs}\n    ]}}"


def _pair_text(pair: Pair) -> str:
    degrees = {name: value for name, value in (("s", pair.s), ("r", pair.r)) if value is not None}
    return _text({"for": json_value(pair.values), **degrees})


# ----- reading


def load(path: str | Path) -> Parameters:
    """The parameters in a file: E415 unreadable, otherwise as :func:`from_json`."""
    place = str(path)
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse("E560", f"the file is no text in UTF-8: byte {error.start} cannot be read", ANEW, place)
    except (OSError, ValueError) as error:
        _refuse("E415", f"the file cannot be read: {reason_of(error)}", "check the path", place)
    return from_json(text, place)


def from_json(text: str, place: str = "parameters") -> Parameters:
    """The parameters in the text of a file; ``place`` names it in messages.

    Raises :class:`NesyError`: E560 no JSON or another kind of file, E563 a parameter that is no number between 0 and
    1, E564 a key that is missing, unknown or given twice.
    """
    try:
        data = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        _refuse("E560", f"this is not JSON: {error.msg}", ANEW, f"{place}:{error.lineno}:{error.colno}")
    except _TwiceError as error:
        _refuse("E564", f"the key '{error}' is given twice in one object", "keep one of the two", place)
    except (ValueError, RecursionError) as error:
        _refuse("E560", f"this JSON cannot be read: {reason_of(error)}", ANEW, place)
    if not isinstance(data, dict) or "format" not in data:
        _refuse("E560", "this is no parameter file", "parameter files are written by 'nesy learn … -o FILE'", place)
    if data["format"] != FORMAT:
        message = f"the format of this file is {_shown(data['format'])}, expected is {_shown(FORMAT)}"
        _refuse("E560", message, ANEW, place)
    return _Reader(place).parameters(data)


class _TwiceError(Exception):
    """A key that an object has twice."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def _refuse(code: str, message: str, hint: str, place: str) -> NoReturn:
    raise NesyError(Diagnostic(code, message, hint=hint, place=place)) from None


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except ValueError:
        text = "a number with thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}…"


class _Reader:
    """Reads the parts of a file; numbers that are no degrees are gathered, what has another form ends reading."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.problems: list[Diagnostic] = []

    def parameters(self, data: Mapping[str, object]) -> Parameters:
        self._keys(data, ("format", "program", "rules"), self.place)
        program = self._object(data["program"], ("name", "hash", "every", "constants", "attributes"), "program")
        rules = tuple(self._rule(entry, number) for number, entry in enumerate(self._list(data["rules"], "rules")))
        if self.problems:
            raise NesyError(self.problems)
        where = f"{self.place}, program"
        constants = program["constants"]
        if not isinstance(constants, dict):
            self._wrong(constants, "an object of constants", f"{where}, constants")
        identity = Identity(
            tuple((name, self._constant(value, f"{where}, {name}")) for name, value in sorted(constants.items())),
            tuple(self._strings(program["attributes"], f"{where}, attributes")),
            tuple(rule.statement for rule in rules),
            self._typed(program["every"], bool, "true or false", f"{where}, every"),
        )
        name = self._typed(program["name"], str, "a text", f"{where}, name")
        if program["hash"] != identity.hash:
            message = "the hash of the program does not fit what the file says about it: it was changed by hand"
            _refuse("E560", message, f"only the numbers s and r may be changed; {ANEW}", f"{where}, hash")
        return Parameters(identity, rules, name, self.place)

    def _rule(self, entry: object, number: int) -> RuleParameters:
        where = f"rules[{number}]"
        data = self._object(entry, ("line", "statement", "concept", "learn", "variables", "parameters"), where)
        where = f"{self.place}, {where}"
        line = self._typed(data["line"], int, "a line number", f"{where}, line")
        learn = tuple(self._strings(data["learn"], f"{where}, learn"))
        if not learn or learn != tuple(name for name in BOTH if name in learn):
            self._wrong(list(learn), '["s"], ["r"] or ["s", "r"]', f"{where}, learn")
        variables = tuple(self._strings(data["variables"], f"{where}, variables"))
        where = f"{self.place}, rule of line {line}"
        pairs: dict[tuple[Value, ...], Pair] = {}
        for place, item in enumerate(self._list(data["parameters"], f"rule of line {line}, parameters")):
            pair = self._pair(item, place, cast("tuple[Name, ...]", learn), variables, where)
            if pair.values in pairs:
                shown = _bindings(variables, pair.values).replace(",", " for", 1)
                _refuse("E564", f"the parameters{shown} are given twice", "keep one of the two", where)
            pairs[pair.values] = pair
        return RuleParameters(
            self._typed(data["statement"], str, "a text", f"{where}, statement"),
            line,
            self._typed(data["concept"], str, "a text", f"{where}, concept"),
            cast("tuple[Name, ...]", learn),
            variables,
            tuple(pairs.values()),
        )

    def _pair(
        self, entry: object, number: int, learn: tuple[Name, ...], variables: tuple[str, ...], where: str
    ) -> Pair:
        if not isinstance(entry, dict):
            self._wrong(entry, 'an object {"for": […], "s": …, "r": …}', f"{where}, parameters[{number}]")
        self._keys(entry, ("for", *learn), f"{where}, parameters[{number}]")
        values = self._values(entry["for"], f"{where}, parameters[{number}], for")
        if len(values) != len(variables):
            wanted = f"a list of values of {', '.join(variables)}" if variables else "an empty list"
            self._wrong(entry["for"], wanted, f"{where}, parameters[{number}], for")
        where += _bindings(variables, values)
        degrees = {name: self._degree(entry[name], name, where) for name in learn}
        return Pair(values, degrees.get("s"), degrees.get("r"))

    def _degree(self, value: object, name: str, where: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return float(value)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        shown = "nan" if isinstance(value, float) and math.isnan(value) else _shown(value)
        message = f"{name} = {shown} is {'not between 0 and 1' if number else 'no number'}"
        hint = "s and r are degrees of possibility: 0 says that the rule never fails, 1 that it says nothing"
        self.problems.append(Diagnostic("E563", message, hint=hint, place=where))
        return 0.0

    # ----- forms

    def _object(self, value: object, keys: Sequence[str], where: str) -> Mapping[str, Any]:
        where = f"{self.place}, {where}"
        if not isinstance(value, dict):
            self._wrong(value, f"an object with {', '.join(keys)}", where)
        self._keys(value, keys, where)
        return value

    def _keys(self, data: Mapping[str, object], keys: Sequence[str], where: str) -> None:
        for key in data:
            if key not in keys:
                hint = did_you_mean(key, keys) or f"the keys are {', '.join(keys)}"
                _refuse("E564", f"unknown key '{key}'", hint, where)
        for key in keys:
            if key not in data:
                _refuse("E564", f"the key '{key}' is missing", ANEW, where)

    def _list(self, value: object, where: str) -> list[object]:
        if not isinstance(value, list):
            self._wrong(value, "a list", f"{self.place}, {where}")
        return value

    def _strings(self, value: object, where: str) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._wrong(value, "a list of texts", where)
        return value

    def _typed(self, value: object, kind: type[Any], wanted: str, where: str) -> Any:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._wrong(value, wanted, where)
        return value

    def _constant(self, value: object, where: str) -> Value | float:
        return value if isinstance(value, float) else self._value(value, where)

    def _values(self, value: object, where: str) -> tuple[Value, ...]:
        if not isinstance(value, list):
            self._wrong(value, "a list of values", where)
        return tuple(self._value(item, where) for item in value)

    def _value(self, value: object, where: str) -> Value:
        """A list stands for a tuple."""
        if isinstance(value, list):
            return tuple(self._value(item, where) for item in value)
        if not isinstance(value, int | str):
            self._wrong(value, "a whole number, a text, true, false or a list of such", where)
        return value

    def _wrong(self, value: object, wanted: str, where: str) -> NoReturn:
        _refuse("E564", f"{_shown(value)} stands where {wanted} is expected", ANEW, where)


def _bindings(variables: Iterable[str], values: Iterable[Value]) -> str:
    """``, K = 3``: for the end of a place."""
    return "".join(f", {name} = {format_value(value)}" for name, value in zip(variables, values, strict=False))
