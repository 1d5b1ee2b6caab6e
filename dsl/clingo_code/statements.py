"""From the text of a file in clingo's language to its statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from nesy.dsl.clingo_code.literals import Atoms, split
from nesy.dsl.clingo_code.tokens import Token, Tokens, joined
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.statements import ClingoAtom, ClingoStatement

_GOALS = {
    "#minimize": "#minimize",
    "#minimise": "#minimize",
    "#maximize": "#maximize",
    "#maximise": "#maximize",
}
_SILENT = frozenset(("#show", "#heuristic", "#project"))
"""What says how clingo searches or prints, and nothing about models."""
_REFUSED: Mapping[str, str] = {
    "#theory": "theory definitions",
    "#edge": "'#edge', which shuts out models with cycles",
    "#script": "scripts",
}
_DIRECTIVES = frozenset((*_GOALS, *_SILENT, "#program", "#external", "#defined", "#const", "#include"))
_BRACKETS = {"(": ")", "{": "}", "[": "]"}


def read_clingo(text: str, file: str) -> tuple[list[ClingoStatement], list[Diagnostic]]:
    """The statements of ``text``, which stands in ``file``, and what is wrong with it (E546)."""
    tokens = Tokens(text, file)
    statements: list[ClingoStatement] = []
    reader = _Reader(list(tokens), tokens.problems)
    while reader.left:
        statement = reader.statement()
        if statement is not None:
            statements.append(statement)
    return statements, tokens.problems


class _Reader:
    def __init__(self, tokens: Sequence[Token], problems: list[Diagnostic]) -> None:
        self._tokens = tokens
        self._place = 0
        self._problems = problems

    @property
    def left(self) -> bool:
        return self._place < len(self._tokens)

    def statement(self) -> ClingoStatement | None:
        """The next statement; None where it says nothing about models, or is broken."""
        first = self._tokens[self._place]
        if first.kind == "script":
            self._place += 1
            return replace(_refused(_REFUSED["#script"]), span=first.span)
        body = self._upto_dot()
        if body is None:
            return None
        bracket = self._bracket()
        span = first.span.to(self._tokens[self._place - 1].span)
        made = _statement(body, bracket)
        return None if made is None else replace(made, span=span)

    def _upto_dot(self) -> list[Token] | None:
        """The tokens before the dot that ends the statement; None, and a problem told, where there is none."""
        found: list[Token] = []
        open_brackets: list[Token] = []
        while self.left:
            token = self._tokens[self._place]
            self._place += 1
            if token.kind == "sign" and token.text in _BRACKETS:
                open_brackets.append(token)
            elif token.kind == "sign" and token.text in ")}]":
                if not open_brackets or _BRACKETS[open_brackets.pop().text] != token.text:
                    self._problem(f"'{token.text}' closes nothing", token)
                    self._skip()
                    return None
            elif token.kind == "sign" and token.text == ".":
                if open_brackets:
                    self._problem(f"'{open_brackets[-1].text}' is not closed in this statement", open_brackets[-1])
                    return None
                return found
            found.append(token)
        self._problem("this statement does not end", found[0], "statements end in a dot")
        return None

    def _skip(self) -> None:
        while self.left and self._tokens[self._place].text != ".":
            self._place += 1
        self._place += 1

    def _bracket(self) -> list[Token]:
        """``[weight@level]`` behind a weak constraint, or the value of an external."""
        if not self.left or self._tokens[self._place].text != "[":
            return []
        start = self._place
        while self.left and self._tokens[self._place].text != "]":
            self._place += 1
        self._place += 1
        return list(self._tokens[start + 1 : self._place - 1])

    def _problem(self, message: str, token: Token, hint: str = "check the brackets of the statement") -> None:
        self._problems.append(Diagnostic("E546", message, token.span, hint))


def _statement(body: list[Token], bracket: list[Token]) -> ClingoStatement | None:
    """A statement without its place; None for one that says nothing about models."""
    refused = _refusal(body)
    if refused:
        return _refused(refused)
    word = body[0].text if body else ""
    if word in _DIRECTIVES:
        return _directive(word, body, bracket)
    if word == ":~":
        atoms = Atoms()
        atoms.body(body[1:])
        joint = "; " if len(body) > 1 else " "
        levels = tuple(_levels([bracket]))
        return ClingoStatement(
            "soft", ((joined(body), joint),), f". [{joined(bracket)}]", reads=tuple(atoms.reads), levels=levels
        )
    return _rule(body)


def _refused(what: str) -> ClingoStatement:
    return ClingoStatement("refused", (), "", refused=what)


def _rule(body: list[Token]) -> ClingoStatement:
    place = next((place for place, token in enumerate(body) if token.text == ":-" and token.kind == "sign"), len(body))
    head, conditions = body[:place], body[place + 1 :]
    atoms = Atoms()
    atoms.head(head)
    atoms.body(conditions)
    if conditions:
        slot = (joined(body), "; ")
    else:
        slot = (joined(head), " :- ") if head else (":- #true", "; ")
    kind: Literal["rule", "constraint"] = "rule" if head else "constraint"
    return ClingoStatement(kind, (slot,), ".", tuple(atoms.heads), tuple(atoms.reads), atoms.guesses)


def _directive(word: str, body: list[Token], bracket: list[Token]) -> ClingoStatement | None:
    rest = body[1:]
    if word in _SILENT or (word == "#program" and [token.text for token in rest] in (["base"], ["base", "(", ")"])):
        return None
    if word == "#program":
        return _refused("'#program' parts, which only a script can have grounded")
    if word in _GOALS:
        return _goal(word, body)
    whole = ((joined(body), ""),)
    if word == "#external":
        if bracket and joined(bracket) != "false":
            return _refused(f"externals that are '{joined(bracket)}'")
        atoms = Atoms()
        head, *conditions = split(rest, ":") or [[]]
        atoms.head(head)
        for part in conditions:
            atoms.body(part)
        return ClingoStatement("directive", whole, ".", tuple(atoms.heads), tuple(atoms.reads), guesses=True)
    if word == "#defined":
        known: tuple[ClingoAtom, ...] = ()
        if len(rest) == 3 and rest[2].kind == "number":
            known = (ClingoAtom(rest[0].text, int(rest[2].text), False, rest[0].span),)
        return ClingoStatement("directive", whole, ".", known)
    if word == "#const":
        return ClingoStatement("directive", whole, ".", constant=rest[0].text if rest else "")
    path = rest[0].text if rest else ""
    return ClingoStatement("include", (), "", path=path[1:-1]) if path[:1] == '"' else _refused("'#include <…>'")


def _goal(word: str, body: list[Token]) -> ClingoStatement:
    """``#minimize { w@l,t : condition; … }``: one slot for each element."""
    atoms = Atoms()
    elements = split(body[2:-1], ";")
    slots: list[tuple[str, str]] = []
    before = f"{_GOALS[word]} {{ "
    for element in elements:
        parts = split(element, ":")
        for part in parts[1:]:
            atoms.body(part)
        slots.append((before + joined(element), ", " if len(parts) > 1 else " : "))
        before = "; "
    levels = tuple(_levels(split(element, ":")[0] for element in elements))
    end = " }." if slots else f"{before}}}."
    return ClingoStatement("goal", tuple(slots), end, reads=tuple(atoms.reads), levels=levels)


def _levels(weights: Iterable[Sequence[Token]]) -> Iterable[str]:
    """What stands behind ``@`` in each weight; ``0`` without one."""
    for weight in weights:
        first = split(weight, ",")[:1]
        parts = split(first[0], "@") if first else []
        yield joined(parts[1]) if len(parts) > 1 else "0"


def _refusal(body: Sequence[Token]) -> str:
    """What in a statement no back end takes; empty where there is nothing of that kind."""
    for place, token in enumerate(body):
        if token.kind == "directive" and token.text in _REFUSED:
            return _REFUSED[token.text]
        if token.kind == "sign" and token.text == "&" and (place == 0 or body[place - 1].kind == "sign"):
            return "theory atoms"
        if token.kind == "sign" and token.text == "@" and not _is_level(body[:place]):
            return "functions of scripts"
        if token.kind == "name" and token.text.lstrip("'").startswith("_"):
            return f"the name '{token.text}': those that begin with _ belong to the translation"
    return ""


def _is_level(before: Sequence[Token]) -> bool:
    """Whether ``@`` behind these tokens separates a weight from its level: it follows a term."""
    return bool(before) and (before[-1].kind in ("number", "name", "variable") or before[-1].text in (")", "|"))
