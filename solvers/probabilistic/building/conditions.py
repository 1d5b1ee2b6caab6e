"""What is known and what is asked: observations, constraints and queries as conditions and estimands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.checks.types import BOOL
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.statements import Constraint, Observe, Query, SoftConstraint
from nesy.dsl.syntax import And, Call, Formula, Quantified
from nesy.dsl.values import format_reference
from nesy.solvers.grounding.labels import formula_label
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import global_variables
from nesy.solvers.probabilistic.building.expressions import Bindings, wrong_value
from nesy.solvers.probabilistic.building.facts import Restriction, marked
from nesy.solvers.probabilistic.building.folding import applied, conditional, known_values, negation
from nesy.solvers.probabilistic.building.instances import Registry
from nesy.solvers.probabilistic.model.expressions import (
    FALSE,
    TRUE,
    Apply,
    Constant,
    Expression,
    Reference,
    Scalar,
    describe,
)
from nesy.solvers.probabilistic.model.graph import Condition, Estimand, Event, Factor, Observation


class ConditionReader:
    """Reads observations, constraints and queries."""

    def __init__(self, checked: CheckedProgram, registry: Registry) -> None:
        self._checked = checked
        self._registry = registry
        self._translator = registry.translator

    def restriction(self, statement: Restriction) -> Iterator[Condition]:
        """The conditions that a statement stands for."""
        match statement:
            case Observe(formula):
                yield from self.observed(formula, {}, statement.span)
            case Constraint(body):
                named = self._named(body)
                for bindings, guard in self._registry.solver.solve(named, {}, named):
                    text = f"not ({', '.join(formula_label(part, _plain(bindings)) for part in named)})"
                    yield from self._event(negation(guard), text, statement.span)
            case SoftConstraint():
                yield from self._soft(statement)

    def _soft(self, statement: SoftConstraint) -> Iterator[Condition]:
        """Each different weight and list of terms costs once; without terms the body's variables stand for them."""
        found: dict[tuple[Expression, ...], list[Expression]] = {}
        names = global_variables(statement.body)
        body = self._named(statement.body)
        for bindings, guard in self._registry.solver.solve(body, {}, body):
            told = [self._translator.term(term, bindings) for term in statement.terms] or [bindings[n] for n in names]
            found.setdefault((self._translator.term(statement.weight, bindings), *told), []).append(guard)
        for key, guards in found.items():
            cost = self._translator.apply("neg", [key[0]], statement.span)
            yield Factor(
                conditional(applied("or", *guards), cost, Constant(0)), f"weight {describe(key[0])}", statement.span
            )

    def _named(self, body: tuple[Formula, ...]) -> tuple[Formula, ...]:
        """A body whose ``_`` in the index of an attribute range over it."""
        return self._translator.named(And(body)).items

    # ----- observations

    def observed(self, formula: Formula, bindings: Bindings, span: Span) -> Iterator[Condition]:
        """The conditions that a formula observed at ``span`` stands for: one for each part that must hold."""
        match self._translator.named(formula):
            case And(items):
                for item in items:
                    yield from self.observed(item, bindings, span)
            case Quantified("all", body, condition):
                for solution, guard in self._registry.solver.solve(condition, bindings, (body,)):
                    if guard == TRUE:
                        yield from self.observed(body, solution, span)
                    else:
                        event = applied("or", negation(guard), self._translator.formula(body, solution))
                        yield from self._event(event, formula_label(body, _plain(solution)), span)
            case plain:
                found = self._translator.formula(plain, bindings)
                yield from self._event(found, formula_label(plain, _plain(bindings)), span)

    def _event(self, expression: Expression, text: str, span: Span) -> Iterator[Condition]:
        """One condition; an equation of a random variable and a constant is an observation."""
        match expression:
            case Constant(value):
                if value is not True:
                    yield Event(FALSE, text, span)
            case Reference(label) if self._is_random(label):
                yield Observation(label, True, text, span)
            case Apply("not", (Reference(label),)) if self._is_random(label):
                yield Observation(label, False, text, span)
            case Apply("=", (Reference(label), Constant(value)) | (Constant(value), Reference(label))) if (
                self._is_random(label)
            ):
                yield Observation(label, value, text, span)
            case Apply("and", arguments):
                for argument in arguments:
                    yield from self._event(argument, text, span)
            case _:
                yield Event(expression, text, span)

    def _is_random(self, label: str) -> bool:
        instance = self._registry.known.get(label)
        return instance is not None and self._registry.is_variable(instance.info)

    # ----- queries

    def query(self, query: Query) -> Iterator[Estimand]:
        """The estimands of a query, in order; E511 if it lies outside the index of its attribute."""
        formula = self._translator.named(query.formula)
        info = attribute_of(self._checked, formula)
        if isinstance(formula, Call) and info is not None:
            yield from self._attribute(formula, info, query.span)
            return
        found = False
        for bindings, guard in self._registry.solver.solve((), {}, (formula,)):
            del guard
            found = True
            yield self._formula(formula, bindings, query.span)
        if not found:
            label = formula_label(query.formula, {})
            raise NesyError(Diagnostic("E511", f"the query {label} has no instance", query.span, _INDEX_HINT))

    def _attribute(self, call: Call, info: AttributeInfo, span: Span) -> Iterator[Estimand]:
        seen: set[object] = set()
        try:
            for bindings, _ in self._registry.solver.solve((), {}, (call,)):
                expression = self._translator.term(call, bindings)
                index = [self._translator.term(part, bindings, whole=True) for part in call.arguments]
                values = known_values(index)
                if values is None:
                    raise wrong_value("the index of a query must be known", call.span, "ask for a formula instead")
                if marked(values) in seen:
                    continue
                seen.add(marked(values))
                label = format_reference(info.name, values)
                domain = info.value if isinstance(info.value, Domain) and info.kind != "definition" else None
                yield Estimand(label, info.name, expression, domain, span=span)
        except NesyError as error:
            if error.diagnostics[0].code == "E590" and error.diagnostics[0].span == call.span and not seen:
                message = f"the query {formula_label(call, {})} is outside the index of '{info.name}'"
                raise NesyError(Diagnostic("E511", message, span, _INDEX_HINT)) from None
            raise
        if not seen:
            message = f"the query {formula_label(call, {})} is outside the index of '{info.name}'"
            raise NesyError(Diagnostic("E511", message, span, _INDEX_HINT))

    def _formula(self, formula: Formula, bindings: Bindings, span: Span) -> Estimand:
        label = formula_label(formula, _plain(bindings))
        family = formula.name if isinstance(formula, Call) else label
        return Estimand(label, family, self._translator.formula(formula, bindings), BOOL, span=span)


_INDEX_HINT = "'nesy compile --to pyro' shows every random variable with its index"


def _plain(bindings: Bindings) -> Mapping[str, Scalar]:
    """The bindings that are known, for labels."""
    return {name: part.value for name, part in bindings.items() if isinstance(part, Constant)}
