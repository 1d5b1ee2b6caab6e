"""Reading values from the text of data files: ``5``, ``red``, ``light red``, ``"light red"``, ``true``, ``(1,2)``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from nesy.dsl.checked import Domain
from nesy.dsl.values import Value, format_value

_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:\\.|[^"\\])*")|(?P<word>[^\s(),"]+)|(?P<mark>[(),]))\s*')
_ESCAPES = {"n": "\n"}
DEEPEST = 50
LONGEST = 1000
"""Python refuses to read whole numbers of some thousand digits."""


def read_values(text: str) -> tuple[Value, ...] | None:
    """The values of a list ``1,red,(2,3)``; None if it is not such a list."""
    tokens: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            return None
        assert match.lastgroup is not None
        tokens.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    try:
        values, rest = _values(tokens, 0, 0)
    except _MalformedError:
        return None
    return None if rest != len(tokens) else tuple(values)


class _MalformedError(Exception):
    """The tokens do not spell values."""


def _values(tokens: Sequence[tuple[str, str]], place: int, depth: int) -> tuple[list[Value], int]:
    found = []
    while True:
        value, place = _value(tokens, place, depth)
        found.append(value)
        if place >= len(tokens) or tokens[place] != ("mark", ","):
            return found, place
        place += 1


def _value(tokens: Sequence[tuple[str, str]], place: int, depth: int) -> tuple[Value, int]:
    if place >= len(tokens) or depth > DEEPEST:
        raise _MalformedError
    kind, text = tokens[place]
    if kind == "text":
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1]), place + 1
    if kind == "word":
        return read_word(text), place + 1
    if text != "(":
        raise _MalformedError
    items, place = _values(tokens, place + 1, depth + 1)
    if place >= len(tokens) or tokens[place] != ("mark", ")"):
        raise _MalformedError
    return (items[0] if len(items) == 1 else tuple(items)), place + 1


def read_word(word: str) -> Value:
    """``5`` is a number, ``true`` a truth value, everything else a name."""
    if word in ("true", "false"):
        return word == "true"
    digits = word.removeprefix("-")
    return int(word) if digits.isdecimal() and digits.isascii() and len(digits) <= LONGEST else word


class ValueTable:
    """Looks up the values of a domain by their text or as Python values."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._by_text = {format_value(value): place for place, value in enumerate(domain.values)}
        plain = {value: place for place, value in enumerate(domain.values) if isinstance(value, str)}
        self._by_text = plain | self._by_text

    def place(self, key: object) -> int | None:
        """Place on the value axis; None if ``key`` is no value of the domain."""
        if isinstance(key, str):
            if (found := self._by_text.get(key)) is not None:
                return found
            values = read_values(key)
            return self._by_text.get(format_value(values[0])) if values is not None and len(values) == 1 else None
        return self.domain.position(key) if is_value(key) else None

    @property
    def names(self) -> list[str]:
        """The values as text, for messages."""
        return [format_value(value) for value in self.domain.values]


class IndexTable:
    """Looks up the index tuples of an attribute by their text, ``1,2``, or as Python values."""

    def __init__(self, index: Sequence[tuple[Value, ...]]) -> None:
        self._by_text: Mapping[str, int] = {index_text(entry): place for place, entry in enumerate(index)}
        self._plain = {
            entry[0]: place for place, entry in enumerate(index) if len(entry) == 1 and isinstance(entry[0], str)
        }

    def place(self, key: object) -> int | None:
        """Place in the attribute's index; None if ``key`` is no index of it."""
        if isinstance(key, str):
            found = self._by_text.get(key, self._plain.get(key))
            if found is not None:
                return found
            values = read_values(key)
            if values is None:
                return None
            if len(values) == 1 and isinstance(values[0], tuple):
                return self._by_text.get(index_text(values), self._by_text.get(index_text(values[0])))
            return self._by_text.get(index_text(values))
        if not is_value(key):
            return None
        whole = self._by_text.get(index_text(key)) if isinstance(key, tuple) else None
        return whole if whole is not None else self._by_text.get(index_text((key,)))

    @property
    def names(self) -> list[str]:
        """The indices as text, for messages."""
        return list(self._by_text)


def index_text(entry: tuple[Value, ...]) -> str:
    """``1,2``: an index as evidence files write it."""
    return ",".join(map(format_value, entry))


def is_value(key: object) -> TypeGuard[Value]:
    """Whether a Python object is a value: a whole number, a text, a truth value, or a tuple of these."""
    if isinstance(key, tuple):
        return all(map(is_value, key))
    return isinstance(key, int | str)
