"""Included clingo code: taken as it is, with the types and constants of the rule file of which it speaks."""

from __future__ import annotations

from collections.abc import Iterable

from nesy.dsl.statements import ClingoStatement
from nesy.solvers.grounding.symbols import value_text
from nesy.solvers.grounding.vocabulary import Vocabulary


def clingo_lines(vocabulary: Vocabulary, statement: ClingoStatement) -> list[str]:
    """The statement; the domains of the types that it reads become part of the text."""
    types = vocabulary.checked.types
    defined = {(atom.name, atom.arity) for atom in statement.heads}
    for atom in statement.reads:
        if atom.name in types and (atom.name, 1) not in defined:
            vocabulary.type_predicate(atom.name)
    return [statement.text]


def constant_lines(vocabulary: Vocabulary, statements: Iterable[object]) -> tuple[str, ...]:
    """``#const n = 9.`` for each constant of the rule file that clingo code names."""
    named = {name for statement in statements if isinstance(statement, ClingoStatement) for name in statement.words}
    constants = vocabulary.checked.constants
    return tuple(
        f"#const {name} = {value_text(value)}."
        for name, value in constants.items()
        if name in named and not isinstance(value, float)
    )
