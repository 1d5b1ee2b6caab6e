"""Replies into statements: parsed by the parser, admitted by kind, checked; what is wrong comes back as diagnostics."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nesy.dsl import parse
from nesy.dsl import statements as syntax
from nesy.dsl.checks.walk import calls, parts_of
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.knowledge import Gloss
from nesy.dsl.span import Span
from nesy.dsl.statements import Statement
from nesy.dsl.syntax import Call
from nesy.synthesis.libraries import Library
from nesy.synthesis.llm.forms import KnowledgeReply, ReadingReply, ended, reply_in
from nesy.synthesis.reading import Understood
from nesy.synthesis.sentences import Sentence
from nesy.synthesis.substitution import substituted

_MISSPELT = 0.8
"""Names that are so much alike are taken for one misspelt."""
PROPOSED = "proposed by the model"
"""What stands in the place of a phrase where a reading was proposed."""
_SAID = (syntax.Rule, syntax.Observe, syntax.Query)
_KNOWN = (
    syntax.RandomDeclaration,
    syntax.Definition,
    syntax.RelationDeclaration,
    syntax.Rule,
    syntax.TypeDeclaration,
    Gloss,
)


@dataclass(eq=False)
class InvalidReplyError(Exception):
    """A reply whose statements cannot be used, with one line for each fault."""

    findings: tuple[str, ...]


def read_reading(reply: str, wanted: Sequence[Sentence], library: Library) -> tuple[Understood, ...]:
    """What a reply says of the sentences that were asked for; each at most once, none that was not asked for.

    New names are admitted unless they look like known ones misspelt.
    """
    by_number = {sentence.number: sentence for sentence in wanted}
    found: dict[int, Understood] = {}
    findings: list[str] = []
    for entry in reply_in(ReadingReply, reply).sentences:
        number = entry.number
        if number not in by_number:
            findings.append(f"{number} is no number of a sentence that was asked for")
        elif number in found:
            findings.append(f"sentence {number} is translated twice")
        else:
            statements = parsed(ended(entry.statements), _SAID, by_number[number].span, findings)
            if statements:
                found[number] = _understood(by_number[number], statements)
    findings.extend(
        f"E201: unknown name '{name}' (the nearest known name is '{close[0]}')"
        for name in missing_names(tuple(found.values()), library)
        if (close := difflib.get_close_matches(name, library.names, n=1, cutoff=_MISSPELT))
    )
    if findings:
        raise InvalidReplyError(tuple(findings))
    return tuple(found.values())


def read_knowledge(reply: str, place: Span) -> tuple[Statement, ...]:
    """The statements that a reply adds to the library; conditions and questions are not admitted."""
    findings: list[str] = []
    statements = parsed(ended(reply_in(KnowledgeReply, reply).statements), _KNOWN, place, findings)
    if findings:
        raise InvalidReplyError(tuple(findings))
    return statements


def parsed(texts: Sequence[str], admitted: tuple[type, ...], place: Span, findings: list[str]) -> tuple[Statement, ...]:
    """The statements of ``texts``; what does not parse or is of another kind goes to ``findings``."""
    found: list[Statement] = []
    for text in texts:
        try:
            statements = parse(text, "<reply>").statements
        except NesyError as error:
            findings.extend(described(entry, text) for entry in error.diagnostics)
            continue
        for statement in statements:
            if isinstance(statement, admitted) and not (isinstance(statement, syntax.Rule) and statement.body):
                found.append(_placed(statement, place))
            else:
                findings.append(f"{text}   this kind of statement is not admitted here")
    return tuple(found)


def described(entry: Diagnostic, text: str = "") -> str:
    """A diagnostic on one line, as it is shown to the model."""
    cure = f" ({entry.hint})" if entry.hint else ""
    return f"{text + '   ' if text else ''}{entry.code}: {entry.message}{cure}"


def _placed(statement: Statement, place: Span) -> Statement:
    """The statement with all its parts at the place of the sentence, so that messages point there."""
    return substituted(statement, {}, place)


def _understood(sentence: Sentence, statements: Sequence[Statement]) -> Understood:
    return Understood(
        sentence,
        PROPOSED,
        {},
        tuple(entry for entry in statements if isinstance(entry, syntax.Rule)),
        tuple(entry for entry in statements if isinstance(entry, syntax.Observe)),
        tuple(entry for entry in statements if isinstance(entry, syntax.Query)),
    )


def missing_names(entries: Sequence[Understood], library: Library) -> tuple[str, ...]:
    """The names with an index that the readings use and the library does not have."""
    known = {*library.names, *library.checked.constants, "true", "false"}
    found: dict[str, None] = {}
    for entry in entries:
        for statement in entry.said:
            for call in calls(parts_of(statement)):
                if call.name not in known and (call.arguments or _is_whole(statement, call)):
                    found[call.name] = None
    return tuple(found)


def _is_whole(statement: Statement, call: Call) -> bool:
    """Whether a bare name is all that a statement speaks of, so that it is no value."""
    return isinstance(statement, syntax.Observe | syntax.Query) and statement.formula == call


def extended(library: Library, statements: Sequence[Statement]) -> Library:
    """The library with further statements; :class:`InvalidReplyError` with what the checks find."""
    from nesy.dsl import check

    if not statements:
        return library
    kept = tuple(library.program.statements)
    program = replace(library.program, statements=(*kept, *statements))
    try:
        return Library(library.name, program, check(program))
    except NesyError as error:
        raise InvalidReplyError(tuple(described(entry) for entry in error.diagnostics)) from None
