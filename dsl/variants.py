"""Structural alternatives: which variants compete with one another, and the program that a choice among them leaves.

Variants that declare the same name compete, and so does what competes with one of them: such a *group* has as options
its variants and, where every name is also declared without a variant or by one variant only, its *base*, in which
none of them stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from nesy.dsl.graphs import components
from nesy.dsl.span import Span
from nesy.dsl.statements import Definition, Program, RandomDeclaration

BASE = ""
"""The option of a group in which none of its variants stands."""
_FULL = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class VariantGroup:
    """Options that exclude one another, in order of appearance, the base first; ``weights`` are prior probabilities.

    ``names`` are what the variants declare; ``span`` is the place of the first of them.
    """

    options: tuple[str, ...]
    weights: tuple[float, ...]
    names: tuple[str, ...]
    span: Span

    @property
    def preferred(self) -> str:
        """The option of the greatest weight, the first of several."""
        return self.options[max(range(len(self.options)), key=lambda place: self.weights[place])]


def varied(program: Program) -> Iterator[RandomDeclaration | Definition]:
    """The statements that belong to a variant."""
    for statement in program.statements:
        if isinstance(statement, RandomDeclaration | Definition) and statement.variant is not None:
            yield statement


def stated_weights(program: Program) -> dict[str, list[tuple[float, Span]]]:
    """The weights that statements give each variant, with their places."""
    found: dict[str, list[tuple[float, Span]]] = {}
    for statement in varied(program):
        assert statement.variant is not None
        weights = found.setdefault(statement.variant.name, [])
        if statement.variant.weight is not None:
            weights.append((float(statement.variant.weight.value), statement.variant.span))
    return found


def variant_groups(program: Program) -> tuple[VariantGroup, ...]:
    """The groups of competing variants, in order of appearance."""
    declared: dict[str, list[str]] = defaultdict(list)
    spans: dict[str, Span] = {}
    for statement in varied(program):
        assert statement.variant is not None
        spans.setdefault(statement.variant.name, statement.span)
        declared[statement.name].append(statement.variant.name)
    edges: dict[str, set[str]] = {variant: set() for variant in spans}
    for variants in declared.values():
        for variant in variants:
            edges[variant] |= set(variants)
    plain = {
        statement.name
        for statement in program.statements
        if isinstance(statement, RandomDeclaration | Definition) and statement.variant is None
    }
    order = {variant: place for place, variant in enumerate(spans)}
    weights = stated_weights(program)
    groups = []
    for members in components(edges):
        variants = sorted(members, key=order.__getitem__)
        names = tuple(name for name, among in declared.items() if set(among) & set(variants))
        has_base = all(name in plain or len(set(declared[name])) == 1 for name in names)
        options = (*((BASE,) if has_base else ()), *variants)
        stated = [weights[option][0][0] if weights.get(option) else None for option in options]
        groups.append(VariantGroup(options, _shares(stated), names, spans[variants[0]]))
    return tuple(sorted(groups, key=lambda group: order[group.options[-1]]))


def _shares(stated: list[float | None]) -> tuple[float, ...]:
    """Weights that add up to 1: what is not stated shares equally what the others leave."""
    given = sum(weight for weight in stated if weight is not None)
    open_places = sum(weight is None for weight in stated)
    share = max(0.0, 1.0 - given) / open_places if open_places else 0.0
    filled = [share if weight is None else weight for weight in stated]
    total = sum(filled)
    return tuple(weight / total for weight in filled) if total else tuple(1 / len(filled) for _ in filled)


def exceeds(program: Program, group: VariantGroup) -> bool:
    """Whether the stated weights of a group add up to more than 1."""
    weights = stated_weights(program)
    return sum(weights[option][0][0] for option in group.options if weights.get(option)) > _FULL


def select(program: Program, chosen: Iterable[str] = ()) -> Program:
    """The program without variants that the variants ``chosen`` leave; groups of which none is chosen take their base.

    A statement without a variant gives way to a chosen one that declares the same name. Before →
    ``random a ~ P.  random a ~ Q [variant v].`` After, with v chosen → ``random a ~ Q.``
    """
    wanted = frozenset(chosen)
    replaced = {
        statement.name for statement in varied(program) if statement.variant and statement.variant.name in wanted
    }
    kept = []
    for statement in program.statements:
        if isinstance(statement, RandomDeclaration | Definition):
            if statement.variant is None:
                if statement.name in replaced:
                    continue
            elif statement.variant.name in wanted:
                statement = replace(statement, variant=None)
            else:
                continue
        kept.append(statement)
    return replace(program, statements=tuple(kept))


def preferred(groups: Iterable[VariantGroup]) -> tuple[str, ...]:
    """The variants that are taken where nothing else is said."""
    return tuple(group.preferred for group in groups if group.preferred != BASE)


def choices(groups: Iterable[VariantGroup]) -> Iterator[tuple[tuple[str, ...], float]]:
    """All choices of one option from each group, with their prior probabilities, in the order of the options."""
    tables = [tuple(zip(group.options, group.weights, strict=True)) for group in groups]
    for combination in product(*tables):
        weight = 1.0
        for _, share in combination:
            weight *= share
        yield tuple(option for option, _ in combination if option != BASE), weight
