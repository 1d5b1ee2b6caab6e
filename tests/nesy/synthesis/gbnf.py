"""A recogniser of the part of GBNF (the grammars of llama.cpp) that replies are held to, for tests.

It follows the set of places that are reached, so that it needs no look-ahead; grammars must not be left-recursive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TOKEN = re.compile(
    r'\s*(?:(?P<literal>"(?:\\.|[^"\\])*")|(?P<kind>\[(?:\\.|[^\]\\])*\])|(?P<name>[a-z][a-z-]*)|(?P<sign>[|()*?]|\{\d+,\d+\}))'
)


@dataclass
class Grammar:
    """The rules by name; each is a list of alternatives of (piece, least, most)."""

    text: str
    rules: dict[str, list[list[tuple[object, int, int]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.text.strip().splitlines():
            name, body = line.split(" ::= ")
            tokens = list(tokens_of(body))
            self.rules[name] = alternatives(tokens)
            assert not tokens, line

    def accepts(self, text: str) -> bool:
        return len(text) in self._ends(("name", "root"), text, {0})

    def _ends(self, piece: object, text: str, starts: set[int]) -> set[int]:
        match piece:
            case ("literal", str(said)):
                return {place + len(said) for place in starts if text.startswith(said, place)}
            case ("kind", str(expression)):
                return {place + 1 for place in starts if re.match(expression, text[place : place + 1])}
            case ("name", str(name)):
                return self._any(self.rules[name], text, starts)
            case list():
                return self._any(piece, text, starts)
        raise AssertionError(piece)

    def _any(self, options: list[list[tuple[object, int, int]]], text: str, starts: set[int]) -> set[int]:
        found: set[int] = set()
        for sequence in options:
            places = starts
            for piece, least, most in sequence:
                places = self._repeated(piece, least, most, text, places)
            found |= places
        return found

    def _repeated(self, piece: object, least: int, most: int, text: str, places: set[int]) -> set[int]:
        found = set(places) if least == 0 else set()
        for count in range(1, most + 1):
            places = self._ends(piece, text, places) - (found if count > least else set())
            if not places:
                break
            if count >= least:
                found |= places
        return found


def tokens_of(body: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(body.rstrip()):
        found = TOKEN.match(body, place)
        assert found, body[place:]
        kind = str(found.lastgroup)
        said = found[kind]
        yield kind, said[1:-1].replace('\\"', '"').replace("\\\\", "\\") if kind == "literal" else said
        place = found.end()


def alternatives(tokens: list[tuple[str, str]]) -> list[list[tuple[object, int, int]]]:
    """The alternatives up to a closing parenthesis or the end; what is read is taken off ``tokens``."""
    found: list[list[tuple[object, int, int]]] = [[]]
    while tokens and tokens[0] != ("sign", ")"):
        token = tokens.pop(0)
        if token == ("sign", "|"):
            found.append([])
            continue
        piece: object = token
        if token == ("sign", "("):
            piece = alternatives(tokens)
            assert tokens.pop(0) == ("sign", ")")
        found[-1].append((piece, *times(tokens)))
    return found


def times(tokens: list[tuple[str, str]]) -> tuple[int, int]:
    match tokens[0] if tokens else None:
        case ("sign", "*"):
            least, most = 0, 1_000_000
        case ("sign", "?"):
            least, most = 0, 1
        case ("sign", str(sign)) if sign.startswith("{"):
            least, most = map(int, sign[1:-1].split(","))
        case _:
            return 1, 1
    tokens.pop(0)
    return least, most
