"""From grammar rules to what knowledge bases say: variants, glosses, phrases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lark import Token

from nesy.dsl.knowledge import Gloss, Meaning, Phrase, Variant
from nesy.dsl.parsing.build_terms import TermBuilder, unquote
from nesy.dsl.parsing.building import Part, as_formula, describe, refusal, whole
from nesy.dsl.span import Span
from nesy.dsl.syntax import Interval


@dataclass(frozen=True, slots=True)
class Synonyms:
    """``also "power", "force"``"""

    texts: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Unit:
    """``unit "kg"``"""

    text: str
    span: Span


class KnowledgeBuilder(TermBuilder):
    """The statements of knowledge bases; Lark calls the method that has the name of the rule."""

    def variant(self, parts: list[Part]) -> Variant:
        weight = self.number([parts[4]]) if len(parts) > 4 else None
        return Variant(str(parts[2]), weight, whole(parts))

    def gloss(self, parts: list[Part]) -> Gloss:
        synonyms = next((part.texts for part in parts if isinstance(part, Synonyms)), ())
        unit = next((part.text for part in parts if isinstance(part, Unit)), None)
        scale = next((part for part in parts if isinstance(part, Interval)), None)
        return Gloss(str(parts[1]), unquote(parts[3]), synonyms, unit, scale, whole(parts))

    def also(self, parts: list[Part]) -> Synonyms:
        return Synonyms(tuple(map(unquote, parts[1::2])), whole(parts))

    def unit(self, parts: list[Part]) -> Unit:
        return Unit(unquote(parts[1]), whole(parts))

    def scale(self, parts: list[Part]) -> Interval:
        scale = parts[1]
        if not isinstance(scale, Interval):
            raise refusal("E117", f"{describe(scale)} stands where a scale is expected", scale, "write scale 0..100")
        return scale

    def phrase(self, parts: list[Part]) -> Phrase:
        patterns = tuple(unquote(part) for part in parts if isinstance(part, Token) and part.type == "STRING")
        meanings = tuple(part for part in parts if isinstance(part, Meaning))
        return Phrase(patterns, meanings, whole(parts))

    def meaning(self, parts: list[Part]) -> Meaning:
        first = parts[0]
        if not isinstance(first, Token):
            return Meaning("fact", as_formula(first), whole(parts))
        if first.type == "NEW":
            return Meaning("new", self.variable([parts[1]]), whole(parts))
        mode: Literal["observe", "query", "do"]
        mode = "observe" if first.type == "OBSERVE" else "query" if first.type == "QUERY" else "do"
        return Meaning(mode, as_formula(parts[1]), whole(parts))
