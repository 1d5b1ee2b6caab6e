"""Grounding: from a checked program to a ground model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, raise_errors
from nesy.dsl.statements import Query
from nesy.dsl.values import Value, format_scalar
from nesy.solvers.ground_model import Attribute, GroundAtom, GroundModel, GroundQuery, GroundRule, GroundUncertainRule
from nesy.solvers.grounding.attribute_rules import RuleReader
from nesy.solvers.grounding.findings import once_each
from nesy.solvers.grounding.formulas import Literals
from nesy.solvers.grounding.gringo import Grounding, rule_budget, run
from nesy.solvers.grounding.indices import ground_attributes
from nesy.solvers.grounding.instantiate import Instantiator
from nesy.solvers.grounding.overflow import overflows
from nesy.solvers.grounding.query_rules import QueryReader
from nesy.solvers.grounding.selection import Selection, select
from nesy.solvers.grounding.sources import Sources
from nesy.solvers.grounding.symbols import order_key
from nesy.solvers.grounding.text import GroundingText, write
from nesy.solvers.grounding.uncertain_rules import UncertainReader


def ground(
    checked: CheckedProgram,
    queries: Sequence[Query] | None = None,
    *,
    strict: bool = False,
    budget: int | None = None,
) -> GroundModel:
    """Ground the part of ``checked`` that ``queries`` need; None stands for the program's own query statements.

    Without any query, what all concepts and derived relations need is grounded. ``budget`` bounds what is tried for one
    statement, and the ground rules (None: 10 and 3 million; 0: nothing). Raises NesyError with every
    finding: heads and queries outside their type or index (E510, E511), groundings that would be too large (E512),
    constructs without a place in a ground model (E513), facts that violate a constraint (E514), with ``strict``
    constraints that would be left out (E515), what gringo refuses (E516), numbers that it cannot hold (E517).
    """
    if queries is None:
        queries = [statement for statement in checked.program.statements if isinstance(statement, Query)]
    chosen = select(checked, queries, strict=strict)
    raise_errors(chosen.problems)
    chosen.problems += _explosions(checked, chosen, budget)
    raise_errors(chosen.problems)
    text = write(checked, chosen, queries)
    grounding = run(text.lines, keep_rules=bool(text.rules), budget=rule_budget(budget))
    return _read(checked, chosen, text, grounding)


def _explosions(checked: CheckedProgram, chosen: Selection, budget: int | None) -> list[Diagnostic]:
    # imported here: estimates read programs by means of this package
    from nesy.solvers.planning.guard import explosions

    rules = [rule for _, rule in (*chosen.crisp, *chosen.over_attributes)]
    constraints = [constraint for _, constraint in chosen.crisp_constraints]
    uncertain = [rule for _, rule in chosen.uncertain]
    return explosions(checked, [*chosen.attributes, *rules, *constraints, *uncertain], budget)


def _read(checked: CheckedProgram, chosen: Selection, text: GroundingText, grounding: Grounding) -> GroundModel:
    raise_errors([*violations(text, grounding), *overflows(checked, chosen, text, grounding)])
    attributes = ground_attributes(text.vocabulary, chosen.attributes, grounding)
    atoms = _derived_atoms(checked, chosen, grounding)
    places = {atom: place for place, atom in enumerate(atoms)}
    instantiator = Instantiator(grounding, attributes, places)
    problems = [*chosen.problems, *grounding.warnings]
    sources = Sources(checked.program)

    rules = _read_rules(text, grounding, attributes, places, instantiator.literals, sources, problems)
    uncertain_reader = UncertainReader(instantiator, checked.constants)
    uncertain: list[GroundUncertainRule] = []
    for part in text.uncertain:
        uncertain += uncertain_reader.read(part, sources.statement(part.rule.statement.span))
    query_reader = QueryReader(instantiator)
    queries = [query for part in text.queries for query in query_reader.read(part)]
    problems += [*uncertain_reader.problems, *query_reader.problems]
    problems = once_each(problems)
    raise_errors(problems)
    return GroundModel(
        checked,
        attributes,
        _facts(checked, chosen, grounding),
        atoms,
        tuple(rules),
        tuple(uncertain),
        _distinct(queries),
        tuple(sorted(problems, key=Diagnostic.sort_key)),
    )


def _read_rules(
    text: GroundingText,
    grounding: Grounding,
    attributes: tuple[Attribute, ...],
    atoms: Mapping[GroundAtom, int],
    literals: Literals,
    sources: Sources,
    problems: list[Diagnostic],
) -> list[GroundRule]:
    if not text.rules:
        return []
    # in the text, label@m1 is label'm1
    predicates = {attribute.name.replace("@", "'"): place for place, attribute in enumerate(attributes)}
    reader = RuleReader(grounding, attributes, predicates, atoms, literals)
    statements = {id(part.statement): sources.statement(part.statement.span) for part in text.rules}
    rules = reader.read(text.rules, statements)
    problems += reader.problems
    return rules


def violations(text: GroundingText, grounding: Grounding) -> list[Diagnostic]:
    """E514 for each constraint on crisp relations that the facts violate, with its first violation."""
    found = []
    for check in text.checks:
        rows = sorted(grounding.scalar_rows(check.predicate, len(check.names)), key=order_key)
        if rows:
            pairs = ", ".join(
                f"{name} = {format_scalar(value)}" for name, value in zip(check.names, rows[0], strict=True)
            )
            where = f" for {pairs}" if pairs else ""
            more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
            message = f"the facts violate this constraint{where}{more}"
            found.append(Diagnostic("E514", message, check.constraint.span, "mend the facts or the constraint"))
    return found


def _derived_atoms(checked: CheckedProgram, chosen: Selection, grounding: Grounding) -> tuple[GroundAtom, ...]:
    """The atoms of derived relations that some rule may make true, by name and arguments."""
    found: list[GroundAtom] = []
    for (name, arity), relation in checked.relations.items():
        if relation.status == "derived" and name in chosen.needed:
            rows: list[tuple[Value, ...]] = sorted(grounding.rows(name, arity), key=order_key)
            found += [GroundAtom(name, row) for row in rows]
    return tuple(found)


def _facts(
    checked: CheckedProgram, chosen: Selection, grounding: Grounding
) -> dict[str, tuple[tuple[Value, ...], ...]]:
    """The tuples of the crisp relations that were needed, sorted."""
    found: dict[str, tuple[tuple[Value, ...], ...]] = {}
    for (name, arity), relation in checked.relations.items():
        if relation.status == "crisp" and name in chosen.needed:
            rows = sorted(grounding.rows(name, arity), key=order_key)
            found[name] = (*found.get(name, ()), *rows)
    return found


def _distinct(queries: Iterable[GroundQuery]) -> tuple[GroundQuery, ...]:
    """Each label once: the same thing may be asked for by several statements."""
    found: dict[tuple[str, str], GroundQuery] = {}
    for query in queries:
        found.setdefault((query.kind, query.label), query)
    return tuple(found.values())
