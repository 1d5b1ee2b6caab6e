"""A program as clingo text: readable, runnable by itself, and with marks that tell each ground rule its statement.

Attribute ``cell(R, C) = V`` is the atom ``cell(R,C,V)``; of every index exactly one value holds. An uncertain rule with
r = 0 forbids that its premise holds and its conclusion does not; with s = 0, the converse. A degree between 0 and 1
makes that a soft constraint, at a level of its own: the smaller the degree, the more certain the rule and the more
important its level. These levels are above those of the program's own soft constraints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nesy.dsl.checked import AttributeInfo, CheckedProgram, TypedRule
from nesy.dsl.diagnostics import Diagnostic, NesyError, raise_errors
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import ClingoStatement, Constraint, Optimize, Query, Rule, SoftConstraint
from nesy.dsl.syntax import Call, walk
from nesy.solvers.grounding.clingo_parts import application, rule
from nesy.solvers.grounding.clingo_statements import (
    constraint_lines,
    index_line,
    optimize_lines,
    rule_lines,
    soft_lines,
    values_line,
)
from nesy.solvers.grounding.findings import few_of_numbers
from nesy.solvers.grounding.gringo import Line
from nesy.solvers.grounding.query_rules import QueryText, query_text
from nesy.solvers.grounding.sources import Sources
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.logic.included import clingo_lines, constant_lines
from nesy.solvers.logic.marks import MARK, mark_atom, marked
from nesy.solvers.logic.selection import LogicSelection, LogicStatement
from nesy.solvers.logic.uncertain import Levels, uncertain_lines


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one statement; ``mark`` is its number among the parts, −1 where its rules bear no mark.

    ``grounded`` is what gringo gets instead of ``lines`` where it differs, marked already: that each attribute has
    exactly one value is part of :class:`~.program.LogicProgram` itself, and every solver has its own way to say so.
    """

    lines: tuple[str, ...]
    span: Span
    source: str
    mark: int
    grounded: tuple[str, ...] | None = None

    @property
    def is_goal(self) -> bool:
        """Whether it is something to be minimised or maximised."""
        return self.lines[:1] != () and self.lines[0].startswith(("#minimize", "#maximize"))


@dataclass(frozen=True)
class LogicText:
    """The text of a logic program and of its queries, with what is needed to read the ground program back."""

    checked: CheckedProgram
    chosen: LogicSelection
    vocabulary: Vocabulary
    parts: tuple[Part, ...]
    domains: tuple[str, ...]
    queries: tuple[QueryText, ...]
    degrees: Mapping[int, float]
    """The degree of the uncertain rules at each of their levels."""

    def lines(self) -> Iterator[Line]:
        """Everything, for gringo: marked, and with the scopes of the queries."""
        for part in self.parts:
            for text in part.lines if part.grounded is None else part.grounded:
                to_mark = part.mark >= 0 and part.grounded is None
                yield Line(marked(text, part.mark) if to_mark else text, part.span)
            if part.mark >= 0:
                yield Line(f"#external {MARK}({part.mark}).", part.span)
        yield from (Line(text) for text in self.domains)
        for query in self.queries:
            yield from (Line(text, query.query.span) for text in query.lines)

    def listing(self) -> str:
        """The program to read, and to run in clingo: the lines of each statement below the statement itself."""
        blocks = ["% domains\n" + "\n".join(self.domains)] if self.domains else []
        for part in self.parts:
            heading = f"% {self._place(part.span)}{part.source}"
            blocks.append("\n".join([heading, *part.lines]))
        shown = [f"#show {name}/{arity}." for name, arity in self._shown()]
        return "\n\n".join([*blocks, "\n".join(shown)]).rstrip() + "\n"

    def _place(self, span: Span) -> str:
        """``line 7: ``, with the file where that is not the main one."""
        if span == NOWHERE:
            return ""
        main = self.checked.program.sources[0][0] if self.checked.program.sources else span.file
        return f"line {span.line}: " if span.file == main else f"{span.file}, line {span.line}: "

    def _shown(self) -> Iterator[tuple[str, int]]:
        for info in self.chosen.attributes:
            for name in predicates_of(self.vocabulary, info):
                yield name, len(info.index) + 1
        for (name, arity), relation in self.checked.relations.items():
            if name in self.chosen.relations and relation.status != "crisp":
                yield name, arity


def write_logic(checked: CheckedProgram, chosen: LogicSelection, queries: Sequence[Query]) -> LogicText:
    """The text of what was chosen. Raises NesyError with what the statements hold that clingo cannot take."""
    vocabulary = Vocabulary(checked)
    sources = Sources(checked.program)
    problems: list[Diagnostic] = list(chosen.problems)
    levels = Levels.of(checked, chosen)
    heads = defined_by_rules(checked, chosen)
    parts = [
        _attribute_part(vocabulary, info, sources.statement(info.span), heads)
        for info in chosen.attributes
        if info.name not in chosen.determined
    ]
    for number, (statement, crisp) in enumerate(chosen.statements):
        span = statement.statement.span if isinstance(statement, TypedRule) else statement.span
        try:
            lines = _statement_lines(vocabulary, statement, str(number), levels)
        except NesyError as error:
            problems.extend(error.diagnostics)
            continue
        mark = -1 if crisp else number
        source = statement.text if isinstance(statement, ClingoStatement) else sources.statement(span)
        grounded = (statement.under(mark_atom(mark)),) if isinstance(statement, ClingoStatement) and not crisp else None
        parts.append(Part(tuple(lines), span, source, mark, grounded))
    found: list[QueryText] = []
    for number, query in enumerate(queries):
        try:
            found.append(query_text(vocabulary, query, f"q{number}"))
        except NesyError as error:
            problems.extend(error.diagnostics)
    raise_errors(few_of_numbers(problems))
    constants = constant_lines(vocabulary, [statement for statement, _ in chosen.statements])
    if constants:
        parts.insert(0, Part(constants, NOWHERE, "constants, for clingo code", -1))
    for info in chosen.attributes:
        if info.name in vocabulary.indexed or info.condition:
            parts.insert(0, Part(tuple(index_line(vocabulary, info)), NOWHERE, f"the indices of {info.name}", -1))
    return LogicText(checked, chosen, vocabulary, tuple(parts), vocabulary.domain_lines(), tuple(found), levels.degrees)


def _statement_lines(vocabulary: Vocabulary, statement: LogicStatement, label: str, levels: Levels) -> list[str]:
    match statement:
        case Rule():
            return rule_lines(vocabulary, statement, label)
        case Constraint():
            return constraint_lines(vocabulary, statement, label)
        case SoftConstraint():
            return soft_lines(vocabulary, statement, label)
        case Optimize():
            return optimize_lines(vocabulary, statement, label)
        case TypedRule():
            return uncertain_lines(vocabulary, statement, label, levels)
        case ClingoStatement():
            return clingo_lines(vocabulary, statement)


# ----- attributes


def names_of_attribute(info: AttributeInfo) -> tuple[str | None, ...]:
    """The attribute itself (None) and each of its sources."""
    return (None, *info.sources)


def predicates_of(vocabulary: Vocabulary, info: AttributeInfo) -> Iterator[str]:
    """``label``, ``label'm1``: the predicates of an attribute and of its sources."""
    for source in names_of_attribute(info):
        yield vocabulary.head_predicate(Call(info.name, source=source))


def defined_by_rules(checked: CheckedProgram, chosen: LogicSelection) -> dict[str, bool]:
    """The concepts whose values come from ``:-`` rules alone; True where all of these say ``true`` of a bool."""
    found: dict[str, bool] = {}
    by_uncertain = {
        part for statement, _ in chosen.statements if isinstance(statement, TypedRule) for part in _concluded(statement)
    }
    for statement, _ in chosen.statements:
        if isinstance(statement, Rule):
            head = statement.head
            call = head if isinstance(head, Call) else getattr(head, "left", None)
            if isinstance(call, Call) and call.name in checked.attributes and call.name not in by_uncertain:
                found[call.name] = found.get(call.name, True) and isinstance(head, Call)
    return found


def _concluded(rule: TypedRule) -> Iterator[str]:
    yield from (part.name for part in walk(rule.statement.conclusion) if isinstance(part, Call))


def _attribute_part(vocabulary: Vocabulary, info: AttributeInfo, source: str, heads: dict[str, bool]) -> Part:
    """Exactly one value at every index: chosen, or for a concept with ``:-`` rules what these derive."""
    if info.name in heads:
        closed, only_one = _derived_values(vocabulary, info, says_true_only=heads[info.name])
        return Part((*closed, only_one), info.span, source, -1, closed)
    names = names_of_attribute(info)
    lines = [values_line(vocabulary, info, name, exactly_one=True) for name in names]
    open_lines = [values_line(vocabulary, info, name, exactly_one=False) for name in names]
    return Part(tuple(lines), info.span, source, -1, tuple(open_lines))


def _derived_values(
    vocabulary: Vocabulary, info: AttributeInfo, *, says_true_only: bool
) -> tuple[tuple[str, ...], str]:
    """What closes a concept whose values rules derive (a bool is false where none says true), and the count of one."""
    predicate = vocabulary.head_predicate(Call(info.name))
    names = [f"X{place}" for place in range(1, len(info.index) + 1)]
    guard = [application(vocabulary.index_predicate(info.name), names)] if names else []
    true, false, any_value = (application(predicate, [*names, value]) for value in ("true", "false", "V"))
    closed = (rule(false, [*guard, f"not {true}"]),) if says_true_only else ()
    return closed, rule("", [*guard, f"#count {{ V : {any_value} }} != 1"])
