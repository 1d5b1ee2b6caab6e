"""Which predicates a statement of clingo's language defines and reads: its literals, found without their meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nesy.dsl.clingo_code.tokens import Token
from nesy.dsl.statements import ClingoAtom


@dataclass
class Atoms:
    """What is found: ``heads``, ``reads``, and whether a head leaves a choice (``guesses``)."""

    heads: list[ClingoAtom] = field(default_factory=list)
    reads: list[ClingoAtom] = field(default_factory=list)
    guesses: bool = False

    def head(self, tokens: Sequence[Token]) -> None:
        """The head of a rule: an atom, a disjunction, or a choice."""
        found = braces(tokens)
        if found is None:
            items = list(_alternatives(tokens))
            self.guesses |= len(items) > 1
            for first, conditions in items:
                self._define(first)
                self.guesses |= bool(conditions)
                self._literals(conditions, negated=False)
            return
        self.guesses = True
        function, inside = found
        for element in split(inside, ";"):
            parts = split(element, ":")
            place = 1 if function else 0  # the terms of an aggregate come first
            for part in parts[place : place + 1]:
                self._define(part)
            self._literals(parts[place + 1 :], negated=False)

    def body(self, tokens: Sequence[Token]) -> None:
        """Literals with or without conditions, separated by commas or semicolons."""
        for item in split(tokens, ";"):
            parts = split(item, ":")
            self._literals(parts[:1], negated=False)
            self._literals(parts[1:], negated=True)

    def _define(self, tokens: Sequence[Token]) -> None:
        if tokens and tokens[0].text == "not":
            self._literal(tokens, negated=False)
        else:
            self.heads += _atoms(tokens, negated=False)

    def _literals(self, parts: Iterable[Sequence[Token]], *, negated: bool) -> None:
        for part in parts:
            for literal in split(part, ","):
                self._literal(literal, negated=negated)

    def _literal(self, tokens: Sequence[Token], *, negated: bool) -> None:
        while tokens and tokens[0].text == "not":
            tokens, negated = tokens[1:], True
        found = braces(tokens)
        if found is None:
            self.reads += _atoms(tokens, negated=negated)
            return
        function, inside = found
        for element in split(inside, ";"):
            parts = split(element, ":")
            self._literals(parts[1:] if function else parts, negated=True)


def split(tokens: Iterable[Token], *separators: str) -> list[list[Token]]:
    """``tokens`` between ``separators``, which count outside brackets alone; nothing where there are no tokens."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.text in separators and depth == 0 and token.kind == "sign":
            parts.append([])
            continue
        depth += _step(token)
        parts[-1].append(token)
    return [part for part in parts if part]


def _step(token: Token) -> int:
    if token.kind != "sign":
        return 0
    return 1 if token.text in "({[" else -1 if token.text in ")}]" else 0


def _alternatives(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], list[list[Token]]]]:
    """The items of a disjunction, each with its conditions; a comma behind a colon belongs to a condition."""
    for item in split(tokens, ";", "|"):
        first, *conditions = split(item, ":")
        *others, last = split(first, ",")
        yield from ((other, []) for other in others)
        yield last, conditions


def braces(tokens: Sequence[Token]) -> tuple[str, list[Token]] | None:
    """The function before the braces of an aggregate (empty for a plain count) and what stands in them."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.text == "{" and depth == 0:
            before = tokens[place - 1] if place else None
            function = before.text if before is not None and before.kind == "directive" else ""
            return function, list(tokens[place + 1 : closing(tokens, place)])
        depth += _step(token)
    return None


def closing(tokens: Sequence[Token], opening: int) -> int:
    """The place of the bracket that closes the one at ``opening``."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += _step(tokens[place])
        if depth == 0:
            return place
    return len(tokens)


def _atoms(tokens: Sequence[Token], *, negated: bool) -> Iterator[ClingoAtom]:
    """The atom that ``tokens`` are, once for each number of arguments that its pools give; none for a comparison."""
    strong = bool(tokens) and tokens[0].text == "-"
    tokens = tokens[strong:]
    if not tokens or tokens[0].kind != "name":
        return
    name = ("-" if strong else "") + tokens[0].text
    if len(tokens) == 1:
        yield ClingoAtom(name, 0, negated, tokens[0].span)
    elif tokens[1].text == "(" and closing(tokens, 1) == len(tokens) - 1:
        inside = tokens[2:-1]
        for arity in sorted({len(split(pool, ",")) for pool in split(inside, ";")} or {0}):
            yield ClingoAtom(name, arity, negated, tokens[0].span)


def strict_atom(tokens: Sequence[Token]) -> bool:
    """Whether ``tokens`` are one atom, without pools."""
    pools = any(token.text == ";" and token.kind == "sign" for token in tokens)
    return not pools and any(True for _ in _atoms(tokens, negated=False))
