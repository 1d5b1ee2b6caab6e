"""Literals of a ground program in words, those included that gringo has made for itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from nesy.solvers.logic.program import Literal, LogicProgram, Rule, WeightRule

DEEPEST = 3
LONGEST = 6
"""Items of a count that are named."""


class Wording:
    """Names literals of ``program``; what stands for a body or an aggregate is told by what it stands for."""

    def __init__(self, program: LogicProgram) -> None:
        self._program = program
        self._rules: dict[int, list[Rule | WeightRule]] = defaultdict(list)
        for rule in program.rules:
            if len(rule.head) == 1 and rule.head[0] not in program.names and not rule.choice:
                self._rules[rule.head[0]].append(rule)

    def all(self, literals: Iterable[Literal]) -> str:
        """``a, not b``: literals that hold together."""
        return ", ".join(dict.fromkeys(filter(None, map(self.one, literals))))

    def one(self, literal: Literal, depth: int = 0) -> str:
        """One literal; empty where it stands for nothing that can be named."""
        atom = abs(literal)
        if atom in self._program.names or not self._rules[atom] or depth > DEEPEST:
            return self._program.describe(literal)
        if literal < 0 and len(self._rules[atom]) == 1:
            (rule,) = self._rules[atom]
            if isinstance(rule, WeightRule):
                return self._count(rule, depth, reached=False)
            if len(rule.body) == 1:
                return self.one(-rule.body[0], depth + 1)
        ways = list(filter(None, (self._body(rule, depth) for rule in self._rules[atom])))
        text = " or ".join(ways)
        return f"not ({text})" if literal < 0 and text else text

    def _body(self, rule: Rule | WeightRule, depth: int) -> str:
        if isinstance(rule, WeightRule):
            return self._count(rule, depth, reached=True)
        return " and ".join(filter(None, (self.one(literal, depth + 1) for literal in rule.body)))

    def _count(self, rule: WeightRule, depth: int, *, reached: bool) -> str:
        if all(weight == 1 for _, weight in rule.body):
            bound = f"at least {rule.lower}" if reached else f"fewer than {rule.lower}"
            items = sorted(self.one(literal, depth + 1) for literal, _ in rule.body)
        else:
            bound = f"a sum of at least {rule.lower}" if reached else f"a sum below {rule.lower}"
            items = sorted(f"{self.one(literal, depth + 1)} ({weight})" for literal, weight in rule.body)
        return f"{bound} of {'; '.join(_some(items))}"


def _some(items: Sequence[str]) -> Sequence[str]:
    if len(items) <= LONGEST:
        return items
    return [*items[: LONGEST - 1], f"{len(items) - LONGEST + 1} more"]
