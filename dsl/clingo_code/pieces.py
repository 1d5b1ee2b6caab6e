"""A rule of clingo's language in pieces, as text: what it concludes, and from which atoms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from nesy.dsl.clingo_code.literals import braces, split, strict_atom
from nesy.dsl.clingo_code.tokens import Token, Tokens, joined


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One atom of a head; ``condition`` are the literals behind its colon, ``positive`` the atoms among them.

    ``sure``: the rule leaves no choice.
    """

    atom: str
    condition: tuple[str, ...]
    positive: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Pieces:
    """``conclusions`` and ``body``, all literals as text.

    Of these, ``positive`` are the atoms that have to hold and ``negative`` those that must not. Anonymous variables of
    positive atoms have names, so that the atoms can stand elsewhere.
    """

    conclusions: tuple[Conclusion, ...]
    body: tuple[str, ...]
    positive: tuple[str, ...]
    negative: tuple[str, ...]


def pieces(text: str) -> Pieces | None:
    """The pieces of the one rule that ``text`` is; None where it concludes nothing, such as constraints."""
    tokens = list(Tokens(text, ""))
    if not tokens or tokens[-1].text != "." or tokens[0].kind == "directive" or tokens[0].text in (":-", ":~"):
        return None
    head, *rest = _at_arrow(tokens[:-1])
    body = [_named(literal) for item in rest for literal in _literals(item)]
    conclusions = tuple(_conclusions(head))
    if not conclusions:
        return None
    atoms = [literal for literal in body if strict_atom(literal)]
    negated = [literal[1:] for literal in body if literal[0].text == "not" and strict_atom(literal[1:])]
    known = {token.text for literal in atoms for token in literal if token.kind == "variable"}
    closed = [literal for literal in negated if all(t.kind != "variable" or t.text in known for t in literal)]
    return Pieces(conclusions, tuple(map(joined, body)), tuple(map(joined, atoms)), tuple(map(joined, closed)))


def _at_arrow(tokens: Sequence[Token]) -> list[list[Token]]:
    place = next((place for place, token in enumerate(tokens) if token.text == ":-"), len(tokens))
    return [list(tokens[:place])] + ([list(tokens[place + 1 :])] if place + 1 < len(tokens) else [])


def _literals(body: Sequence[Token]) -> Iterator[list[Token]]:
    """The literals of a body; one with a condition reaches to the semicolon."""
    for item in split(body, ";"):
        if len(split(item, ":")) > 1:
            before = split(split(item, ":")[0], ",")
            length = sum(len(part) + 1 for part in before[:-1])
            yield from before[:-1]
            yield item[length:]
        else:
            yield from split(item, ",")


def _conclusions(head: Sequence[Token]) -> Iterator[Conclusion]:
    inside = braces(head)
    if inside is None:
        items = split(head, ";", "|")
        for item in items:
            first, *condition = split(item, ":")
            yield from _conclusion(first, condition, sure=len(items) == 1 and not condition)
        return
    function, elements = inside
    for element in split(elements, ";"):
        parts = split(element, ":")[1:] if function else split(element, ":")
        yield from _conclusion(parts[0], parts[1:], sure=False)


def _conclusion(atom: Sequence[Token], condition: Sequence[Sequence[Token]], *, sure: bool) -> Iterator[Conclusion]:
    if strict_atom(atom):
        literals = [_named(literal) for part in condition for literal in split(part, ",")]
        atoms = tuple(map(joined, filter(strict_atom, literals)))
        yield Conclusion(joined(atom), tuple(map(joined, literals)), atoms, sure)


def _named(literal: list[Token]) -> list[Token]:
    """A positive atom with names in the place of ``_``."""
    if not strict_atom(literal) or all(token.text != "_" for token in literal):
        return literal
    start = literal[0].span
    fresh = (f"W'{start.line}'{start.column}'{number}" for number in count())
    return [replace(token, text=next(fresh)) if token.text == "_" else token for token in literal]
