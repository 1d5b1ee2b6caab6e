"""What a program was compiled to, as text: ``nesy compile --to possibilistic``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nesy.solvers.ground_model import AllOf, GroundModel, GroundRule
from nesy.solvers.possibilistic.premise import variable
from nesy.solvers.possibilistic.relation import EquationSystem, RuleSet, rule_sets, shortened
from nesy.solvers.possibilistic.rulesets import Patterns, components_of
from nesy.solvers.possibilistic.schedule import LoopStep, Plan

LARGEST = 40
"""Most rows and columns of a matrix, and most equations, that are written out."""


def listing(model: GroundModel, plan: Plan, *, every: bool = False) -> str:
    """Rule sets with partition, matrix relation and equations; ``:-`` rules; the plan.

    Of the indices of one attribute whose rule sets differ in their places and parameters only, one is
    written out and the others are counted, unless ``every``.
    """
    parts = [f"% percepts: {', '.join(_extent(model, place) for place in _percepts(model)) or 'none'}"]
    groups: dict[tuple[object, ...], list[RuleSet]] = {}
    for found in rule_sets(model).values():
        key = (found.attribute, tuple(rule.conclusion.values for rule in found.rules))
        groups.setdefault((*key, found.index) if every else key, []).append(found)
    patterns = Patterns()
    parts.extend("\n".join(_rule_set(members, patterns)) for members in groups.values())
    if model.rules:
        parts.append("\n".join(_clauses(model, every=every)))
    parts.append("\n".join(_plan(model, plan)))
    return "\n\n".join(parts) + "\n"


def _percepts(model: GroundModel) -> list[int]:
    return [place for place, attribute in enumerate(model.attributes) if attribute.kind == "percept"]


def _extent(model: GroundModel, place: int) -> str:
    attribute = model.attributes[place]
    return f"{attribute.name} [{len(attribute.index)} × {len(attribute.domain)} values]"


def _rule_set(members: Sequence[RuleSet], patterns: Patterns) -> Iterator[str]:
    first = members[0]
    others = f", and {len(members) - 1:,} more of the same form" if len(members) > 1 else ""
    yield f"% ===== {first.label}{others}"
    cells = first.partition.cells
    yield f"% {len(first.rules)} rules, {len(cells)} cells; {kernel(first, patterns)}"
    yield "% input vector I"
    yield from EquationSystem(first).inputs()
    if len(cells) <= LARGEST and 2 * len(first.rules) <= LARGEST:
        yield "% matrix relation M (O = M □ I, a row for each cell)"
        yield str(first.relation)
    yield "% equation system"
    equations = EquationSystem(first).equations()
    yield from equations[:LARGEST]
    if len(equations) > LARGEST:
        yield f"% … and {len(equations) - LARGEST:,} more"


def kernel(rules: RuleSet, patterns: Patterns) -> str:
    """How a rule set is evaluated, and why."""
    domain = rules.model.attributes[rules.attribute].domain
    restricted = components_of(patterns, domain, [rule.conclusion.values for rule in rules.rules])
    if restricted is not None:
        names = " and ".join(part.name for part in domain.components)
        return f"factorised: each conclusion restricts one component of ({names}), so Π is a minimum of small factors"
    if rules.partition.one_against_rest:
        return "one against the rest: each cell has one rule of its own, so it takes its α and all β but one"
    return "cells: a minimum over the α of the rules for a cell and the β of the others, shared between cells"


def _clauses(model: GroundModel, *, every: bool) -> Iterator[str]:
    heads: dict[str, list[GroundRule]] = {}
    for rule in model.rules:
        heads.setdefault(model.describe(rule.head), []).append(rule)
    yield f"% ===== `:-` rules: {len(model.rules):,} for {len(heads):,} heads; Π by (max, min), N by the dual"
    for shown, (head, rules) in enumerate(heads.items()):
        if shown >= LARGEST and not every:
            yield f"% … and {len(heads) - shown:,} more heads"
            break
        bodies = [shortened(model.describe(AllOf(rule.body))) for rule in rules]
        yield f"Π({head}) = max({', '.join(f'Π({body})' for body in bodies)})"
        if variable(rules[0].head)[0] < 0:
            yield f"N({head}) = max({', '.join(f'N({body})' for body in bodies)})"


def _plan(model: GroundModel, plan: Plan) -> Iterator[str]:
    loops = sum(isinstance(step, LoopStep) for step in plan.steps)
    yield f"% ===== queries: {shortened(', '.join(query.label for query in model.queries))}"
    yield (
        f"% plan: {len(plan.steps):,} tensor steps, {plan.operations:,} minima and maxima an instance, "
        f"{plan.rows:,} degrees in the table" + (f", {loops} fixpoints" if loops else "")
    )
