"""Candidate models: what a library, a choice of its variants and a reading make, cut down to what the queries need.

Every candidate is a rule file of its own, which checks, prints and runs like any other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log2

from nesy.dsl import statements as syntax
from nesy.dsl.checked import CheckedProgram
from nesy.dsl.checks.declarations import head_atoms
from nesy.dsl.checks.dependencies import defined_names
from nesy.dsl.checks.walk import names, parts_of
from nesy.dsl.knowledge import Gloss, Phrase
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.syntax import Interval, SetTerm, walk
from nesy.dsl.variants import choices, select
from nesy.program import Program, build_program
from nesy.solvers.garbage import collected_afterwards
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.synthesis.libraries import Library
from nesy.synthesis.reading import Intervention, Reading
from nesy.synthesis.retrieval import seeds_of

BEAM = 16
"""So many choices of variants are tried at most, the most probable ones."""


@dataclass(frozen=True)
class Candidate:
    """One model. ``variants`` are the chosen ones, ``prior`` is the probability of all choices that lead to it.

    ``text`` is the rule file, whose ``digest`` names the candidate; ``size`` counts its symbols.
    """

    variants: tuple[str, ...]
    prior: float
    program: Program
    interventions: tuple[Intervention, ...]
    text: str

    @cached_property
    def graph(self) -> ModelGraph:
        """The model graph; :class:`NesyError` with what is wrong in the program."""
        with collected_afterwards():
            return build(self.program.checked).graph

    @property
    def digest(self) -> str:
        """The first twelve digits of the text's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def size(self) -> int:
        """The number of symbols: nodes of the syntax trees of all statements that are no glosses."""
        return sum(
            1 + sum(1 for part in parts_of(entry) for _ in walk(part))
            for entry in self.program.ast.statements
            if not isinstance(entry, Gloss)
        )

    @property
    def bits(self) -> float:
        """The description length: ``size`` symbols, each one of as many as the text has different words."""
        return self.size * log2(max(2, len(set(re.findall(r"\w+", self.text)))))


@dataclass(frozen=True)
class Candidates:
    """The candidates by prior, the greatest first; ``left_out`` is the prior probability of what the beam cut off."""

    models: tuple[Candidate, ...]
    tried: int
    left_out: float


def candidates(
    library: Library, reading: Reading, question: str, *, beam: int = BEAM, retrieve: bool = True
) -> Candidates:
    """The models that the variants of a library make for a reading; choices that lead to the same model are one.

    Raises :class:`NesyError` where a model does not check.
    """
    ranked = sorted(choices(library.groups), key=lambda choice: -choice[1])
    found: dict[str, Candidate] = {}
    for variants, prior in ranked[:beam]:
        model = compose(library, reading, question, variants, prior, retrieve=retrieve)
        same = found.get(model.text)
        found[model.text] = model if same is None else replace(same, prior=same.prior + prior)
    order = sorted(found.values(), key=lambda model: -model.prior)
    return Candidates(tuple(order), min(beam, len(ranked)), sum(prior for _, prior in ranked[beam:]))


def compose(
    library: Library,
    reading: Reading,
    question: str,
    variants: Sequence[str],
    prior: float = 1.0,
    observations: Sequence[syntax.Observe] | None = None,
    *,
    retrieve: bool = True,
) -> Candidate:
    """The model of one choice of variants, with ``observations`` in the place of the reading's own.

    Without ``retrieve`` it keeps what the reading has no use for.
    """
    observed = reading.observations if observations is None else tuple(observations)
    chosen = select(library.program, variants)
    base = tuple(entry for entry in chosen.statements if not isinstance(entry, Phrase | syntax.Query | syntax.Expect))
    added: list[syntax.Statement] = [*reading.facts, *observed, *reading.queries]
    sources = (*library.program.sources, *_question_source(reading, question))
    ast = replace(chosen, statements=(*base, *added), comments=(), sources=sources)
    whole = build_program("", ast, {}, ())
    if retrieve:
        ast = replace(ast, statements=pruned(ast.statements, whole.checked, seeds_of(reading, whole.checked)))
    text = write_model(ast.statements, reading)
    used = tuple(name for name in variants if _is_used(library, name, ast.statements))
    return Candidate(used, prior, build_program(text, ast, {}, ()), reading.interventions, text)


def _question_source(reading: Reading, question: str) -> Iterable[tuple[str, str]]:
    sentences = [*(entry.sentence for entry in reading.understood), *(entry.sentence for entry in reading.unused)]
    files = {sentence.span.file for sentence in sentences}
    return tuple((file, question) for file in sorted(files))


def _is_used(library: Library, variant: str, kept: Sequence[syntax.Statement]) -> bool:
    spans = {entry.span for entry in kept}
    return any(
        entry.span in spans
        for entry in library.program.statements
        if isinstance(entry, syntax.RandomDeclaration | syntax.Definition)
        and entry.variant is not None
        and entry.variant.name == variant
    )


def pruned(
    statements: Sequence[syntax.Statement], checked: CheckedProgram, seeds: frozenset[str]
) -> tuple[syntax.Statement, ...]:
    """The statements that bear on ``seeds``: what these draw on, and constraints on what is needed."""
    needed = checked.needed_by(seeds)
    while True:
        further = set(needed)
        for entry in statements:
            if isinstance(entry, syntax.Constraint | syntax.SoftConstraint | syntax.UncertainRule):
                about = names(parts_of(entry))
                if about & needed & set(checked.attributes):
                    further |= about
        grown = checked.needed_by(further)
        if grown == needed:
            break
        needed = grown
    types = _types_of(statements, needed, checked)
    return tuple(entry for entry in statements if _bears(entry, needed, types))


def _types_of(
    statements: Sequence[syntax.Statement], needed: frozenset[str], checked: CheckedProgram
) -> frozenset[str]:
    """The types and constants that the needed statements speak of."""
    spoken: set[str] = set()
    for entry in statements:
        if _bears(entry, needed, frozenset()):
            spoken |= names(parts_of(entry)) | _type_names(entry)
    for entry in statements:
        if isinstance(entry, syntax.TypeDeclaration) and entry.name in spoken:
            spoken |= _type_names(entry)
    return frozenset(spoken & ({*checked.types} | {*checked.constants}))


def _type_names(entry: object) -> set[str]:
    """The names in the type expressions of a declaration."""
    found: set[str] = set()
    for part in (getattr(entry, "index", ()), getattr(entry, "arguments", ())):
        for item in part:
            found |= _names_in_type(item)
    for name in ("value", "definition"):
        found |= _names_in_type(getattr(entry, name, None))
    return found


def _names_in_type(expression: object) -> set[str]:
    match expression:
        case syntax.NamedType(name):
            return {name}
        case syntax.ProductType(items):
            return set().union(*map(_names_in_type, items))
        case Interval() | SetTerm():
            return names((expression,))
        case _:
            return set()


def _bears(entry: syntax.Statement, needed: frozenset[str], types: frozenset[str]) -> bool:
    match entry:
        case syntax.TypeDeclaration(name) | syntax.ConstantDeclaration(name):
            return name in types
        case Gloss(name) | syntax.RelationDeclaration(name):
            return name in needed
        case syntax.Rule():
            heads = {*defined_names(entry), *(atom.name for atom in head_atoms(entry))}
            return bool(heads & (needed | types))
        case syntax.Observe() | syntax.Query():
            return bool(names(parts_of(entry)) & needed)
        case syntax.Constraint() | syntax.SoftConstraint():
            return bool(names(parts_of(entry)) & needed)
        case syntax.Include():
            return False
        case _:
            return bool(set(defined_names(entry)) & needed)


def write_model(statements: Sequence[syntax.Statement], reading: Reading) -> str:
    """A model as a rule file: what the library says, then each sentence as a comment with what it adds."""
    own = {id(entry) for sentence in reading.understood for entry in sentence.said}
    lines = [write_statement(entry) for entry in statements if id(entry) not in own]
    kept = {id(entry) for entry in statements}
    seen: set[int] = set()
    for sentence in reading.understood:
        said = [entry for entry in sentence.said if id(entry) in kept and id(entry) not in seen]
        seen.update(map(id, said))
        if said or sentence.interventions:
            lines += ["", f"% {sentence.sentence.text}{'?' if sentence.sentence.question else '.'}"]
            lines += [write_statement(entry) for entry in said]
            lines += [f"% do {entry.text}" for entry in sentence.interventions]
    return "\n".join(lines) + "\n"
