"""Questions that are written in the rule language: facts, observations and queries about what a library knows."""

from __future__ import annotations

from nesy.dsl import parse
from nesy.dsl import statements as syntax
from nesy.dsl.diagnostics import Diagnostic, NesyError, raise_errors
from nesy.dsl.printing.statement_printer import write_statement
from nesy.synthesis.reading import Reading, Understood
from nesy.synthesis.sentences import Sentence

STATEMENT = "statement"
"""What stands in the place of a phrase where the rule language itself was used."""


def read_question(text: str, file: str) -> Reading:
    """What a question in the rule language says; E623 for statements that belong into a knowledge base.

    Raises :class:`NesyError` with the syntax errors as well.
    """
    program = parse(text, file)
    understood: list[Understood] = []
    refused: list[Diagnostic] = []
    for number, statement in enumerate(program.statements):
        sentence = Sentence(number, write_statement(statement).removesuffix("."), False, statement.span)
        match statement:
            case syntax.Rule(_, ()):
                understood.append(Understood(sentence, STATEMENT, {}, facts=(statement,)))
            case syntax.Observe():
                understood.append(Understood(sentence, STATEMENT, {}, observations=(statement,)))
            case syntax.Query():
                understood.append(Understood(sentence, STATEMENT, {}, queries=(statement,)))
            case _:
                message = "a question holds facts, observations and queries only"
                hint = "write this statement into the knowledge base"
                refused.append(Diagnostic("E623", message, statement.span, hint))
    try:
        raise_errors(refused)
    except NesyError as error:
        raise NesyError(error.diagnostics, program.sources) from None
    return Reading("", tuple(understood), ())
