"""Error rules from text, without a program around them."""

from __future__ import annotations

from collections.abc import Sequence

from nesy.abduction.error_rules.rules import ErrorRules
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import ErrorRule, Statement


def read_rules(text: str, file: str = "<text>") -> ErrorRules:
    """The error rules in ``text``, which speak of one percept; other statements are left to the program.

    Raises :class:`NesyError`: E1xx what does not parse, E574 no error rule, or rules about several percepts.
    """
    from nesy.dsl import parse

    return rules_among(parse(text, file).statements, file)


def rules_among(statements: Sequence[Statement], file: str) -> ErrorRules:
    """The error rules among statements; E574 as above."""
    rules = tuple(statement for statement in statements if isinstance(statement, ErrorRule))
    percepts = list(dict.fromkeys(rule.reading.name for rule in rules))
    if not rules:
        hint = "write, for instance, error label@m1(O) :- confidence(label@m1(O)) < 0.6."
        raise NesyError(Diagnostic("E574", "the text holds no error rule", hint=hint, place=file))
    if len(percepts) > 1:
        other = next(rule for rule in rules if rule.reading.name != percepts[0])
        message = f"the error rules speak of '{percepts[0]}' and of '{percepts[1]}'"
        raise NesyError(Diagnostic("E574", message, other.span, "keep the rules of each percept in a file of its own"))
    return ErrorRules(percepts[0], rules)
