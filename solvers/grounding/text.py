"""The whole text that gringo grounds: the selected part of a program, with what is needed to read it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nesy.dsl.checked import AttributeInfo, CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError, raise_errors
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import Constraint, Query
from nesy.solvers.grounding.attribute_rules import RuleText, rule_texts
from nesy.solvers.grounding.clingo_parts import application, rule
from nesy.solvers.grounding.clingo_statements import index_line, rule_lines, values_line
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.findings import few_of_numbers
from nesy.solvers.grounding.gringo import Line
from nesy.solvers.grounding.query_rules import QueryText, query_text
from nesy.solvers.grounding.selection import Selection
from nesy.solvers.grounding.uncertain_rules import UncertainText, uncertain_text
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.grounding.walking import clauses, global_variables


@dataclass(frozen=True, slots=True)
class CheckText:
    """A constraint on crisp relations: the predicate of its violations and their variables."""

    constraint: Constraint
    predicate: str
    names: tuple[str, ...]


@dataclass
class GroundingText:
    """The lines for gringo and the parts by which their result is read."""

    vocabulary: Vocabulary
    lines: list[Line] = field(default_factory=list)
    rules: list[RuleText] = field(default_factory=list)
    uncertain: list[UncertainText] = field(default_factory=list)
    queries: list[QueryText] = field(default_factory=list)
    checks: list[CheckText] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Gather the errors of one statement, so that all statements are heard."""
        try:
            yield
        except NesyError as error:
            self.problems.extend(error.diagnostics)

    def add(self, lines: Iterable[str], span: Span = NOWHERE) -> None:
        self.lines.extend(Line(text, span) for text in lines)


def write(checked: CheckedProgram, chosen: Selection, queries: Sequence[Query]) -> GroundingText:
    """The text of everything in ``chosen`` and of ``queries``."""
    text = GroundingText(Vocabulary(checked))
    vocabulary = text.vocabulary
    for number, statement in chosen.crisp:
        with text.gathering():
            text.add(rule_lines(vocabulary, statement, str(number)), statement.span)
    for number, constraint in chosen.crisp_constraints:
        with text.gathering():
            _write_check(text, constraint, str(number))
    for number, statement in chosen.over_attributes:
        with text.gathering():
            for part in rule_texts(vocabulary, statement, str(number)):
                text.rules.append(part)
                text.add(part.lines, statement.span)
    for number, typed in chosen.uncertain:
        with text.gathering():
            text.uncertain.append(uncertain_text(vocabulary, typed, str(number)))
            text.add(text.uncertain[-1].lines, typed.statement.span)
    for number, query in enumerate(queries):
        with text.gathering():
            text.queries.append(query_text(vocabulary, query, f"q{number}"))
            text.add(text.queries[-1].lines, query.span)
    with text.gathering():
        _write_attributes(text, checked, chosen.attributes)
    raise_errors(few_of_numbers(text.problems))
    return text


def _write_check(text: GroundingText, constraint: Constraint, label: str) -> None:
    for place, body in enumerate(clauses(constraint.body)):
        names = global_variables(body)
        clause = Clause(text.vocabulary, f"{label}_{place}", names)
        clause.add_all(body)
        predicate = f"_violated_{label}_{place}"
        text.checks.append(CheckText(constraint, predicate, names))
        text.add([rule(application(predicate, names), clause.body), *clause.lines()], constraint.span)


def _write_attributes(text: GroundingText, checked: CheckedProgram, infos: Sequence[AttributeInfo]) -> None:
    """Open atoms for the attributes that rules speak of, index sets, and the facts of all domains met so far."""
    vocabulary = text.vocabulary
    for name, source in list(vocabulary.valued.values()):
        info = checked.attributes[name]
        text.add([values_line(vocabulary, info, source, exactly_one=False)], info.span)
    for info in infos:
        if info.name in vocabulary.indexed or info.condition:
            text.add(index_line(vocabulary, info), info.span)
    text.add(vocabulary.domain_lines())
