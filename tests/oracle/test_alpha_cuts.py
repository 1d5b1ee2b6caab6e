"""Possibility degrees against clingo: Π(q) ≥ t exactly if q follows in the α-cut at t.

At a level t a percept value is either possible or not. With that, "possible" and, for ``:-`` rules, "sure" are crisp
relations, for which clingo has answer sets: an implementation of rules that shares nothing with the back end.
"""

from __future__ import annotations

from random import Random

import clingo
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nesy.solvers.ground_model import AtomLiteral, AttributeLiteral, GroundModel
from nesy.solvers.possibilistic.interpreter import evaluate, structures
from tests.effort import tries
from tests.solvers.models import Builder


def random_model(random: Random) -> GroundModel:
    """Percepts, a concept by uncertain rules on single percepts, and recursive relations over both."""
    build = Builder()
    a = build.percept("a", 3, (3,))
    b = build.concept("b", 4)

    def some(size: int) -> tuple[int, ...]:
        return tuple(value for value in range(size) if random.random() < 0.6)

    for _ in range(random.randint(0, 4)):
        premise = AttributeLiteral(a, random.randrange(3), some(3))
        build.rule(premise, AttributeLiteral(b, 0, some(4)), random.choice([0, 0.3, 1]), random.choice([0, 0.3]))
    atoms = [build.atom("h", number) for number in range(4)]
    for _ in range(random.randint(2, 9)):
        body: list[AttributeLiteral | AtomLiteral] = [AttributeLiteral(a, random.randrange(3), some(3))]
        if random.random() < 0.4:
            body.append(AttributeLiteral(b, 0, some(4)))
        if random.random() < 0.7:
            body.append(AtomLiteral(random.choice(atoms)))
        build.clause(AtomLiteral(random.choice(atoms)), body)
    for atom in atoms:
        build.ask_atom(atom)
    build.ask(b)
    return build.build()


def cut(model: GroundModel, table: np.ndarray, level: float) -> set[str]:
    """What is possible at ``level``, and which atoms are sure, by clingo."""
    lines = [f"poss(0,{i},{v})." for i, row in enumerate(table) for v, degree in enumerate(row) if degree >= level]
    lines += ["value(0,0..2,0..2). value(1,0,0..3)."]
    names = iter(range(10_000))

    def possible(literal: AttributeLiteral | AtomLiteral, *, outside: bool = False) -> str:
        """An atom that says: some value of the literal (or some value outside it) is possible."""
        if isinstance(literal, AtomLiteral):
            return f"possible({literal.atom})"
        name = f"some({next(names)})"
        size = 3 if literal.attribute == 0 else 4
        for value in set(range(size)) - set(literal.values) if outside else literal.values:
            lines.append(f"{name} :- poss({literal.attribute},{literal.index},{value}).")
        return name

    for number, rule in enumerate(model.uncertain):
        assert isinstance(rule.premise, AttributeLiteral)
        for value in range(4):
            agrees = value in rule.conclusion.values
            lines.append(f"allows({number},{value}) :- {possible(rule.premise, outside=not agrees)}.")
            if (rule.s if agrees else rule.r) >= level:
                lines.append(f"allows({number},{value}).")
    lines.append(f"poss(1,0,V) :- value(1,0,V), allows(I,V) : I = 0..{len(model.uncertain) - 1}.")
    for clause in model.rules:
        assert isinstance(clause.head, AtomLiteral)
        lines.append(f"possible({clause.head.atom}) :- {', '.join(map(possible, clause.body))}.")
        sure = [
            f"sure({part.atom})" if isinstance(part, AtomLiteral) else f"not {possible(part, outside=True)}"
            for part in clause.body
        ]
        lines.append(f"sure({clause.head.atom}) :- {', '.join(sure)}.")
    control = clingo.Control(logger=lambda *_: None)
    control.add("base", [], "\n".join(lines))
    control.ground([("base", [])])
    with control.solve(yield_=True) as handle:
        return {str(symbol) for symbol in next(iter(handle)).symbols(atoms=True)}


@settings(max_examples=tries(40))
@given(st.integers(0, 1 << 30))
def test_degrees_are_those_of_the_cuts(seed: int) -> None:
    random = Random(seed)
    model = random_model(random)
    levels = [0.1, 0.3, 0.5, 0.8, 1.0]
    table = np.array([[random.choice([0.0, *levels]) for _ in range(3)] for _ in range(3)])
    found = evaluate(structures(model), {"a": table})
    for level in levels:
        holds = cut(model, table, level)
        for atom in range(4):
            assert (found.holds[atom] >= level) == (f"possible({atom})" in holds)
            assert (found.fails[atom] >= level) == (f"sure({atom})" not in holds)
        for value in range(4):
            assert (found.distributions[1, 0][value] >= level) == (f"poss(1,0,{value})" in holds)
