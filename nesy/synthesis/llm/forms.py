"""The two forms of replies: statements by sentence, and statements that a library lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any, TypeVar

from nesy.synthesis.codec import Most, ShapeError, read
from nesy.synthesis.llm.client import Form
from nesy.synthesis.llm.outcomes import Fault, ProposerError
from nesy.synthesis.llm.schemas import grammar_of, schema_of

MOST_STATEMENTS, LONGEST_STATEMENT = 60, 600
"""Caps on a reply: statements of one list, and characters of one."""
MOST_BRACES = 50
"""So many opening braces are tried as the beginning of the JSON object that a reply holds."""

Statements = Annotated[tuple[Annotated[str, Most(LONGEST_STATEMENT)], ...], Most(MOST_STATEMENTS)]
Reply = TypeVar("Reply")


@dataclass(frozen=True, slots=True)
class Translation:
    """The statements for the sentence with this number."""

    number: int
    statements: Statements


@dataclass(frozen=True, slots=True)
class ReadingReply:
    """``{"sentences": [{"number": 3, "statements": ["observe tired(ann)."]}]}``"""

    sentences: Annotated[tuple[Translation, ...], Most(MOST_STATEMENTS)]


@dataclass(frozen=True, slots=True)
class KnowledgeReply:
    """``{"statements": ["random tired(P) : bool ~ bernoulli(0.2) for athlete(P)."]}``"""

    statements: Statements


READING = Form("reading", schema_of(ReadingReply), grammar_of(ReadingReply))
KNOWLEDGE = Form("knowledge", schema_of(KnowledgeReply), grammar_of(KnowledgeReply))


def reply_in(kind: type[Reply], text: str) -> Reply:
    """The reply in a text, see :func:`json_in`; MALFORMED, with the place in it, where it is of another form."""
    try:
        return read(kind, json_in(text))
    except ShapeError as error:
        raise ProposerError(Fault.MALFORMED, str(error)) from None


def json_in(text: str) -> dict[str, Any]:
    """The first JSON object in a text, which may stand in a fence or among words; MALFORMED where there is none."""
    decoder = json.JSONDecoder()
    for found in islice(re.finditer(r"\{", text), MOST_BRACES):
        try:
            value, _ = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise ProposerError(Fault.MALFORMED, f"the reply holds no JSON object: {text[:80]!r}")


def ended(texts: Sequence[str]) -> tuple[str, ...]:
    """Statements without blanks around them, each ending in a full stop."""
    stripped = (entry.strip() for entry in texts)
    return tuple(entry if entry.endswith(".") else f"{entry}." for entry in stripped if entry)
