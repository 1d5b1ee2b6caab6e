"""One component of scenes as an integer program, and as an answer set program."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from nesy.abduction.integer import Model, solve_program
from nesy.abduction.scene_components import Component
from nesy.abduction.scene_constraints import Different
from nesy.abduction.scene_options import SceneOptions
from nesy.solvers.answer import Status
from nesy.solvers.integer.integer_program import Linear

FINEST = 10**9
"""Weights are told apart to this share, where the sums leave room for it."""

ROOM = {"cpsat": 2**52, "clingo": 2**30}
"""What the costs may add up to; other solvers calculate in floating point."""

FLOATING = 5 * 10**11


@dataclass(frozen=True, slots=True)
class Labelled:
    """The chosen options of a component (None: no labelling was found), and what at most can be covered.

    ``proven``: no labelling with as few violations covers more, or as much with a greater weight.
    """

    chosen: tuple[int, ...] | None
    covered_bound: int
    proven: bool
    interrupted: bool = False


def scaled(component: Component, options: SceneOptions, room: int) -> tuple[dict[int, int], int]:
    """The weights as integers by option, and what one more object counts beside them."""
    places = [place for item in component.objects for place in options.of(item)]
    largest = max((abs(float(options.weight[place])) for place in places), default=0.0) or 1.0
    scale = min(FINEST, room / (4 * largest * max(1, len(component.objects)) * max(1, len(places))))
    weights = {place: round(float(options.weight[place]) * scale) for place in places}
    return weights, 1 + 2 * len(component.objects) * math.ceil(largest * scale)


def by_integer_program(
    component: Component,
    options: SceneOptions,
    allowed: int,
    *,
    by_pairs: bool,
    solver: str,
    seed: int,
    workers: int,
    time_limit: float | None,
) -> Labelled:
    """The best labelling with at most ``allowed`` violations (scenes, or, ``by_pairs``, ground instances)."""
    model = Model()
    variable: dict[int, int] = {}
    for item in component.objects:
        mine = [variable.setdefault(place, model.new()) for place in options.of(item)]
        if len(mine) > 1:
            model.at_most_one.append(tuple(mine))
    violations = _Violations(model, allowed, by_pairs)
    for constraint in component.constraints:
        if isinstance(constraint, Different):
            _different(model, constraint, options, variable, violations)
            continue
        terms = [
            (1, variable[place])
            for item, classes in constraint.literals
            for place in options.of(item)
            if int(options.label[place]) in classes
        ]
        excess = len(constraint.literals) - constraint.k
        if allowed:
            terms.append((-excess, violations.of(constraint.scene)))
        model.linear.append(Linear(tuple(terms), None, constraint.k))
    violations.close()
    weights, more = scaled(component, options, ROOM.get(solver, FLOATING))
    costs = {variable[place]: -(more + weight) for place, weight in weights.items()}
    outcome = solve_program(model.program(), costs, solver=solver, seed=seed, workers=workers, time_limit=time_limit)
    most = sum(bool(options.of(item)) for item in component.objects)
    if outcome.bound is not None and 0 in outcome.bound:
        half = more // 2  # the weights of a labelling add up to less than this, above or below 0
        most = min(most, (-outcome.bound[0] + half) // more)
    if not outcome.models:
        return Labelled(None, most, False, outcome.interrupted)
    true = outcome.models[0].atoms
    chosen = tuple(next((p for p in options.of(item) if variable[p] in true), -1) for item in component.objects)
    return Labelled(chosen, most, outcome.status is Status.OPTIMAL, outcome.interrupted)


class _Violations:
    """The variables that stand for violations, of which at most ``allowed`` hold."""

    def __init__(self, model: Model, allowed: int, by_pairs: bool) -> None:
        self._model = model
        self._allowed = allowed
        self._by_pairs = by_pairs
        self._scenes: dict[int, int] = {}
        self._all: list[int] = []

    def of(self, scene: int) -> int:
        """The variable of a violation in this scene; each ground instance has its own where these count."""
        if self._by_pairs or scene not in self._scenes:
            self._scenes[scene] = self._model.new()
            self._all.append(self._scenes[scene])
        return self._scenes[scene]

    def close(self) -> None:
        """Bound their number."""
        if len(self._all) > self._allowed:
            self._model.linear.append(Linear(tuple((1, v) for v in self._all), None, self._allowed))

    @property
    def allowed(self) -> int:
        """How many may hold."""
        return self._allowed

    @property
    def by_pairs(self) -> bool:
        """Whether each ground instance counts."""
        return self._by_pairs


def _different(
    model: Model, constraint: Different, options: SceneOptions, variable: dict[int, int], violations: _Violations
) -> None:
    groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for item in constraint.objects:
        for place in options.of(item):
            groups[int(options.label[place])].append((item, variable[place]))
    pair: dict[tuple[int, int], int] = {}
    for _, group in sorted(groups.items()):
        if len(group) < 2:
            continue
        if not violations.allowed:
            model.at_most_one.append(tuple(x for _, x in group))
        elif not violations.by_pairs:
            terms = [(1, x) for _, x in group]
            model.linear.append(Linear((*terms, (1 - len(group), violations.of(constraint.scene))), None, 1))
        else:
            for place, (one, x) in enumerate(group):
                for other, y in group[place + 1 :]:
                    if (one, other) not in pair:
                        pair[one, other] = violations.of(constraint.scene)
                    model.clauses.append((-x, -y, pair[one, other]))


RULES = """
{ label(O,C) : option(O,C) } 1 :- object(O).
violated(K,O,P) :- different(K,O), different(K,P), O < P, label(O,C), label(P,C).
violated(K,0,0) :- few(K,N), N < #count { O,C : literal(K,O,C), label(O,C) }.
violated(S) :- violated(K,_,_), scene(K,S).
#maximize { 1@2,O : label(O,_) }.
#maximize { W@1,O,C : label(O,C), weight(O,C,W) }.
#show label/2.
"""


def by_answer_sets(
    component: Component,
    options: SceneOptions,
    allowed: int,
    *,
    by_pairs: bool,
    seed: int,
    time_limit: float | None,
) -> Labelled:
    """As :func:`by_integer_program`, by clingo and from the definitions: the cross-check."""
    import clingo

    from nesy.solvers.asp.waiting import ready

    started = time.perf_counter()
    arguments = ["--warn=none", f"--seed={seed}", "--opt-mode=opt", "--models=0"]
    control = clingo.Control(arguments, logger=lambda *_: None)
    counted = "K,O,P : violated(K,O,P)" if by_pairs else "S : violated(S)"
    text = "\n".join([*_facts(component, options), RULES, f":- {allowed} < #count {{ {counted} }}."])
    control.add("base", [], text)
    control.ground([("base", [])])
    most = sum(bool(options.of(item)) for item in component.objects)
    best: tuple[int, ...] | None = None
    with control.solve(yield_=True, async_=True) as handle:
        try:
            while True:
                handle.resume()
                left = None if time_limit is None else time_limit - (time.perf_counter() - started)
                if not ready(handle, left):
                    handle.cancel()
                    return Labelled(best, most, False)
                model = handle.model()
                if model is None:
                    break
                said = {symbol.arguments[0].number: symbol.arguments[1].number for symbol in model.symbols(shown=True)}
                best = tuple(
                    next((p for p in options.of(item) if said.get(item) == int(options.label[p])), -1)
                    for item in component.objects
                )
        except KeyboardInterrupt:
            handle.cancel()
            return Labelled(best, most, False, interrupted=True)
    assert best is not None, "leaving everything without a label breaks nothing"
    return Labelled(best, sum(place >= 0 for place in best), True)


def _facts(component: Component, options: SceneOptions) -> Iterator[str]:
    weights, _ = scaled(component, options, ROOM["clingo"])
    for item in component.objects:
        yield f"object({item})."
        for place in options.of(item):
            yield f"option({item},{options.label[place]}). weight({item},{options.label[place]},{weights[place]})."
    for key, constraint in enumerate(component.constraints):
        yield f"scene({key},{constraint.scene})."
        if isinstance(constraint, Different):
            yield from (f"different({key},{item})." for item in constraint.objects)
        else:
            yield f"few({key},{constraint.k})."
            for item, classes in constraint.literals:
                yield from (f"literal({key},{item},{label})." for label in sorted(classes))
