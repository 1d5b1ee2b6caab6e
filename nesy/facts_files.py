"""Facts from data: CSV, TSV and Parquet tables, rule files, and Python tuples, made into ``Rule`` statements.

Each fact keeps its place (file, row, column), so that the checks of the language, which test values against the
types of the relation, report it there. A table has one row per fact and no header; rows that begin with ``#`` are
left out, so a header begins with it: ``#from,to``. Numbers, ``true``, ``false`` and tuples ``(1,2)`` are read as such,
everything else is a name or text; where the relation declares a type of names, ``7`` is a name as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TypeAlias

from nesy.dsl.checks.walk import calls, parts_of
from nesy.dsl.diagnostics import Diagnostic, NesyError, counted, did_you_mean
from nesy.dsl.span import Span
from nesy.dsl.statements import (
    ConceptDeclaration,
    NamedType,
    PerceptDeclaration,
    Program,
    RelationDeclaration,
    Rule,
    TypeDeclaration,
    TypeExpression,
)
from nesy.dsl.syntax import Call, Negative, Number, SetTerm, Term, Text, TupleTerm
from nesy.dsl.values import Value
from nesy.findings import Findings
from nesy.tables import ENDINGS, Row, Source, read_table
from nesy.value_text import LONGEST, is_value, read_values

FactsSource: TypeAlias = "str | Path | Sequence[Sequence[Value | float] | Value | float]"
"""A path, or the tuples themselves; a relation with one place may have bare values."""

RULES = (".lp", ".nesy")


def read_facts(program: Program, facts: Mapping[str, FactsSource]) -> tuple[tuple[Rule, ...], tuple[Source, ...]]:
    """The facts of all sources as statements, and the texts of the files for messages.

    Raises one :class:`NesyError` with what is wrong: E420 unknown relation, E421 columns, E423 unknown kind of file,
    E424 pyarrow missing, E425 not a fact, E426 a header, E415 and E416 unreadable.
    """
    known = _used_arities(program)
    findings = Findings()
    rules: list[Rule] = []
    sources: list[Source] = []
    for relation, source in facts.items():
        if relation not in known:
            hint = did_you_mean(relation, known) or "the rule file neither declares nor uses such a relation"
            findings.add("E420", f"there is no relation '{relation}' to give facts to", hint=hint, place="--facts")
            continue
        try:
            found, texts = _read_source(program, relation, source, findings)
        except NesyError as error:
            for diagnostic in error.diagnostics:
                findings.append(diagnostic)
            sources += error.sources
            continue
        rules += found
        sources += texts
        _refuse_other_arities(relation, found, known[relation], findings)
    if findings:
        try:
            findings.raise_errors()
        except NesyError as error:
            raise NesyError(error.diagnostics, sources) from None
    return tuple(rules), tuple(sources)


def _used_arities(program: Program) -> dict[str, set[int]]:
    """The names that facts may have: declared and used relations, and types (``node(a).``), but no attributes.

    For each the numbers of arguments with which the rule file uses it; empty where a declaration says it, to which the
    checks of the language hold the facts.
    """
    used: dict[str, set[int]] = {}
    declared: set[str] = set()
    attributes: set[str] = set()
    for statement in program.statements:
        match statement:
            case RelationDeclaration(name) | TypeDeclaration(name):
                declared.add(name)
            case PerceptDeclaration(name) | ConceptDeclaration(name):
                attributes.add(name)
        for call in calls(parts_of(statement)):
            if call.arguments:
                used.setdefault(call.name, set()).add(len(call.arguments))
    found = used | {name: set() for name in declared}
    return {name: arities for name, arities in found.items() if name not in attributes}


def _refuse_other_arities(relation: str, rules: Iterable[Rule], arities: set[int], findings: Findings) -> None:
    """E421 for facts with another number of arguments than every use of the relation: no rule would see them."""
    for rule in rules:
        if isinstance(rule.head, Call) and arities and len(rule.head.arguments) not in arities:
            given = counted(len(rule.head.arguments), "argument")
            wanted = " or ".join(map(str, sorted(arities)))
            message = f"the fact has {given}, but the rule file uses '{relation}' with {wanted}"
            hint = "one column is one argument"
            findings.add("E421", message, hint=hint, place=f"{rule.span.file}:{rule.span.line}")


def _read_source(
    program: Program, relation: str, source: FactsSource, findings: Findings
) -> tuple[list[Rule], list[Source]]:
    if not isinstance(source, str | Path):
        return list(_given_tuples(relation, source, findings)), []
    path = Path(source)
    kind = path.suffix.lower()
    if kind in RULES:
        return _rule_file(relation, path)
    if kind not in ENDINGS:
        hint = f"facts come from files that end in {', '.join((*ENDINGS, *RULES))}"
        message = f"facts cannot be read from files that end in '{path.suffix}'"
        raise NesyError(Diagnostic("E423", message, hint=hint, place=str(path)))
    rows, texts = read_table(path)
    columns = _columns(program, relation)
    return list(_table(relation, rows, columns, str(path), findings)), texts


# ----- tables


def _columns(program: Program, relation: str) -> list[TypeExpression | None] | None:
    """The declared types of a relation's places, aliases followed; None where nothing is declared."""
    types = {entry.name: entry for entry in program.statements if isinstance(entry, TypeDeclaration)}
    for statement in program.statements:
        if isinstance(statement, RelationDeclaration) and statement.name == relation:
            return [_followed(argument, types) for argument in statement.arguments]
    if relation in types:
        return [_followed(NamedType(relation), types)]
    return None


def _followed(expression: TypeExpression, types: Mapping[str, TypeDeclaration]) -> TypeExpression | None:
    for _ in range(len(types) + 1):
        if not isinstance(expression, NamedType) or expression.name not in types:
            return expression
        definition = types[expression.name].definition
        if definition is None:
            return None
        expression = definition
    return None


def _table(
    relation: str, rows: list[Row], columns: list[TypeExpression | None] | None, path: str, findings: Findings
) -> Iterator[Rule]:
    width = len(columns) if columns is not None else len(rows[0][1]) if rows else 0
    _refuse_header(rows, path, width)
    for line, cells in rows:
        if len(cells) != width:
            whose = f"'{relation}' has" if columns is not None else "the first row has"
            message = f"the row has {counted(len(cells), 'column')}, {whose} {width}"
            findings.add(
                "E421", message, hint="one row is one fact, one column is one argument", place=f"{path}:{line}"
            )
            continue
        terms = []
        for number, (start, text) in enumerate(cells):
            span = Span(path, line, start, line, start + max(len(text), 1))
            terms.append(_cell(text, columns[number] if columns is not None else None, span))
            if not text:
                message = f"column {number + 1} is empty"
                findings.add("E421", message, hint="every argument of a fact has a value", place=f"{path}:{line}")
        span = Span(path, line, 1, line, cells[-1][0] + len(cells[-1][1]))
        yield Rule(Call(relation, tuple(terms), None, span), (), span)


def _refuse_header(rows: list[Row], path: str, width: int) -> None:
    """E426 where the first row has words in a column that holds numbers otherwise."""
    whole = [row for row in rows if len(row[1]) == width]
    if len(whole) < 2 or whole[0] is not rows[0]:
        return
    for column in range(width):
        first, *others = (_number_of(row[1][column][1]) is not None for row in whole)
        name = whole[0][1][column][1]
        if not first and all(others) and name[:1].isalpha():
            message = f"the first row looks like a header: '{name}' stands over numbers"
            hint = "begin a header with '#'; it is then left out"
            raise NesyError(Diagnostic("E426", message, hint=hint, place=f"{path}:{whole[0][0]}"))


_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def _number_of(text: str) -> int | float | None:
    """The number that a cell holds: ``3``, ``-0.25``, ``1.7e-3``, also ``.5``; None for all else (``1e999``)."""
    if _NUMBER.fullmatch(text) is None:
        return None
    if text.removeprefix("-").isdecimal():
        return int(text) if len(text) <= LONGEST else None
    value = float(text)
    return value if isfinite(value) else None


def _cell(text: str, expected: TypeExpression | None, span: Span) -> Term:
    """The term in a cell. A type of names makes every cell a name."""
    if isinstance(expected, SetTerm) and not any(
        isinstance(item, Number | Negative | TupleTerm) for item in expected.items
    ):
        return Text(text, span)
    number = _number_of(text)
    if number is not None:
        return _number(number, span)
    values = read_values(text) if text.startswith(("(", '"')) else None
    if values is not None and len(values) == 1:
        return _term(values[0], span)
    return Call(text, (), None, span) if text in ("true", "false") else Text(text, span)


def _number(value: int | float, span: Span) -> Term:
    return Negative(Number(-value, span), span) if value < 0 else Number(value, span)


def _term(value: Value | float, span: Span) -> Term:
    match value:
        case bool():
            return Call("true" if value else "false", (), None, span)
        case int() | float():
            return _number(value, span)
        case str():
            return Text(value, span)
        case tuple():
            return TupleTerm(tuple(_term(item, span) for item in value), span)


# ----- rule files and Python values


def _rule_file(relation: str, path: Path) -> tuple[list[Rule], list[Source]]:
    from nesy.dsl import parse
    from nesy.dsl.loading import read_text

    text = read_text(path)
    sources = [(str(path), text)]
    try:
        program = parse(text, str(path))
    except NesyError as error:
        raise NesyError(error.diagnostics, sources) from None
    problems, rules = [], []
    for statement in program.statements:
        if isinstance(statement, Rule) and isinstance(statement.head, Call) and not statement.body:
            if statement.head.name == relation:
                rules.append(statement)
                continue
            message = f"this is a fact of '{statement.head.name}', the file was given for '{relation}'"
            hint = "give each relation a file of its own"
        else:
            message, hint = "this is no fact", f"a facts file holds facts of '{relation}' only"
        problems.append(Diagnostic("E425", message, statement.span, hint))
    if problems:
        raise NesyError(problems, sources)
    return rules, sources


def _given_tuples(relation: str, rows: Iterable[object], findings: Findings) -> Iterator[Rule]:
    for number, row in enumerate(rows):
        values = tuple(row) if isinstance(row, tuple | list) else (row,)
        span = Span(f"<facts {relation}>", number + 1, 1, number + 1, 1)
        if all(is_value(value) or (isinstance(value, float) and isfinite(value)) for value in values):
            yield Rule(Call(relation, tuple(_term(value, span) for value in values), None, span), (), span)
        else:
            message = f"entry {number} is {row!r}, which is no tuple of values"
            hint = "values are numbers, texts, truth values, and tuples of texts and whole numbers"
            findings.add("E421", message, hint=hint, place=f"facts of {relation}")
