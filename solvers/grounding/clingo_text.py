"""Bodies of the language as clingo text: literals, ``or``, quantifiers and aggregates.

A :class:`Clause` writes one conjunctive body. What it takes over: ``clingo_bodies`` writes terms and keeps the helper
rules, ``clingo_conditions`` writes comparisons and memberships. The text means in clingo what the program means: the
grounder reads its ground instances, a back end can run it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import final

from nesy.dsl.syntax import (
    Aggregate,
    And,
    Call,
    Comparison,
    Element,
    Formula,
    Membership,
    Not,
    Or,
    Quantified,
    terms_of,
)
from nesy.solvers.grounding.clingo_conditions import Conditions
from nesy.solvers.grounding.clingo_parts import application, name_index_wildcards, refusal
from nesy.solvers.grounding.walking import clauses, global_variables, inward, rename, variables


@final
class Clause(Conditions):
    """The body of one rule: literals of all kinds, quantifiers and aggregates among them."""

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
                self.membership(membership, negative=True)
            case Call():
                self._atom(formula, negative=False)
            case Membership():
                self.membership(formula, negative=False)
            case Comparison():
                self.comparison(formula)
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
            inner.add_index(call, inner.index(call))
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
            self.help(name, tuple(dict.fromkeys(inner.body)), tuple(n for n in local if n in self.outside))
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
            self.help(name, tuple(inner.body), tuple(part for part in names if part not in bound))
            self.adopt(inner)
        self.add(name, binds=False)

    def aggregate(self, aggregate: Aggregate) -> str:
        if aggregate.function == "mean":
            raise refusal("'mean' stands outside of a definition", aggregate.span, ("probabilistic",))
        elements = "; ".join(self.element(element) for element in aggregate.elements)
        return f"#{aggregate.function} {{ {elements} }}"

    def element(self, element: Element) -> str:
        """``V@1, X : value(X,V)``: what stands between the semicolons of braces."""
        inner = self.inner(variables([element]))
        terms = [inner.term(term) for term in terms_of(element)]
        if element.priority is not None:
            terms[0] += f"@{inner.term(element.priority)}"
        inner.add_all(element.condition)
        self.adopt(inner, in_aggregate=True)
        text = ",".join(terms)
        return f"{text} : {', '.join(inner.body)}" if inner.body else text
