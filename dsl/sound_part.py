"""The errors of a program some of whose statements could not be parsed, as far as they do not follow from that.

Names that the lost statements may have declared are no unknown names, and nothing is said of a statement that speaks
of them, or of what is declared by means of them, save names that occur in no lost statement either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nesy.dsl.checking import check
from nesy.dsl.checks.declarations import head_atoms
from nesy.dsl.diagnostics import Diagnostic, NesyError, Severity
from nesy.dsl.source import text_of
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import (
    ConceptDeclaration,
    ConstantDeclaration,
    Definition,
    Include,
    PerceptDeclaration,
    Program,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    Statement,
    TypeDeclaration,
)
from nesy.dsl.values import RESERVED

_DECLARED = (
    TypeDeclaration,
    ConstantDeclaration,
    RelationDeclaration,
    PerceptDeclaration,
    ConceptDeclaration,
    RandomDeclaration,
    Definition,
)
_UNKNOWN_NAME = ("E201", "E202")
_WORD = re.compile(r'"(?:\\.|[^"\\\n])*"|%[^\n]*|(?<![A-Za-z0-9_])[a-z][A-Za-z0-9_]*')
_CAPITAL = re.compile(
    r"(?<![A-Za-z0-9_])[A-Z][A-Za-z0-9_]*(?=\()|^(?:type|const|percept|concept|relation|define)\s+[A-Z]\w*"
)
_LANGUAGE = frozenset(
    (
        *RESERVED,
        *("type", "const", "percept", "concept", "relation", "random", "define", "observe", "error", "query", "expect"),
        *("gloss", "phrase", "variant", "also", "unit", "scale", "means", "new", "do"),
        *("include", "given", "from", "for", "in", "learn", "per", "possible", "impossible", "maximize", "minimize"),
        *("bool", "int", "real", "count", "sum", "min", "max", "mean", "exp", "log", "sqrt", "abs"),
        *("confidence", "margin"),
    )
)
"""Words that stand in statements of all kinds: a lost statement has hardly declared them."""


def sound_errors(
    program: Program, lost: Sequence[str], constants: Mapping[str, object] | None = None
) -> tuple[Diagnostic, ...]:
    """The errors of ``program`` that stand whatever the texts ``lost`` were meant to say."""
    if any("include" in _words(text) for text in lost):
        return ()
    try:
        check(program, constants)
    except NesyError as error:
        found = error.diagnostics
    else:
        return ()
    part = _SoundPart(program, lost)
    return tuple(entry for entry in found if part.stands(entry))


class _SoundPart:
    """Which statements speak of names that a lost statement may have declared."""

    def __init__(self, program: Program, lost: Sequence[str]) -> None:
        self._lines = {file: text.split("\n") for file, text in program.sources}
        statements = [statement for statement in program.statements if not isinstance(statement, Include)]
        words = {id(statement): _words(self._text(statement.span)) for statement in statements}
        known = {name for statement in statements for name in _declares(statement)}
        mentioned = {word for text in lost for word in (*_words(text), *_meant(text))}
        heads = {word for text in lost for word in _words(text.split(":-")[0]) if _is_head(text)}
        names = mentioned - _LANGUAGE
        doubtful = (names - known) | (heads - _LANGUAGE)
        size = -1
        while size < len(doubtful):
            size = len(doubtful)
            for statement in statements:
                if words[id(statement)] & doubtful:
                    doubtful.update(_declares(statement))
        self._names = names | doubtful
        self._doubtful = [statement.span for statement in statements if words[id(statement)] & doubtful]

    def stands(self, entry: Diagnostic) -> bool:
        """Whether an error is there even if the lost statements declare all that they speak of."""
        if entry.severity is not Severity.ERROR or entry.span == NOWHERE:
            return False
        if entry.code in _UNKNOWN_NAME:
            return not _words(self._text(entry.span)) & self._names
        return not any(_holds(span, entry.span) for span in self._doubtful)

    def _text(self, span: Span) -> str:
        return text_of(self._lines.get(span.file, []), span)


def _words(text: str) -> frozenset[str]:
    """The names in a text, those in quotes without them; comments are left out."""
    return frozenset(word.strip('"') for word in _WORD.findall(text) if not word.startswith("%"))


def _meant(text: str) -> Iterator[str]:
    """The names that a lost text writes with a capital letter: ``type Row``, ``Edge(a, b)``."""
    for found in _CAPITAL.findall(text):
        name = found.split()[-1]
        yield name[0].lower() + name[1:]


def _declares(statement: Statement) -> Iterable[str]:
    """The names that are known by a statement."""
    if isinstance(statement, _DECLARED):
        return (statement.name,)
    return [atom.name for atom in head_atoms(statement)] if isinstance(statement, Rule) else ()


def _is_head(text: str) -> bool:
    """Whether a lost statement begins like a fact or a rule, which gives values to a relation known elsewhere."""
    first = re.match(r"[a-z][A-Za-z0-9_]*", text)
    return first is None or first[0] not in _LANGUAGE


def _holds(outer: Span, inner: Span) -> bool:
    same = outer.file == inner.file
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return same and begins and (inner.line, inner.column) < (outer.end_line, outer.end_column)
