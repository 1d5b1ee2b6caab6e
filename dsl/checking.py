"""Checking: from a program as written to a :class:`~nesy.dsl.checked.CheckedProgram`.

All checks run, whatever the earlier ones find, and everything found is raised at once. The order only matters for
what later checks need to know: constants, then types, then the table of names, then domains, then statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain, NumericType, RelationInfo
from nesy.dsl.checks import dependencies, inference, open_types, symbols
from nesy.dsl.checks.constants import evaluate_constants
from nesy.dsl.checks.crispness import check_crisp_conditions
from nesy.dsl.checks.cyclic_definitions import check_cyclic_definitions
from nesy.dsl.checks.declarations import Declarations, collect
from nesy.dsl.checks.dependencies import Status
from nesy.dsl.checks.domains import Extent
from nesy.dsl.checks.index_domains import settle_index
from nesy.dsl.checks.knowledge import check_variants
from nesy.dsl.checks.places import Places
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.statements import StatementCheck
from nesy.dsl.checks.stratification import recursion_through_negation
from nesy.dsl.checks.symbols import AttributeSymbol, Symbols
from nesy.dsl.checks.types import TypeTable
from nesy.dsl.checks.unused import check_unused, open_types_without_values
from nesy.dsl.diagnostics import Diagnostic, NesyError, Severity, raise_errors
from nesy.dsl.knowledge import Phrase
from nesy.dsl.statements import CLINGO_SUFFIX, Program, Rule
from nesy.dsl.variants import BASE, VariantGroup, preferred, select, variant_groups


def check(
    program: Program, constants: Mapping[str, object] | None = None, facts: Sequence[Rule] = ()
) -> CheckedProgram:
    """Check a program; raise one :class:`~nesy.dsl.diagnostics.NesyError` with all errors and warnings.

    ``constants`` replaces the values of ``const`` statements: numbers, truth values or texts (``"4"`` is read as a
    number). ``facts`` are facts from data files; they become part of the program. Of variants the preferred ones are
    taken, and the programs of the others are checked as well (one group at a time).
    """
    if facts:
        program = replace(program, statements=program.statements + tuple(facts))
    groups = variant_groups(program)
    if not groups:
        return _check(program, constants, Report())
    report = Report()
    check_variants(program, groups, report)
    checked: CheckedProgram | None = None
    for chosen in _one_at_a_time(groups):
        try:
            found = _check(select(program, chosen), constants, Report())
        except NesyError as error:
            report.diagnostics.extend(entry for entry in error.diagnostics if entry not in report.diagnostics)
        else:
            if checked is None:
                report.diagnostics.extend(found.warnings)
            checked = checked or found
    raise_errors(report.diagnostics)
    assert checked is not None
    return replace(checked, warnings=tuple(sorted(report.diagnostics, key=Diagnostic.sort_key)))


def _one_at_a_time(groups: Sequence[VariantGroup]) -> Iterator[tuple[str, ...]]:
    """The preferred variants first, then each other option of each group beside the preferred ones of the others."""
    usual = preferred(groups)
    yield usual
    for group in groups:
        for option in group.options:
            if option != group.preferred:
                others = (name for name in usual if name not in group.options)
                yield (*others, *((option,) if option != BASE else ()))


def _check(program: Program, constants: Mapping[str, object] | None, report: Report) -> CheckedProgram:
    """Check a program without variants."""
    declared = collect(program, report)
    known, broken = evaluate_constants(declared.constants, constants or {}, report)
    values = open_types.gather(program, declared, known)
    table = TypeTable(declared.types, known, values, report, broken)
    names = symbols.build(declared, table, known, report)
    known_places = inference.infer(program, names, names.attributes)
    for symbol in names.attributes.values():
        settle_index(symbol, known_places, report)
    statements = StatementCheck(names, known_places, report)
    for statement in program.statements:
        statements.check(statement)
    found = dependencies.find(program, {*names.attributes, *names.arities})
    status = dependencies.statuses(found, names.attributes, names.arities)
    check_crisp_conditions(program, status, report)
    check_cyclic_definitions(names, found, report)
    report.diagnostics.extend(_of_rule_files(recursion_through_negation(found, "W301")))
    if not _has_errors(report):
        check_unused(program, declared, found, report)
        if not any(isinstance(statement, Phrase) for statement in program.statements):
            open_types_without_values(declared, values, report)
    raise_errors(report.diagnostics)
    return CheckedProgram(
        program=program,
        constants=known,
        types=names.types,
        attributes={name: _attribute_info(symbol) for name, symbol in names.attributes.items()},
        relations=_relations(names, declared, known_places, status),
        rules=tuple(statements.rules),
        depends={name: frozenset(others) for name, others in found.direct.items()},
        warnings=tuple(sorted(report.diagnostics, key=Diagnostic.sort_key)),
    )


def stratification(checked: CheckedProgram) -> list[Diagnostic]:
    """The errors E306 of a program for back ends that take no recursion through negation: one for each cycle."""
    names = {*checked.attributes, *(name for name, _ in checked.relations)}
    return recursion_through_negation(dependencies.find(checked.program, names), "E306")


def _of_rule_files(warnings: list[Diagnostic]) -> list[Diagnostic]:
    """Without those in clingo code, where recursion through negation is the usual way to choose."""
    return [warning for warning in warnings if not warning.span.file.endswith(CLINGO_SUFFIX)]


def _has_errors(report: Report) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in report.diagnostics)


def _attribute_info(symbol: AttributeSymbol) -> AttributeInfo:
    """The symbol as the later stages see it. Without errors, every domain is known, save in definitions."""
    anything = Domain("anything", (), is_open=True)
    return AttributeInfo(
        name=symbol.name,
        kind=symbol.kind,
        index=tuple(anything if domain is None else domain for domain in symbol.index),
        value=NumericType("real") if symbol.value is None else symbol.value,
        index_items=symbol.items,
        condition=symbol.statement.condition,
        sources=symbol.sources,
        span=symbol.statement.span,
    )


def _relations(
    names: Symbols, declared: Declarations, known: Places, status: Mapping[str, Status]
) -> dict[tuple[str, int], RelationInfo]:
    relations: dict[tuple[str, int], RelationInfo] = {}
    for name, arities in names.arities.items():
        for arity in arities:
            arguments: list[Domain | None] = []
            for place in range(arity):
                if name in names.declared:
                    argument = names.declared[name][place]
                    arguments.append(argument if isinstance(argument, Domain) else None)
                else:
                    found = known.known.get((name, arity, place), Extent.NOTHING)
                    arguments.append(found if isinstance(found, Domain) else None)
            statement = declared.relations.get(name)
            span = statement.span if statement is not None else declared.heads[(name, arity)]
            relations[(name, arity)] = RelationInfo(
                name, arity, tuple(arguments), status[name], statement is not None, span
            )
    return relations
