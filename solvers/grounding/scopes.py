"""From a formula to its template and the text that grounds its rows (see :mod:`nesy.solvers.grounding.templates`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from nesy.dsl.checked import Domain
from nesy.dsl.syntax import (
    SWAPPED,
    And,
    Call,
    Comparison,
    Formula,
    Interval,
    Membership,
    Node,
    Not,
    Or,
    Quantified,
    Term,
    Variable,
)
from nesy.solvers.grounding.clingo_parts import application, refusal, rule
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.columns import Columns
from nesy.solvers.grounding.templates import (
    AtomTemplate,
    CasesTemplate,
    CrispTemplate,
    JoinTemplate,
    NotTemplate,
    RangeTemplate,
    Rows,
    SetTemplate,
    Template,
    ValueTemplate,
)
from nesy.solvers.grounding.vocabulary import Vocabulary, attribute_key
from nesy.solvers.grounding.walking import global_variables, replace, variables
from nesy.solvers.grounding.wildcards import name_wildcards


class Scope:
    """The variables that a formula ranges over, the conditions on them, and the columns of their rows.

    ``names`` are the first columns; ``domains`` the types of those that have one; ``free`` the variables that the
    formula itself must bind, by standing in an index or as a value.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        predicate: str,
        label: str,
        names: Sequence[str],
        *,
        domains: Mapping[str, Domain] | None = None,
        free: Iterable[str] = (),
    ) -> None:
        self.vocabulary = vocabulary
        self.predicate = predicate
        self.label = label
        self.free = set(free)
        self.clause = Clause(vocabulary, f"{label}_w", names)
        self.columns = Columns(vocabulary, predicate, self.clause, names, domains)
        self._pending: list[Callable[[], Sequence[str]]] = []
        self._parts = 0

    # ----- formulas

    def compile(self, formula: Formula) -> Template:
        """The template of ``formula``; its conditions become part of the scope."""
        match formula:
            case And():
                return JoinTemplate("all", tuple(map(self.compile, formula.items)))
            case Or():
                return JoinTemplate("any", tuple(map(self.compile, formula.items)))
            case Not():
                return NotTemplate(self.compile(formula.operand))
            case Quantified():
                return self._range(formula)
            case Call():
                return self._call(formula)
            case Comparison():
                return self._comparison(formula)
            case Membership():
                return self._membership(formula)

    def _call(self, call: Call) -> Template:
        vocabulary = self.vocabulary
        if vocabulary.is_attribute(call):
            if any(map(vocabulary.has_attribute, call.arguments)):
                return self._cases(Comparison("=", call, Call("true", span=call.span), call.span))
            return ValueTemplate(attribute_key(call), self.columns.index(call), self.columns.column(Call("true")))
        relation = vocabulary.relation(call)
        if relation is None or relation.status == "crisp":
            if any(map(vocabulary.has_attribute, call.arguments)):
                return self._cases(call)
            return self._crisp(call)
        if any(map(vocabulary.has_attribute, call.arguments)):
            raise refusal(f"an attribute inside an atom of the derived relation '{call.name}'", call.span, ())
        return AtomTemplate(call.name, tuple(map(self.columns.column, call.arguments)))

    def _comparison(self, comparison: Comparison) -> Template:
        vocabulary = self.vocabulary
        left, operator, right = comparison.left, comparison.operator, comparison.right
        if vocabulary.is_attribute(right) and not vocabulary.is_attribute(left):
            left, operator, right = right, SWAPPED[operator], left
        calls = self.clause.attribute_calls(comparison)
        if not calls:
            return self._crisp(comparison)
        if len(calls) > 1 or any(map(vocabulary.has_attribute, calls[0].arguments)):
            return self._cases(comparison)
        if isinstance(left, Call) and vocabulary.is_attribute(left) and operator in ("=", "!="):
            if isinstance(right, Variable) and right.name in self.free:
                self._bind_value(left, right)
            literal = ValueTemplate(attribute_key(left), self.columns.index(left), self.columns.column(right))
            return literal if operator == "=" else NotTemplate(literal)
        hidden = Variable("V'0")
        condition = replace(comparison, lambda part: hidden if part is calls[0] else None)
        return self._set(calls[0], [(hidden, [condition])], variables([condition]))

    def _bind_value(self, call: Call, variable: Variable) -> None:
        info = self.vocabulary.attribute(call)
        domain = self.vocabulary.domain_predicate(self.vocabulary.value_domain(info, call.span))
        self.clause.add(f"{domain}({variable.name})")

    def _membership(self, membership: Membership) -> Template:
        vocabulary, call, values = self.vocabulary, membership.term, membership.values
        calls = self.clause.attribute_calls(membership)
        if not calls:
            return self._crisp(membership)
        direct = isinstance(call, Call) and calls == [call]
        if not direct or any(map(vocabulary.has_attribute, calls[0].arguments)):
            return self._cases(membership)
        hidden = Variable("V'0")
        if isinstance(values, Interval):
            return self._set(calls[0], [(hidden, [Comparison("=", hidden, values)])], variables([values]))
        alternatives: list[tuple[Term, list[Formula]]] = []
        for item in values.items:
            if isinstance(item, Interval):
                alternatives.append((hidden, [*values.condition, Comparison("=", hidden, item)]))
            else:
                alternatives.append((self._named(item), list(values.condition)))
        return self._set(calls[0], alternatives, variables([values]))

    def _named(self, term: Term) -> Term:
        """``term`` with each ``_`` as a variable: it is written twice."""
        count = iter(range(1, 1000))

        def change(part: Node) -> Node | None:
            if isinstance(part, Variable) and part.anonymous:
                return Variable(f"W'{next(count)}", part.span)
            return None

        return replace(term, change)

    # ----- predicates of their own

    def _part(self, kind: str) -> tuple[str, str]:
        self._parts += 1
        label = f"{self.label}_{self._parts}"
        return f"_{kind}_{label}", label

    def _set(self, call: Call, alternatives: list[tuple[Term, list[Formula]]], names: Sequence[str]) -> Template:
        predicate, label = self._part("set")
        info = self.vocabulary.attribute(call)
        domain = self.vocabulary.domain_predicate(self.vocabulary.value_domain(info, call.span))
        key, columns = self.columns.key(names)

        def lines() -> list[str]:
            found: list[str] = []
            for item, conditions in alternatives:
                clause = Clause(self.vocabulary, label, {*names, *variables([item])})
                text = clause.term(item)
                for name in self.columns.projected(key):
                    clause.add(name)
                clause.add(f"{domain}({text})")
                clause.add_all(conditions)
                found += [rule(application(predicate, [*key, text]), clause.body), *clause.lines()]
            return found

        self._pending.append(lines)
        return SetTemplate(attribute_key(call), self.columns.index(call), Rows(predicate, len(key) + 1), columns)

    def _crisp(self, formula: Formula) -> Template:
        predicate, label = self._part("holds")
        key, columns = self.columns.key(variables([formula]))

        def lines() -> list[str]:
            clause = Clause(self.vocabulary, label, key)
            for name in self.columns.projected(key):
                clause.add(name)
            clause.add_all([formula])
            return [rule(application(predicate, key), clause.body), *clause.lines()]

        self._pending.append(lines)
        return CrispTemplate(Rows(predicate, len(key)), columns)

    def _cases(self, formula: Formula) -> Template:
        """A condition on several attributes: fresh variables for their values, one row for each way to hold."""
        predicate, label = self._part("cases")
        key, columns = self.columns.key(variables([formula]))
        parts: list[tuple[Call, str]] = []

        def change(part: Node) -> Node | None:
            if not isinstance(part, Call) or not self.vocabulary.is_attribute(part):
                return None
            inside = tuple(replace(argument, change) for argument in part.arguments)
            if inside == part.arguments:
                self.columns.index(part)
            hidden = f"C'{len(parts) + 1}"
            parts.append((Call(part.name, inside, part.source, part.span), hidden))
            return Variable(hidden, part.span)

        condition = replace(formula, change)

        def lines() -> list[str]:
            clause = Clause(self.vocabulary, label, {*key, *(name for _, name in parts)})
            arguments = list(key)
            for name in self.columns.projected(key):
                clause.add(name)
            for call, hidden in parts:
                info = self.vocabulary.attribute(call)
                index = clause.index(call)
                if index:
                    clause.add(application(self.vocabulary.index_predicate(call.name), index))
                domain = self.vocabulary.domain_predicate(self.vocabulary.value_domain(info, call.span))
                clause.add(f"{domain}({hidden})")
                arguments += [*index, hidden]
            clause.add_all([condition])
            return [rule(application(predicate, arguments), clause.body), *clause.lines()]

        self._pending.append(lines)
        attributes = tuple((attribute_key(call), len(call.arguments)) for call, _ in parts)
        width = sum(1 + places for _, places in attributes)
        return CasesTemplate(attributes, Rows(predicate, len(key) + width), columns)

    def _range(self, formula: Quantified) -> Template:
        predicate, label = self._part("range")
        formula = name_wildcards(self.vocabulary, formula)
        key, columns = self.columns.key(variables([formula]))
        local = [name for name in global_variables([formula.body, *formula.condition]) if name not in key]
        inner = Scope(
            self.vocabulary,
            predicate,
            label,
            [*key, *local],
            domains={name: self.columns.domains[name] for name in key if name in self.columns.domains},
            free=local,
        )
        inner.clause.add_all(formula.condition)
        if formula.quantifier == "any":
            inner.bind_atoms(formula.body)
        body = inner.compile(formula.body)
        self._pending.append(lambda: inner.lines(self.columns.projected(key)))
        return RangeTemplate(formula.quantifier, inner.columns.rows(), columns, body)

    def bind_atoms(self, formula: Formula) -> None:
        """Let the relation atoms of a conjunction bind their free variables."""
        for item in formula.items if isinstance(formula, And) else (formula,):
            binds = isinstance(item, Call) and self.free.intersection(variables([item]))
            if binds and not self.vocabulary.has_attribute(item):
                self.clause.literal(item)

    def lines(self, before: Sequence[str] = ()) -> list[str]:
        """The rules of this scope and of all predicates that its templates need."""
        body = list(dict.fromkeys([*before, *self.clause.body]))
        found = [rule(application(self.predicate, self.columns.texts()), body), *self.clause.lines()]
        for pending in self._pending:
            found.extend(pending())
        return found
