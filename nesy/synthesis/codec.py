"""Frozen dataclasses as plain data (JSON) and back, by their own type annotations.

Fields that hold nothing, as is their default, are left out. What JSON lacks is spelled: infinite numbers as ``"inf"``
and ``"-inf"``, no number as ``"nan"``. Reading is strict: what is missing, unknown or of another type is one
:class:`ShapeError` with its place, as ``answers[0].posterior.mean``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from math import isfinite
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")
_PLAIN: dict[object, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
_NOTHING = (None, "", ())


@dataclass(frozen=True, slots=True)
class Most:
    """``Annotated[str, Most(600)]``: so many characters, or entries of a tuple, at most."""

    count: int


@dataclass(eq=False)
class ShapeError(Exception):
    """Data that is not of the shape of a record: where, and what is wrong there."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def plain(value: Any) -> Any:
    """A record as plain data."""
    if is_dataclass(value):
        held = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: plain(item) for field, item in held if item != field.default or item not in _NOTHING}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return str(value) if isinstance(value, StrEnum) else value


def read(kind: type[Record], data: object, place: str = "") -> Record:
    """The record of type ``kind`` that :func:`plain` wrote: ``read(type(r), plain(r)) == r``. :class:`ShapeError`."""
    found: Record = _value(kind, data, place)
    return found


def _value(kind: Any, data: object, place: str) -> Any:
    if kind is object:
        return data
    if kind is None or kind is type(None):
        return _expected(data is None, "nothing (null)", data, place, data)
    if get_origin(kind) is Annotated:
        return _bounded(*get_args(kind), data=data, place=place)
    if get_origin(kind) in (Union, UnionType):
        return _one_of(get_args(kind), data, place)
    if get_origin(kind) is tuple:
        return _items(get_args(kind), data, place)
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        _, item = get_args(kind)
        _expected(isinstance(data, dict), "an object", data, place)
        assert isinstance(data, dict)
        return {name: _value(item, held, _within(place, name)) for name, held in data.items()}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        found = {str(entry): entry for entry in kind}
        _expected(isinstance(data, str) and data in found, f"one of {', '.join(found)}", data, place)
        return found[str(data)]
    if is_dataclass(kind):
        return _record(kind, data, place)
    return _number(data, place) if kind is float else _scalar(kind, data, place)


def _record(kind: Any, data: object, place: str) -> Any:
    _expected(isinstance(data, dict), "an object", data, place)
    assert isinstance(data, dict)
    known = {field.name: field for field in fields(kind)}
    for name in data:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            near = f"; the nearest name is '{close[0]}'" if close else f"; known are {', '.join(known)}"
            raise ShapeError(_within(place, name), f"is unknown{near}")
    hints = hints_of(kind)
    held = {}
    for name, field in known.items():
        if name in data:
            held[name] = _value(hints[name], data[name], _within(place, name))
        elif field.default is MISSING:
            raise ShapeError(_within(place, name), "is missing")
    try:
        return kind(**held)
    except ValueError as error:
        raise ShapeError(place, str(error)) from None


def _one_of(kinds: tuple[Any, ...], data: object, place: str) -> Any:
    """The first of several types that fits; where one is ``None``, the message is that of the other."""
    if data is None and type(None) in kinds:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    for kind in others[:-1]:
        try:
            return _value(kind, data, place)
        except ShapeError:
            continue
    return _value(others[-1], data, place)


def _bounded(kind: Any, *marks: object, data: object, place: str) -> Any:
    found = _value(kind, data, place)
    for mark in marks:
        if isinstance(mark, Most) and len(found) > mark.count:
            what = "characters" if isinstance(found, str) else "entries"
            raise ShapeError(place, f"has {len(found)} {what}; at most {mark.count} are allowed")
    return found


def _items(kinds: tuple[Any, ...], data: object, place: str) -> tuple[Any, ...]:
    _expected(isinstance(data, list), "a list", data, place)
    assert isinstance(data, list)
    if len(kinds) == 2 and kinds[1] is ...:
        return tuple(_value(kinds[0], item, f"{place}[{number}]") for number, item in enumerate(data))
    _expected(len(data) == len(kinds), f"a list of {len(kinds)}", data, place)
    return tuple(
        _value(kind, item, f"{place}[{number}]") for number, (kind, item) in enumerate(zip(kinds, data, strict=True))
    )


def _number(data: object, place: str) -> float:
    if data in ("inf", "-inf", "nan"):
        return float(str(data))
    _expected(isinstance(data, int | float) and not isinstance(data, bool), "a number", data, place)
    assert isinstance(data, int | float)
    return float(data)


def _scalar(kind: Any, data: object, place: str) -> Any:
    fits = isinstance(data, kind) and (kind is bool or not isinstance(data, bool))
    return _expected(fits, _PLAIN[kind], data, place, data)


def _expected(holds: bool, wanted: str, data: object, place: str, found: Any = None) -> Any:
    if not holds:
        raise ShapeError(place, f"is {_shown(data)}; expected is {wanted}")
    return found


def _shown(data: object) -> str:
    match data:
        case dict():
            return "an object"
        case list():
            return f"a list of {len(data)}"
        case None:
            return "null"
        case _:
            text = repr(data)
            return text if len(text) <= 40 else f"{text[:37]}…"


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def hints_of(kind: Any) -> Mapping[str, Any]:
    """The types of a record's fields, with what they are annotated with."""
    return get_type_hints(kind, include_extras=True)
