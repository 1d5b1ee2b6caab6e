"""Variants, glosses and phrases as pieces of text."""

from __future__ import annotations

from nesy.dsl.knowledge import Gloss, Meaning, Phrase, Variant
from nesy.dsl.printing.term_printer import TERM, write
from nesy.dsl.syntax import Text, Variable


def write_variant(variant: Variant | None) -> list[str]:
    """``[variant heavy = 0.3]``, or nothing."""
    if variant is None:
        return []
    weight = "" if variant.weight is None else f" = {write(variant.weight)}"
    return [f"[variant {variant.name}{weight}]"]


def write_knowledge(statement: Gloss | Phrase) -> list[str]:
    """The pieces of a gloss or a phrase, without the full stop."""
    if isinstance(statement, Gloss):
        also = ["also", *_quoted(statement.synonyms)] if statement.synonyms else []
        unit = [] if statement.unit is None else ["unit", write(Text(statement.unit))]
        scale = [] if statement.scale is None else ["scale", write(statement.scale, TERM)]
        return ["gloss", f"{statement.name} :", write(Text(statement.text)), *also, *unit, *scale]
    *front, last = map(_meaning, statement.meanings)
    return ["phrase", *_quoted(statement.patterns), "means", *(text + "," for text in front), last]


def _quoted(texts: tuple[str, ...]) -> list[str]:
    *front, last = (write(Text(text)) for text in texts)
    return [*(text + "," for text in front), last]


def _meaning(meaning: Meaning) -> str:
    if isinstance(meaning.formula, Variable):
        return f"new {meaning.formula.name}"
    text = write(meaning.formula)
    return text if meaning.mode == "fact" else f"{meaning.mode} {text}"
