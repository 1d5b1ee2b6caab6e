"""The tuples of crisp relations, as far as rules about single objects can use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from nesy.abduction.error_rules.surroundings import Rows
from nesy.abduction.error_rules.terms import real_places
from nesy.dsl.checked import CheckedProgram
from nesy.dsl.checks.open_types import values_of_fact_term
from nesy.dsl.statements import Rule
from nesy.dsl.syntax import Call
from nesy.dsl.values import Value


def crisp_facts(checked: CheckedProgram, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Rows]:
    """The tuples of the relations among ``wanted`` that plain facts give, by name and number of arguments.

    Relations that rules define are left out (rules that use them are grounded), and so are those with decimal numbers.
    """
    names = set(wanted)
    rows: dict[tuple[str, int], list[tuple[Value, ...]]] = defaultdict(list)
    defined = set(real_places(checked))
    for statement in checked.program.statements:
        if not isinstance(statement, Rule) or not isinstance(statement.head, Call):
            continue
        key = (statement.head.name, len(statement.head.arguments))
        if key not in names or key in defined or key not in checked.relations:
            continue
        arguments = statement.head.arguments
        values = [values_of_fact_term(argument, checked.constants) for argument in arguments]
        if statement.body or any(len(found) != 1 for found in values):
            defined.add(key)
        else:
            rows[key].append(tuple(found[0] for found in values))
    declared = {key for key, info in checked.relations.items() if key in names and info.status == "crisp"}
    return {key: frozenset(rows[key]) for key in declared - defined}
