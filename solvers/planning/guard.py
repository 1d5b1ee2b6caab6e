"""Before a grounder starts: does any statement explode?

Most statements are cleared by a bound that looks at types alone, so that this costs next to nothing; the others are
estimated as for a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, prod

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain, TypedRule
from nesy.dsl.diagnostics import Diagnostic, Severity
from nesy.dsl.statements import Choice, ClingoStatement, Optimize, Rule
from nesy.dsl.syntax import Call, Formula
from nesy.solvers.grounding.walking import clauses, variables
from nesy.solvers.planning.conditions import numbers_of
from nesy.solvers.planning.culprits import BUDGET, culprit
from nesy.solvers.planning.extents import Estimates
from nesy.solvers.planning.heads import counts_forever, facts_of
from nesy.solvers.planning.literals import Body
from nesy.solvers.planning.relations import Relation, Vague
from nesy.solvers.planning.statements import Size, Sized, size_of


def explosions(checked: CheckedProgram, statements: Iterable[Sized], budget: int | None) -> list[Diagnostic]:
    """E512 for each statement that is expected to exceed the budget, W512 where only a bound does.

    ``budget`` None stands for the usual one, 0 for none at all.
    """
    if budget == 0:
        return []
    limit = BUDGET if budget is None else budget
    loose, estimates = Loose(checked), Estimates.of(checked)
    found = []
    for statement in statements:
        if loose.bound(statement) > limit:
            size = size_of(estimates, statement)
            if size.work > limit:
                counts = isinstance(statement, Rule) and counts_forever(statement, checked.constants)
                found.append(exceeded(size, limit, certain=counts and size.work == inf))
    # what rests on an endless relation may be endless too: that is no news
    errors = [entry for entry in found if entry.severity is Severity.ERROR]
    return errors or found


def exceeded(size: Size, limit: int, *, certain: bool = False) -> Diagnostic:
    """What is said of a statement beyond the budget; an error if it is sure to be."""
    found = culprit(size, "")
    message = f"{found.message}; the budget is {limit:,}"
    hint = f"{found.cure}; with --budget 0 grounding starts all the same"
    return Diagnostic("E512" if certain or found.certain else "W512", message, size.span, hint)


@dataclass(frozen=True)
class Loose:
    """What types alone say of relations and indices."""

    checked: CheckedProgram

    def relation(self, name: str, arity: int) -> Relation:
        """Every combination of the values that the checks allow."""
        info = self.checked.relations.get((name, arity))
        domains = (None,) * arity if info is None else info.arguments
        columns = tuple(None if domain is None else domain.values for domain in domains)
        return Vague(columns, inf) if None in columns else Vague.product([c for c in columns if c is not None])

    def index(self, info: AttributeInfo) -> Relation:
        """The full product of an attribute's index."""
        return Vague.product([domain.values for domain in info.index])

    def bound(self, statement: Sized) -> float:
        """A statement has no more instances, parts and partial matches than this."""
        match statement:
            case AttributeInfo():
                values = max(1, len(statement.value)) if isinstance(statement.value, Domain) else 1
                return self.index(statement).size * values * (1 + len(statement.sources))
            case ClingoStatement():
                return 0.0
            case TypedRule():
                body = Body(self)
                body.typed(statement.variables)
                body.add_all(statement.statement.where)
                body.indices([statement.statement.premise, statement.statement.conclusion])
                return self._product(body)
            case Rule(Call() as atom, ()):
                return facts_of(atom, self.checked.constants)
            case Rule(head, formulas):
                elements = head.elements if isinstance(head, Choice) else ()
                return self._largest(formulas, [element.condition for element in elements])
            case Optimize():
                return max((self._largest(element.condition, []) for element in statement.elements), default=0.0)
            case _:
                return self._largest(statement.body, [])

    def _largest(self, formulas: Sequence[Formula], parts: Sequence[Sequence[Formula]]) -> float:
        total = 0.0
        for clause in clauses(formulas):
            body = Body(self)
            body.add_all(clause)
            for part in parts:
                body.inner().add_all(part)
            total += self._product(body)
        return total

    def _product(self, body: Body) -> float:
        """The product of the values of all variables, those of the parts included, each by its smallest domain."""
        smallest: dict[str, float] = {}
        for part in (body, *body.parts):
            for atom in part.atoms:
                assert isinstance(atom.relation, Vague)
                for place, term in enumerate(atom.arguments):
                    for name in variables([term]):
                        smallest[name] = min(smallest.get(name, inf), atom.relation.distinct(place))
            for condition in part.conditions:
                for name, size in numbers_of(condition, self.checked.constants):
                    smallest[name] = min(smallest.get(name, inf), size)
        return prod(smallest.values(), start=1.0) * (len(body.atoms) + 1)
