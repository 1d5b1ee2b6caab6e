"""Checks of what knowledge bases say: weights of variants, names of glosses, slots and meanings of phrases."""

from __future__ import annotations

import re

from nesy.dsl.checks.context import HEAD, OBSERVATION, QUESTION
from nesy.dsl.checks.names import Resolver
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.checks.types import BOOL
from nesy.dsl.checks.walk import variables
from nesy.dsl.knowledge import Gloss, Meaning, Phrase
from nesy.dsl.span import Span
from nesy.dsl.statements import Program, Query
from nesy.dsl.syntax import Call, Comparison, Variable
from nesy.dsl.variants import BASE, VariantGroup, exceeds, stated_weights

SLOT = re.compile(r"\{([A-Z][A-Za-z0-9_]*)(\+)?(?::([a-z][A-Za-z0-9_]*))?\}")
"""``{P}``, ``{P+}``, ``{P:player}``."""


def check_variants(program: Program, groups: tuple[VariantGroup, ...], report: Report) -> None:
    """E228 for weights that are no prior probabilities; W208 where a query is answered by one variant of several."""
    for name, weights in stated_weights(program).items():
        for weight, span in weights:
            if not 0 < weight <= 1:
                text = f"the weight of the variant '{name}' is {weight:g}"
                report.add("E228", text, span, "a weight is a probability above 0 and at most 1")
            elif weight != weights[0][0]:
                text = f"the variant '{name}' has the weight {weight:g} here, but {weights[0][0]:g} elsewhere"
                report.add("E228", text, span, "give it one weight, at one place", weights[0][1], "first given here")
    for group in groups:
        if exceeds(program, group) and not any(entry.code == "E228" for entry in report.diagnostics):
            names = ", ".join(option for option in group.options if option != BASE)
            hint = "weights of variants that exclude one another add up to 1 at most"
            report.add("E228", f"the weights of the variants {names} add up to more than 1", group.span, hint)
    if groups and any(isinstance(statement, Query) for statement in program.statements):
        taken = ", ".join(group.preferred or f"none of {', '.join(group.options[1:])}" for group in groups)
        hint = "that is the option of the greatest weight; nesy synth weighs them all by the evidence"
        report.add("W208", f"of the variants this is taken: {taken}", groups[0].span, hint)


def check_gloss(gloss: Gloss, symbols: Symbols, known: dict[str, Gloss], report: Report) -> None:
    """E201 for a name that means nothing here, E231 for a second gloss or an empty scale."""
    names = [*symbols.types, *symbols.attributes, *symbols.arities]
    if gloss.name not in names:
        hint = report.near_name(gloss.name, names) or f"declare '{gloss.name}', or leave the gloss out"
        report.add("E201", f"unknown name '{gloss.name}'", gloss.span, hint)
    first = known.setdefault(gloss.name, gloss)
    if first is not gloss:
        hint = "write one gloss for each name; further words follow 'also'"
        report.add("E231", f"'{gloss.name}' has two glosses", gloss.span, hint, first.span, "first glossed here")
    if gloss.scale is not None and gloss.limits is None:
        text = "a scale goes from one number to a greater one"
        report.add("E231", text, gloss.scale.span, "write, for instance, scale 0..100")


def check_phrase(phrase: Phrase, resolver: Resolver, symbols: Symbols, report: Report) -> None:
    """E229 for slots that do not fit the meanings, E230 for meanings that can be no facts, and their names."""
    slots = [_slots(pattern, phrase.span, symbols, report) for pattern in phrase.patterns]
    fresh = [meaning.formula.name for meaning in phrase.meanings if isinstance(meaning.formula, Variable)]
    used = {
        variable.name
        for meaning in phrase.meanings
        if meaning.mode != "new"
        for variable in variables((meaning.formula,))
        if not variable.anonymous
    }
    for pattern, names in zip(phrase.patterns, slots, strict=True):
        _compare(pattern, names, set(fresh), used, phrase.span, report)
    for name in fresh:
        if name not in used:
            report.add("E229", f"the new {name} is used nowhere", phrase.span, "use it in a meaning, or leave it out")
    for meaning in phrase.meanings:
        _meaning(meaning, resolver, symbols, report)


def _slots(pattern: str, span: Span, symbols: Symbols, report: Report) -> list[str]:
    """The names of a pattern's slots."""
    names: list[str] = []
    for found in SLOT.finditer(pattern):
        name, _, kind = found.groups()
        if name in names:
            report.add("E229", f'the slot {name} stands twice in "{pattern}"', span, "give each slot its own name")
        names.append(name)
        if kind and kind not in (*symbols.types, BOOL.name):
            hint = report.near_name(kind, symbols.types) or f"declare it: type {kind}."
            report.add("E202", f"unknown type '{kind}' of the slot {name}", span, hint)
    if re.search(r"[{}]", SLOT.sub("", pattern)):
        hint = "write {P}, {P+} for a list, or {P:player} with its type"
        report.add("E229", f'a brace in "{pattern}" belongs to no slot', span, hint)
    if not SLOT.sub("", pattern).strip():
        report.add("E229", f'"{pattern}" has no words by which it could be recognised', span, "add a word")
    return names


def _compare(pattern: str, names: list[str], fresh: set[str], used: set[str], span: Span, report: Report) -> None:
    for name in names:
        if name in fresh:
            text = f"{name} is a slot of \"{pattern}\" and 'new' at once"
            report.add("E229", text, span, "leave out one of the two")
        elif name not in used:
            report.add("E229", f'no meaning uses the slot {name} of "{pattern}"', span, f"use {name}, or plain words")
    missing = sorted(used - set(names) - fresh)
    if missing:
        text = f'"{pattern}" has no slot for {", ".join(missing)}'
        report.add("E229", text, span, f"add {{{missing[0]}}} to the pattern, or 'new {missing[0]}' to the meanings")


def _meaning(meaning: Meaning, resolver: Resolver, symbols: Symbols, report: Report) -> None:
    formula = meaning.formula
    if isinstance(formula, Variable):
        return
    match meaning.mode, formula:
        case "fact", Call(name, _, None) if name not in symbols.attributes:
            resolver.atom(formula, HEAD)
        case "fact", _:
            hint = "an atom of a relation or type can be a fact; write observe, query or do before all else"
            report.add("E230", "this meaning can be no fact", meaning.span, hint)
        case "query", Call(name) if name in symbols.attributes:
            resolver.attribute(formula, symbols.attributes[name], QUESTION)
        case "query", _:
            resolver.formula(formula, QUESTION)
        case "do", Comparison("=", Call(name), _) if name in symbols.attributes:
            resolver.formula(formula, OBSERVATION)
        case "do", _:
            hint = "write, for instance, do strength(P) = 80"
            report.add("E230", "an intervention sets one attribute to a value", meaning.span, hint)
        case _:
            resolver.formula(formula, OBSERVATION)
