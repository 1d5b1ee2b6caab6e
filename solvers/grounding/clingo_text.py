"""Terms and bodies of the language as clingo text.

A :class:`Clause` writes one conjunctive body. An attribute ``cell(R, C)`` of value ``V`` is the atom
``cell(R,C,V)``; where an attribute stands inside a term, a fresh variable takes its place. A condition on one
attribute that admits several values (``cell(R, C) > 3``, ``c in {(K, _)}``) becomes one atom with a rule of its
own, a *test*, so that it stays one condition in the ground program:

    _test_7_1(I'1,I'2) :- cell(I'1,I'2,V'0), V'0 > 3.

The text means in clingo what the program means: the grounder reads its ground instances, a back end can run it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import count

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.syntax import (
    SWAPPED,
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Conditional,
    Element,
    Formula,
    Interval,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Quantified,
    SetTerm,
    Term,
    Text,
    TupleTerm,
    Variable,
    children,
)
from nesy.solvers.grounding.clingo_parts import (
    HelperText,
    TestText,
    application,
    name_index_wildcards,
    name_wildcards_in,
    refusal,
    rule,
    with_values,
)
from nesy.solvers.grounding.symbols import value_text
from nesy.solvers.grounding.vocabulary import Vocabulary, check_range
from nesy.solvers.grounding.walking import clauses, global_variables, inward, rename, variables

_OPERATORS = {"mod": "\\"}
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "mod": 2}


class Clause:
    """The body of one rule while it is written.

    ``label`` makes the names of helper predicates unique; ``outside`` are the variables of the statement that are
    no local ones. ``lines()`` gives the helpers' rules once the body is complete.
    """

    def __init__(self, vocabulary: Vocabulary, label: str, outside: Iterable[str]) -> None:
        self.vocabulary = vocabulary
        self.label = label
        self.outside = frozenset(outside)
        self.body: list[str] = []
        self._binders: list[str] = []
        self._plain_binders: list[str] = []
        self._helpers: list[HelperText] = []
        self.tests: list[TestText] = []
        self._fresh = count(1)
        self._count = count(1)

    # ----- terms

    def term(self, term: Term) -> str:
        """``term`` as text; attributes and aggregates inside add literals to the body."""
        match term:
            case Number():
                return self._number(term)
            case Text():
                return value_text(term.value)
            case Variable():
                return term.name
            case Call():
                return self._call(term)
            case TupleTerm():
                return f"({','.join(map(self.term, term.items))})"
            case Negative():
                inner = self.term(term.operand)
                return f"-{inner}" if isinstance(term.operand, Number | Variable) else f"-({inner})"
            case Binary():
                return self._binary(term)
            case Interval():
                return f"({self.term(term.low)}..{self.term(term.high)})"
            case Aggregate():
                name = self.fresh("N")
                self.add(f"{name} = {self._aggregate(term)}", aggregate=True)
                return name
            case Conditional():
                raise refusal("'if … then … else …' stands outside of a definition", term.span, ("probabilistic",))

    def _number(self, number: Number) -> str:
        if not isinstance(number.value, int):
            message = f"the number {number.value} is no integer; rules over finite domains count in integers"
            raise NesyError(Diagnostic("E517", message, number.span, "scale the numbers to integers"))
        check_range([number.value], "the program", number.span)
        return str(number.value)

    def _binary(self, term: Binary) -> str:
        level = _PRECEDENCE[term.operator]

        def side(operand: Term, strict: bool) -> str:
            text = self.term(operand)
            inner = _PRECEDENCE[operand.operator] if isinstance(operand, Binary) else 3
            loose = inner < level or (strict and inner == level) or isinstance(operand, Negative)
            return f"({text})" if loose else text

        return f"{side(term.left, False)}{_OPERATORS.get(term.operator, term.operator)}{side(term.right, True)}"

    def _call(self, call: Call) -> str:
        vocabulary = self.vocabulary
        match vocabulary.kind(call):
            case "attribute":
                value = self.fresh("V")
                self.add(self.atom(call, value))
                return value
            case "constant":
                value_of = vocabulary.checked.constants[call.name]
                if isinstance(value_of, float):
                    return self._number(Number(value_of, call.span))
                check_range([value_of], call.name, call.span)
                return value_text(value_of)
            case _ if not call.arguments:
                return call.name
            case _:
                return f"{call.name}({','.join(map(self.term, call.arguments))})"

    def inner(self, names: Iterable[str] = ()) -> Clause:
        """A part that is written on its own; the names that it makes are new ones here as well."""
        inner = Clause(self.vocabulary, self.label, self.outside | set(names))
        inner._fresh, inner._count = self._fresh, self._count
        return inner

    def fresh(self, letter: str) -> str:
        """A variable that no rule file can hold."""
        return f"{letter}'{next(self._fresh)}"

    def index(self, call: Call) -> list[str]:
        """The index terms of an attribute; each ``_`` becomes a variable, because the terms may be used twice."""
        return [
            self.fresh("X") if isinstance(argument, Variable) and argument.anonymous else self.term(argument)
            for argument in call.arguments
        ]

    def atom(self, call: Call, value: str) -> str:
        """``cell(R,C,V)`` for the attribute ``cell(R, C)``."""
        return application(self.vocabulary.value_predicate(call), [*self.index(call), value])

    # ----- literals

    def add(self, text: str, *, binds: bool = True, aggregate: bool = False) -> None:
        """Append one literal; ``binds`` if it may give helper rules the values of their variables.

        Helpers of an aggregate's own elements must not depend on an ``aggregate``.
        """
        self.body.append(text)
        if binds:
            self._binders.append(text)
            if not aggregate:
                self._plain_binders.append(text)

    def add_all(self, body: Iterable[Formula]) -> None:
        """Append a conjunction; ``or`` may occur below ``all`` only (see ``walking.clauses``)."""
        for formula in body:
            self.literal(inward(formula))

    def literal(self, formula: Formula) -> None:
        """Append one literal in negation normal form."""
        match formula:
            case And():
                self.add_all(formula.items)
            case Not(operand=Call() as call):
                self._atom(call, negative=True)
            case Not(operand=Membership() as membership):
                self._membership(membership, negative=True)
            case Call():
                self._atom(formula, negative=False)
            case Membership():
                self._membership(formula, negative=False)
            case Comparison():
                self._comparison(formula)
            case Quantified():
                self._quantified(formula)
            case Or() | Not():
                self._alternation(formula)

    def _atom(self, call: Call, *, negative: bool) -> None:
        vocabulary = self.vocabulary
        kind = vocabulary.kind(call)
        if kind == "attribute":
            self.add(self.atom(call, "false" if negative else "true"))
            return
        name = vocabulary.type_predicate(call.name) if kind == "type" else call.name
        text = application(name, [self.term(argument) for argument in call.arguments])
        self.add(f"not {text}" if negative else text, binds=not negative)

    def _comparison(self, comparison: Comparison) -> None:
        left, operator, right = comparison.left, comparison.operator, comparison.right
        if self.vocabulary.is_attribute(right) and not self.vocabulary.is_attribute(left):
            left, operator, right = right, SWAPPED[operator], left
        if isinstance(left, Aggregate) or isinstance(right, Aggregate):
            first = self._aggregate(left) if isinstance(left, Aggregate) else self.term(left)
            second = self._aggregate(right) if isinstance(right, Aggregate) else self.term(right)
            self.add(f"{first} {operator} {second}", aggregate=True)
            return
        if self.vocabulary.is_attribute(left) and operator in ("=", "!="):
            assert isinstance(left, Call)
            self._value(left, operator == "!=", right)
            return
        calls = self.attribute_calls(comparison)
        if calls and not any(map(self.vocabulary.has_attribute, calls[-1].arguments)):
            # the others get variables for their values, the last one a test on all of its values together
            closed = name_index_wildcards(comparison, calls, self.fresh)
            *others, last = self.attribute_calls(closed)
            known = {call: self.term(call) for call in others if call != last}
            self._compare_one(with_values(closed, known), last)
            if operator == "=" and any(variables([side]) and not self.attribute_calls(side) for side in (left, right)):
                self._bind_sum(with_values(closed, known), last)
            return
        self.add(f"{self.term(left)} {operator} {self.term(right)}")

    def _value(self, call: Call, negative: bool, term: Term) -> None:
        """``cell(R, C) = V`` or, ``negative``, ``cell(R, C) != V``."""
        value = self.term(term)
        if not negative:
            self.add(self.atom(call, value))
            return
        index = self.index(call)
        self._indexed(call, index)
        self.add(f"not {application(self.vocabulary.value_predicate(call), [*index, value])}", binds=False)

    def _indexed(self, call: Call, index: list[str]) -> None:
        if call.arguments:
            self.add(application(self.vocabulary.index_predicate(call.name), index))

    def attribute_calls(self, node: Node) -> list[Call]:
        """The outermost attributes in ``node``, in order; those below quantifiers range over sets of their own."""
        found: list[Call] = []
        stack = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, Call) and self.vocabulary.is_attribute(part):
                found.append(part)
            elif not isinstance(part, Quantified):
                stack.extend(reversed(children(part)))
        return found

    # ----- tests: conditions on one attribute

    def _bind_sum(self, equation: Comparison, call: Call) -> None:
        """``a(1) + a(2) = Z`` may be all that gives Z a value: the helpers learn it from the equation itself."""
        value = self.fresh("V")
        closed = with_values(equation, {call: value})
        inner = self.inner()
        texts = (
            inner.atom(call, value),
            *inner.body,
            f"{inner.term(closed.left)} {closed.operator} {inner.term(closed.right)}",
        )
        self._binders += texts
        self._plain_binders += texts

    def _compare_one(self, comparison: Comparison, call: Call) -> None:
        hidden = Variable("V'0")
        condition = with_values(comparison, {call: hidden.name})
        needs = tuple(name for name in variables([condition]) if name != hidden.name)
        inner = self.inner()
        text = f"{inner.term(condition.left)} {condition.operator} {inner.term(condition.right)}"
        self._test(call, [(hidden.name, (text,))], needs, negative=False)

    def _test(
        self, call: Call, alternatives: Sequence[tuple[str, tuple[str, ...]]], needs: tuple[str, ...], *, negative: bool
    ) -> None:
        """Append “the value of ``call`` is one of these terms, each under its conditions”."""
        name = f"_test_{self.label}_{next(self._count)}"
        predicate = self.vocabulary.value_predicate(call)
        self.tests.append(TestText(name, len(call.arguments) + len(needs), predicate))
        formal = [f"I'{place}" for place in range(1, len(call.arguments) + 1)]
        head = application(name, [*formal, *needs])
        for item, conditions in alternatives:
            atom = application(predicate, [*formal, item])
            self._help(head, (atom, *conditions), needs)
        index = self.index(call)
        if negative:
            self._indexed(call, index)
        text = application(name, [*index, *needs])
        self.add(f"not {text}" if negative else text, binds=False)
        if not negative:
            self._indexed(call, index)

    def _membership(self, membership: Membership, *, negative: bool) -> None:
        term = membership.term
        plain = isinstance(term, Call) and self.vocabulary.is_attribute(term)
        if plain and isinstance(term, Call) and not any(map(self.vocabulary.has_attribute, term.arguments)):
            info = self.vocabulary.attribute(term)
            domain = self.vocabulary.domain_predicate(self.vocabulary.value_domain(info, term.span))
            alternatives = self._alternatives(membership.values, lambda item: f"{domain}({item})")
            self._test(term, alternatives, self._needs(membership.values), negative=negative)
            return
        value = self.term(term)
        if negative:
            self._not_among(value, variables([term]), membership.values)
            return
        items, conditions = self._opened(membership.values)
        self.add(f"{value} = {items[0]}" if len(items) == 1 else f"{value} = ({';'.join(items)})")
        for condition in conditions:
            self.add(condition)

    def _opened(self, values: SetTerm | Interval) -> tuple[list[str], list[str]]:
        """The items and conditions of a set as they stand in a positive body: its own variables become fresh."""
        if isinstance(values, Interval):
            return [self.term(values)], []
        own = [name for name in variables([values]) if name not in self._needs(values)]
        opened = rename(values, {name: self.fresh("U") for name in own})
        inner = self.inner()
        inner.add_all(opened.condition)
        self.adopt(inner)
        return [self.term(item) for item in opened.items], inner.body

    def _not_among(self, value: str, names: Sequence[str], values: SetTerm | Interval) -> None:
        """Append that ``value`` is not in a set: a helper holds where it is."""
        name = f"_set_{self.label}_{next(self._count)}"
        needs = tuple(dict.fromkeys([*names, *self._needs(values)]))
        hidden = re.findall(r"[A-Z]'\d+", value)
        head = application(name, [*needs, *hidden])
        for item, conditions in self._alternatives(values, lambda item: f"{value} = {item}"):
            self._help(head, (f"{value} = {item}", *conditions), (*needs, *hidden))
        self.add(f"not {head}", binds=False)

    def _needs(self, values: SetTerm | Interval) -> tuple[str, ...]:
        """The variables of a set that have their value from outside."""
        found = variables([values])
        if isinstance(values, SetTerm) and values.condition:
            return tuple(name for name in found if name in self.outside)
        return found

    def _alternatives(
        self, values: SetTerm | Interval, binder: Callable[[str], str]
    ) -> list[tuple[str, tuple[str, ...]]]:
        """Each item of a set as text with its conditions; ``binder`` gives what binds the item's variables."""
        if isinstance(values, Interval):
            return [(self.inner().term(values), ())]
        found = []
        for item in values.items:
            inner = self.inner()
            text = inner.term(name_wildcards_in(item, self.fresh))
            inner._binders.append(binder(text))
            inner.add_all(values.condition)
            self.adopt(inner)
            found.append((text, tuple(inner.body)))
        return found

    def _help(self, head: str, conditions: tuple[str, ...], needs: tuple[str, ...]) -> None:
        self._helpers.append(HelperText(head, conditions, needs, (self._binders,)))

    def adopt(self, inner: Clause, *, in_aggregate: bool = False) -> None:
        """Take over the helpers of a part that was written on its own; this body binds their variables too."""
        for helper in inner._helpers:
            scopes = (*helper.scopes, self._plain_binders if in_aggregate else self._binders)
            self._helpers.append(HelperText(helper.head, helper.conditions, helper.needs, scopes))
        self.tests.extend(inner.tests)

    # ----- quantifiers and aggregates

    def _quantified(self, formula: Quantified) -> None:
        own = [name for name in global_variables([formula.body, *formula.condition]) if name not in self.outside]
        names = {name: self.fresh("Q") for name in own}
        body = rename(formula.body, names)
        condition = tuple(rename(item, names) for item in formula.condition)
        if formula.quantifier == "any":
            self.outside |= set(names.values())
            self.add_all((*condition, body))
            return
        body = name_index_wildcards(body, self.attribute_calls(body), self.fresh)
        calls = self.attribute_calls(body)
        for item in body.items if isinstance(body, And) else (body,):
            self._for_all(item, condition, calls)

    def _for_all(self, item: Formula, condition: tuple[Formula, ...], calls: Sequence[Call]) -> None:
        """Append a conditional literal: ``not cell(X,Y,3) : _index_cell(X,Y)``; ``calls`` give the index sets."""
        nodes = [item, *condition, *calls]
        own = global_variables(nodes)
        local = tuple(name for name in variables(nodes) if name in own or name in self.outside)
        inner = self.inner(own)
        inner.add_all(condition)
        for call in calls:
            inner._indexed(call, inner.index(call))
        guards = tuple(dict.fromkeys(inner.body))
        ways = clauses([item])
        plain = len(ways) == 1 and not any(isinstance(part, Quantified) for part in ways[0])
        if plain:
            inner.add_all(ways[0])
        added = [text for text in dict.fromkeys(inner.body) if text not in guards]
        if plain and len(added) == 1:
            self.adopt(inner)
        else:
            added = [self._case(ways, condition, guards, local)]
        self.add(f"{added[0]} : {', '.join(guards)}" if guards else added[0], binds=False)

    def _case(
        self,
        ways: tuple[tuple[Formula, ...], ...],
        condition: tuple[Formula, ...],
        guards: tuple[str, ...],
        local: tuple[str, ...],
    ) -> str:
        """An atom that holds if one of several conjunctions does; it stands for one item below ``all``."""
        name = application(f"_case_{self.label}_{next(self._count)}", local)
        for way in ways:
            inner = self.inner(local)
            for guard in guards:
                inner.add(guard)
            inner.add_all([*condition, *way])
            self._help(name, tuple(dict.fromkeys(inner.body)), tuple(n for n in local if n in self.outside))
            self.adopt(inner)
        return name

    def _alternation(self, formula: Formula) -> None:
        """Append an ``or`` among conditions: an atom with one rule for each alternative."""
        names = variables([formula])
        name = application(f"_case_{self.label}_{next(self._count)}", names)
        for way in clauses([formula]):
            inner = self.inner(names)
            inner.add_all(way)
            bound = {part for item in way if isinstance(item, Call) for part in variables([item])}
            self._help(name, tuple(inner.body), tuple(part for part in names if part not in bound))
            self.adopt(inner)
        self.add(name, binds=False)

    def _aggregate(self, aggregate: Aggregate) -> str:
        if aggregate.function == "mean":
            raise refusal("'mean' stands outside of a definition", aggregate.span, ("probabilistic",))
        elements = "; ".join(self.element(element) for element in aggregate.elements)
        return f"#{aggregate.function} {{ {elements} }}"

    def element(self, element: Element) -> str:
        """``V@1, X : value(X,V)``: what stands between the semicolons of braces."""
        inner = self.inner(variables([element]))
        terms = [inner.term(term) for term in element.terms]  # type: ignore[arg-type]
        if element.priority is not None:
            terms[0] += f"@{inner.term(element.priority)}"
        inner.add_all(element.condition)
        self.adopt(inner, in_aggregate=True)
        text = ",".join(terms)
        return f"{text} : {', '.join(inner.body)}" if inner.body else text

    # ----- helpers

    def lines(self) -> tuple[str, ...]:
        """The rules of the tests and sets that the body refers to."""
        found: dict[str, None] = {}
        scopes: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        for helper in self._helpers:
            body = list(helper.conditions)
            if helper.needs:
                binders = tuple(dict.fromkeys(text for scope in helper.scopes for text in scope))
                name = scopes.setdefault((helper.needs, binders), f"_scope_{self.label}_{len(scopes) + 1}")
                body.append(application(name, helper.needs))
            found[rule(helper.head, body)] = None
        for (needs, binders), name in scopes.items():
            found[rule(application(name, needs), binders)] = None
        return tuple(found)
