"""The bracket of an uncertain rule: ``[s = 0.1, r = 0.2]``, ``[learn r per K, J]``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from nesy.dsl.parsing.building import Part, as_term, refusal
from nesy.dsl.span import Span
from nesy.dsl.statements import Parameters
from nesy.dsl.syntax import Term

ParameterName: TypeAlias = Literal["s", "r"]

_HINT = "the parameters are s = …, r = …, learn, learn s, learn r, and 'per' with variables: [learn r per K]"


@dataclass(frozen=True, slots=True)
class ParameterPart:
    """What stands between two commas of the bracket."""

    parts: tuple[Part, ...]
    span: Span


@dataclass(slots=True)
class _Reading:
    """What has been read of a bracket so far."""

    values: dict[ParameterName, Term] = field(default_factory=dict)
    learn: list[ParameterName] = field(default_factory=list)
    per: list[str] = field(default_factory=list)
    after_per: bool = False
    after_learn: bool = False


def read_parameters(items: list[ParameterPart], span: Span) -> Parameters:
    """The parameters that the parts of a bracket set or leave to be learnt, each at most once."""
    reading = _Reading()
    for item in items:
        first = item.parts[0]
        if first.type == "LEARN":
            _read_learn(reading, item)
        elif first.type == "VARIABLE":
            _read_variable(reading, item)
        elif len(item.parts) == 1:
            if not reading.after_learn:
                raise refusal("E116", f"the parameter '{first}' has no value", item, _HINT)
            _add(reading, first, None)
        else:
            reading.after_learn = reading.after_per = False
            _add(reading, first, as_term(item.parts[2]))
    ordered: list[ParameterName] = [name for name in ("s", "r") if name in reading.learn]
    return Parameters(reading.values.get("s"), reading.values.get("r"), tuple(ordered), tuple(reading.per), span)


def _read_learn(reading: _Reading, item: ParameterPart) -> None:
    names = [part for part in item.parts if part.type == "NAME"]
    variables = [part for part in item.parts if part.type == "VARIABLE"]
    for name in names or ("s", "r"):
        _add(reading, name, None, item)
    reading.after_learn, reading.after_per = not variables, bool(variables)
    reading.per.extend(map(str, variables))


def _read_variable(reading: _Reading, item: ParameterPart) -> None:
    if not reading.after_per:
        raise refusal("E116", f"the variable {item.parts[0]} stands alone", item, _HINT)
    reading.per.append(str(item.parts[0]))


def _add(reading: _Reading, name: Part, value: Term | None, place: Part = None) -> None:
    """Note one parameter, with its value or as one to be learnt."""
    key: ParameterName
    if name == "s":
        key = "s"
    elif name == "r":
        key = "r"
    else:
        raise refusal("E116", f"unknown parameter '{name}'", name, _HINT)
    if key in reading.values or key in reading.learn:
        raise refusal("E116", f"the parameter {key} stands twice", place or name, "give each parameter once")
    if value is None:
        reading.learn.append(key)
    else:
        reading.values[key] = value
