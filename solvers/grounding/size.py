"""Upper bounds on the size of a grounding, found before gringo starts.

A rule over ``k`` variables can have as many instances as the product of their types' sizes. Conditions keep most
of them away; the ones whose size is known in advance (relations given by facts alone, index sets of attributes)
tighten the bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import prod

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain, TypedRule
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.dsl.statements import Rule, head_parts
from nesy.dsl.syntax import Call, Comparison, Formula, Interval, Node, Variable, walk
from nesy.solvers.grounding.vocabulary import attribute_of
from nesy.solvers.grounding.walking import variables

INSTANCE_BUDGET = 20_000_000
"""Instances that one attribute or one uncertain rule may be estimated to have."""


class Sizes:
    """Estimates for one program."""

    def __init__(self, checked: CheckedProgram, budget: int = INSTANCE_BUDGET) -> None:
        self._checked = checked
        self._budget = budget
        self._facts = _fact_counts(checked)

    def check(self, attributes: Iterable[AttributeInfo], rules: Iterable[TypedRule]) -> list[Diagnostic]:
        """E512 for each attribute and rule beyond the budget."""
        found = []
        for info in attributes:
            size = self.attribute(info)
            if size > self._budget:
                found.append(self._too_big(f"the index of '{info.name}' may have", size, info.span))
        for rule in rules:
            size = self.rule(rule)
            if size > self._budget:
                found.append(self._too_big("this rule may have", size, rule.statement.span))
        return found

    def _too_big(self, what: str, size: int, span: Span) -> Diagnostic:
        message = f"{what} {size:,} instances; the budget is {self._budget:,}"
        hint = "use smaller types, fewer variables, or a relation given by facts that narrows them"
        return Diagnostic("E512", message, span, hint)

    def attribute(self, info: AttributeInfo) -> int:
        """At most this many indices."""
        named = {
            item.name: domain
            for item, domain in zip(info.index_items, info.index, strict=True)
            if isinstance(item, Variable)
        }
        rest = prod(
            len(domain)
            for item, domain in zip(info.index_items, info.index, strict=True)
            if not isinstance(item, Variable)
        )
        return rest * self._bound(named, info.condition)

    def rule(self, rule: TypedRule) -> int:
        """At most this many instances."""
        statement = rule.statement
        found = [part for node in (statement.premise, statement.conclusion) for part in walk(node)]
        # every index lies inside its index set, wherever the attribute stands; a relation may stand below 'or'
        outside = [part for part in found if isinstance(part, Call) and attribute_of(self._checked, part)]
        computed = _computed(statement.where)
        free = {name: domain for name, domain in rule.variables if name not in computed}
        return self._bound(free, [*statement.where, *outside])

    def _bound(self, domains: Mapping[str, Domain], conditions: Sequence[Formula | Node]) -> int:
        """The product of the variables' types, where conditions of known size replace those they bind."""
        covers = []
        for condition in conditions:
            size = self._known_size(condition)
            if size is not None and isinstance(condition, Call):
                names = {a.name for a in condition.arguments if isinstance(a, Variable) and a.name in domains}
                covers.append((size, names))
        left = set(domains)
        total = 1
        while left:
            gains = [
                (prod(len(domains[name]) for name in names & left) / max(size, 1), size, names)
                for size, names in covers
                if names & left
            ]
            best = max(gains, key=lambda gain: gain[0], default=None)
            if best is None or best[0] <= 1:
                break
            total *= best[1]
            left -= best[2]
        return total * prod(len(domains[name]) for name in left)

    def _known_size(self, condition: Formula | Node) -> int | None:
        if not isinstance(condition, Call):
            return None
        info = attribute_of(self._checked, condition)
        if info is not None:
            return self.attribute(info) if info.condition else None
        return self._facts.get((condition.name, len(condition.arguments)))


def _computed(conditions: Iterable[Formula]) -> frozenset[str]:
    """The variables that an equation such as ``J = I + 1`` computes from others."""
    sources: dict[str, set[str]] = {}
    for condition in conditions:
        if not isinstance(condition, Comparison) or condition.operator != "=":
            continue
        for target, term in ((condition.left, condition.right), (condition.right, condition.left)):
            if isinstance(target, Variable) and target.name not in sources and not isinstance(term, Interval):
                found = set(variables([term]))
                found |= {further for name in found for further in sources.get(name, ())}
                if target.name not in found:
                    sources[target.name] = found
                    break
    return frozenset(sources)


def _fact_counts(checked: CheckedProgram) -> dict[tuple[str, int], int]:
    """The number of facts of each relation that has facts alone, without variables or intervals."""
    counts: Counter[tuple[str, int]] = Counter()
    ruled: set[str] = set()
    for statement in checked.program.statements:
        if not isinstance(statement, Rule):
            continue
        head = statement.head
        if (
            isinstance(head, Call)
            and not statement.body
            and all(isinstance(a, Call) or not _open(a) for a in head.arguments)
        ):
            counts[head.name, len(head.arguments)] += 1
        else:
            ruled |= {part.name for node in head_parts(head) for part in walk(node) if isinstance(part, Call)}
    return {key: count for key, count in counts.items() if key[0] not in ruled}


def _open(node: Node) -> bool:
    return any(isinstance(part, Interval | Variable) for part in walk(node))
