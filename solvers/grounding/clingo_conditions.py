"""Comparisons and memberships as clingo text: conditions on the values of attributes.

A condition on one attribute that admits several values (``cell(R, C) > 3``, ``c in {(K, _)}``) becomes one atom with a
rule of its own, a *test*, so that it stays one condition in the ground program:

    _test_7_1(I'1,I'2) :- cell(I'1,I'2,V'0), V'0 > 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from nesy.dsl.syntax import SWAPPED, Aggregate, Call, Comparison, Interval, Membership, SetTerm, Term, Variable
from nesy.solvers.grounding.clingo_bodies import Body
from nesy.solvers.grounding.clingo_parts import (
    TestText,
    application,
    name_index_wildcards,
    name_wildcards_in,
    with_values,
)
from nesy.solvers.grounding.walking import rename, variables


class Conditions(Body):
    """A body that takes comparisons and memberships."""

    def comparison(self, comparison: Comparison) -> None:
        left, operator, right = comparison.left, comparison.operator, comparison.right
        if self.vocabulary.is_attribute(right) and not self.vocabulary.is_attribute(left):
            left, operator, right = right, SWAPPED[operator], left
        if isinstance(left, Aggregate) or isinstance(right, Aggregate):
            first = self.aggregate(left) if isinstance(left, Aggregate) else self.term(left)
            second = self.aggregate(right) if isinstance(right, Aggregate) else self.term(right)
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
        self.add_index(call, index)
        self.add(f"not {application(self.vocabulary.value_predicate(call), [*index, value])}", binds=False)

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
            self.help(head, (atom, *conditions), needs)
        index = self.index(call)
        if negative:
            self.add_index(call, index)
        text = application(name, [*index, *needs])
        self.add(f"not {text}" if negative else text, binds=False)
        if not negative:
            self.add_index(call, index)

    def membership(self, membership: Membership, *, negative: bool) -> None:
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
            self.help(head, (f"{value} = {item}", *conditions), (*needs, *hidden))
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
