"""The domains of index variables: from the ``for`` condition, in definitions also from their use."""

from __future__ import annotations

from nesy.dsl.checked import Domain
from nesy.dsl.checks.domains import Extent, as_domain
from nesy.dsl.checks.places import Places, occurrences, variable_domains
from nesy.dsl.checks.report import Report
from nesy.dsl.checks.safety import Safety
from nesy.dsl.checks.symbols import AttributeSymbol
from nesy.dsl.checks.walk import names
from nesy.dsl.statements import Definition
from nesy.dsl.syntax import And, Call, Comparison, Membership, Not, Or, Quantified, Variable, walk


def settle_index(symbol: AttributeSymbol, places: Places, report: Report) -> None:
    """Fill in the domains that are still unknown; E302 where an index variable may be anything."""
    if all(domain is not None for domain in symbol.index):
        return
    statement = symbol.statement
    known = variable_domains(statement.condition, places)
    if isinstance(statement, Definition):
        for node in walk(statement.expression):
            if isinstance(node, Call | Comparison | Membership | Not | And | Or | Quantified):
                for found in occurrences(node, places, positive=False):
                    known[found.name] = places.meet(known.get(found.name, Extent.ANYTHING), found.domain)
    bound = Safety(places.symbols, report).bound_by(statement.condition)
    unclear = names(statement.condition) & places.symbols.broken
    for place, item in enumerate(symbol.items):
        if not isinstance(item, Variable) or isinstance(symbol.index[place], Domain):
            continue
        domain = known.get(item.name)
        if domain is not None and domain is not Extent.ANYTHING:
            symbol.index[place] = as_domain(domain)
        elif item.name in bound and not isinstance(statement, Definition) and not unclear:
            text = f"nothing says which values the index variable {item.name} takes"
            hint = "declare the relation of the 'for' condition with the types of its arguments"
            report.add("E302", text, item.span, hint)
