"""Probabilities that a language model claims: priors of a declared concentration, wider where its replies disagree.

A claimed p in ``bernoulli(p)`` becomes a random variable with the distribution beta(c·p, c·(1 − p)), as if c cases had
been seen, so that evidence can correct it. Replies that differ in nothing but such numbers are one proposal: its prior
has the mean and the variance of the mixture of theirs (moment matching), so that their spread widens it.

    random tired(P) : bool ~ bernoulli(if lazy(P) then 0.4 else 0.1) for athlete(P).
    →  random tired_chance : real ~ beta(4, 6).
       random tired_chance_2 : real ~ beta(1, 9).
       random tired(P) : bool ~ bernoulli(if lazy(P) then tired_chance else tired_chance_2) for athlete(P).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import isinf
from statistics import fmean, pvariance

from nesy.dsl.checks.dependencies import defined_names
from nesy.dsl.knowledge import Gloss
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.statements import NamedType, RandomDeclaration, Statement
from nesy.dsl.syntax import Call, Conditional, Interval, Number, Term

CONCENTRATION = 10.0
"""A claim counts as much as so many cases."""
SURE = 0.01
"""A claimed 0 or 1 counts as this far from it: what is only claimed has to stay open to evidence."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The chance ``name`` of the variable ``about``: what the replies claimed, and its prior beta(alpha, beta)."""

    name: str
    about: str
    claimed: tuple[float, ...]
    alpha: float
    beta: float


@dataclass(frozen=True)
class Merged:
    """Statements on which ``votes`` replies agree, but for the numbers that became ``claims``."""

    statements: tuple[Statement, ...]
    votes: int
    claims: tuple[Claim, ...]


def merged(replies: Sequence[Sequence[Statement]], concentration: float, known: Container[str]) -> tuple[Merged, ...]:
    """The different proposals among replies, in the order of their first; ``known`` names are taken.

    With an infinite ``concentration`` numbers stay as they are claimed, unless replies disagree.
    """
    groups: dict[tuple[str, ...], list[Sequence[Statement]]] = {}
    for reply in replies:
        groups.setdefault(_skeleton(reply), []).append(reply)
    return tuple(_merge(group, concentration, known) for group in groups.values())


def matched(claimed: Sequence[float], concentration: float) -> tuple[float, float] | None:
    """The parameters of the beta distribution that has mean and variance of the mixture of beta(c·p, c·(1 − p)).

    None where that has no variance: all claims are equal and the concentration is infinite.
    """
    shares = [min(max(share, SURE), 1 - SURE) for share in claimed]
    mean = fmean(shares)
    within = 0.0 if isinf(concentration) else fmean(share * (1 - share) / (concentration + 1) for share in shares)
    variance = within + pvariance(shares, mean)
    if variance < 1e-12:
        return None
    total = mean * (1 - mean) / variance - 1
    return _rounded(mean * total), _rounded((1 - mean) * total)


def _merge(group: Sequence[Sequence[Statement]], concentration: float, known: Container[str]) -> Merged:
    glosses = [entry for entry in group[0] if isinstance(entry, Gloss)]
    statements: list[Statement] = []
    claims: list[Claim] = []
    for versions in zip(*map(_ordered, group), strict=True):
        own, changed = _softened(versions, concentration, _fresh(versions[0], known, claims))
        statements += [part for claim in own for part in _declared(claim, NOWHERE)]
        statements.append(changed)
        claims += own
    return Merged((*statements, *glosses), len(group), tuple(claims))


def _softened(
    versions: Sequence[Statement], concentration: float, names: Iterator[str]
) -> tuple[tuple[Claim, ...], Statement]:
    """One statement as several replies have it, with a name for each claimed number, and what is claimed of these."""
    columns = zip(*map(_claimed, versions), strict=True)
    claims: list[Claim] = []

    def named(number: Number) -> Term:
        claimed = next(columns)
        prior = matched(claimed, concentration)
        if prior is None:
            return number
        name, about = next(names), ", ".join(defined_names(versions[0]))
        claims.append(Claim(name, about, claimed, *prior))
        return Call(name, span=number.span)

    changed = _with_numbers(versions[0], named)
    return tuple(claims), changed


def _declared(claim: Claim, span: Span) -> tuple[Statement, ...]:
    prior = Call("beta", (_term(claim.alpha, span), _term(claim.beta, span)), span=span)
    said = ", ".join(f"{share:g}" for share in claim.claimed)
    text = f"the chance of {claim.about}; a language model claims {said}"
    scale = Interval(Number(0, span), Number(1, span), span)
    return (
        RandomDeclaration(claim.name, (), NamedType("real", span), prior, span=span),
        Gloss(claim.name, text, scale=scale, span=span),
    )


def _fresh(statement: Statement, known: Container[str], claims: Sequence[Claim]) -> Iterator[str]:
    """``tired_chance``, ``tired_chance_2``, …, without those that are taken."""
    taken = {claim.name for claim in claims}
    (name,) = defined_names(statement) or ("claimed",)
    for number in count(1):
        found = f"{name}_chance" if number == 1 else f"{name}_chance_{number}"
        if found not in known and found not in taken:
            yield found


# ----- the numbers of a reply


def _skeleton(reply: Sequence[Statement]) -> tuple[str, ...]:
    """The statements without what does not tell proposals apart: claimed numbers, glosses, and their order."""
    return tuple(map(_without_numbers, _ordered(reply)))


def _ordered(reply: Sequence[Statement]) -> list[Statement]:
    return sorted((entry for entry in reply if not isinstance(entry, Gloss)), key=_without_numbers)


def _without_numbers(statement: Statement) -> str:
    return write_statement(_with_numbers(statement, lambda number: Number(0.5, number.span)))


def _claimed(statement: Statement) -> list[float]:
    found: list[float] = []

    def noted(number: Number) -> Term:
        found.append(float(number.value))
        return number

    _with_numbers(statement, noted)
    return found


def _with_numbers(statement: Statement, change: Callable[[Number], Term]) -> Statement:
    """The statement with ``change(number)`` for each claimed probability, from left to right."""
    if not isinstance(statement, RandomDeclaration) or statement.distribution.name != "bernoulli":
        return statement
    arguments = tuple(_changed(argument, change) for argument in statement.distribution.arguments)
    return replace(statement, distribution=replace(statement.distribution, arguments=arguments))


def _changed(term: Term, change: Callable[[Number], Term]) -> Term:
    match term:
        case Number():
            return change(term)
        case Conditional():
            then = _changed(term.then, change)
            return replace(term, then=then, otherwise=_changed(term.otherwise, change))
        case _:
            return term


def _term(value: float, span: Span) -> Number:
    return Number(int(value) if value.is_integer() else value, span)


def _rounded(value: float) -> float:
    """Four digits: a prior that can be read, the same on every machine."""
    return float(f"{value:.4g}")
