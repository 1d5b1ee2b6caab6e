"""Text in, :class:`Program` out; raises one :class:`BrokenTextError` with every syntax error of the text.

Good text is parsed in one go. Where that fails, each statement is parsed by itself
(:mod:`nesy.dsl.parsing.recovery`), so that one mistake does not hide the others. What is lost here: white space, and
parentheses that change nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import cast

from lark import Lark
from lark.exceptions import UnexpectedInput

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.parsing.build_statements import StatementBuilder
from nesy.dsl.parsing.building import CURRENT_FILE
from nesy.dsl.parsing.depth import refuse_deep_nesting
from nesy.dsl.parsing.recovery import broken_text
from nesy.dsl.span import Span
from nesy.dsl.statements import Comment, Program, Statement

_STRING_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|%[^\n]*')


def parse(text: str, file: str = "<text>") -> Program:
    """The program that ``text`` spells. ``file`` is what its spans and messages name."""
    try:
        statements = parse_statements(text, file)
    except (NesyError, UnexpectedInput) as error:
        raise broken_text(text, file, parse_statements, error) from None
    return Program(statements, find_comments(text, file), ((file, text),))


def parse_statements(text: str, file: str) -> tuple[Statement, ...]:
    """The statements of ``text``; stops at the first error, which is Lark's or a :class:`NesyError`."""
    token = CURRENT_FILE.set(file)
    try:
        # Lark's type is that of a tree, but the builder that it is given makes statements
        statements = cast("tuple[Statement, ...]", _lark().parse(text))
    finally:
        CURRENT_FILE.reset(token)
    refuse_deep_nesting(statements)
    return statements


def find_comments(text: str, file: str) -> tuple[Comment, ...]:
    """All comments of a text that parses."""
    comments = []
    line, line_start = 1, 0
    place = 0
    for found in _STRING_OR_COMMENT.finditer(text):
        if not found[0].startswith("%"):
            continue
        start = found.start()
        breaks = text.count("\n", place, start)
        if breaks:
            line += breaks
            line_start = text.rfind("\n", 0, start) + 1
        place = start
        column = start - line_start + 1
        words = found[0].rstrip()
        span = Span(file, line, column, line, column + len(words))
        comments.append(Comment(words, not text[line_start:start].strip(), span))
    return tuple(comments)


@lru_cache(maxsize=1)
def _lark() -> Lark:
    """The parser with its tables, made once in a process; it holds no state between texts."""
    grammar = files("nesy.dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        transformer=StatementBuilder(),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
