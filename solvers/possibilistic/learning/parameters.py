"""Parameters of a program's uncertain rules apart from the program: what learning gives and compilation takes.

One pair (s, r) belongs to a ground rule, or to all ground rules of a statement that share it. A pair is told from the
other pairs of its statement by the values of some variables (``K = 3``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError, counted
from nesy.dsl.span import Span
from nesy.dsl.values import Value, format_value
from nesy.solvers.ground_model import GroundModel, GroundUncertainRule
from nesy.solvers.possibilistic.learning.identity import (
    Identity,
    canonical,
    differences,
    identity_of,
    learnable,
)

Name: TypeAlias = Literal["s", "r"]
BOTH: tuple[Name, ...] = ("s", "r")


@dataclass(frozen=True, slots=True)
class Pair:
    """The parameters for one choice of ``values`` of the variables; None for one that is not learned."""

    values: tuple[Value, ...]
    s: float | None
    r: float | None


@dataclass(frozen=True, slots=True)
class RuleParameters:
    """The parameters of one statement.

    ``statement`` is its text in the canonical layout, ``line`` where it stood, ``concept`` the name of what it
    concludes about, ``learn`` what is learned, ``variables`` those whose values tell its pairs apart. ``pairs`` is
    empty where the rule was not needed by what was asked.
    """

    statement: str
    line: int
    concept: str
    learn: tuple[Name, ...]
    variables: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of all rules of a program that can be learned, in the order of the program.

    ``identity`` says which program; ``name`` is the file's, for the reader. ``place`` is where they were read from.
    """

    identity: Identity
    rules: tuple[RuleParameters, ...]
    name: str = ""
    place: str = field(default="parameters", compare=False)

    @property
    def hash(self) -> str:
        """The hash of the program to which the parameters belong."""
        return self.identity.hash

    def save(self, path: str | Path) -> None:
        """Write a JSON file, completely or not at all; E430 if it cannot be written."""
        from nesy.solvers.possibilistic.learning.parameter_files import save

        save(self, path)

    @staticmethod
    def load(path: str | Path) -> Parameters:
        """Read a JSON file; E415 and E560–E564 for what is wrong with it."""
        from nesy.solvers.possibilistic.learning.parameter_files import load

        return load(path)


def parameters_of(model: GroundModel, *, every: bool = False) -> Parameters:
    """The parameters as they stand in ``model``: of rules marked ``[learn]``, or of all uncertain rules."""
    checked = model.program
    numbers = _numbers(checked, every=every)
    pairs: list[dict[tuple[Value, ...], Pair]] = [{} for _ in numbers]
    concepts: dict[int, str] = {}
    rules = learnable(checked, every=every)
    for rule in model.uncertain:
        number = numbers.get(rule.origin.span)
        if number is not None:
            learn = learned_names(rule.learn)
            s, r = (value if name in learn else None for name, value in (("s", rule.s), ("r", rule.r)))
            values = _values(rule)
            pairs[number].setdefault(values, Pair(values, s, r))
            concepts[number] = model.attributes[rule.conclusion.attribute].name
    found = []
    for number, (typed, own) in enumerate(zip(rules, pairs, strict=True)):
        statement = typed.statement
        given = statement.parameters
        names = tuple(name for name, _ in typed.variables)
        found.append(
            RuleParameters(
                canonical(statement),
                statement.span.line,
                concepts.get(number, ""),
                learned_names(given.learn),
                given.per if given.learn and given.per else names,
                tuple(own.values()),
            )
        )
    name = Path(rules[0].statement.span.file).name if rules else ""
    return Parameters(identity_of(checked, every=every), tuple(found), name)


def learned_names(marked: tuple[Name, ...]) -> tuple[Name, ...]:
    """What is learned of a rule: what is marked, or both where a rule without a mark is learned all the same."""
    return marked or BOTH


def apply(model: GroundModel, parameters: Parameters) -> GroundModel:
    """``model`` with ``parameters`` in its rules.

    Raises :class:`NesyError`: E561 if they belong to another program, E562 if there are none for a ground rule.
    """
    every = parameters.identity.every
    checked = model.program
    if identity_of(checked, every=every).hash != parameters.identity.hash:
        lines = {rule.statement: rule.line for rule in parameters.rules}
        raise NesyError(differences(checked, parameters.identity, lines, parameters.place))
    numbers = _numbers(checked, every=every)
    tables = _tables(checked, parameters)
    rules: list[GroundUncertainRule] = []
    missing: dict[int, list[GroundUncertainRule]] = {}
    for rule in model.uncertain:
        number = numbers.get(rule.origin.span)
        if number is not None:
            pair = tables[number].get(_values(rule))
            if pair is None:
                missing.setdefault(number, []).append(rule)
            else:
                s = rule.s if pair.s is None else pair.s
                r = rule.r if pair.r is None else pair.r
                rule = replace(rule, s=s, r=r)
        rules.append(rule)
    if missing:
        raise NesyError(_missing(group, parameters) for group in missing.values())
    return replace(model, uncertain=tuple(rules))


def _numbers(checked: CheckedProgram, *, every: bool) -> dict[Span, int]:
    return {rule.statement.span: number for number, rule in enumerate(learnable(checked, every=every))}


def _values(rule: GroundUncertainRule) -> tuple[Value, ...]:
    """What tells the pair of a ground rule from the other pairs of its statement."""
    return rule.group if rule.learn else tuple(value for _, value in rule.origin.bindings)


def _tables(checked: CheckedProgram, parameters: Parameters) -> list[Mapping[tuple[Value, ...], Pair]]:
    """The pairs by values, for each statement in the order of the program; equal statements in their own order."""
    waiting: dict[str, list[RuleParameters]] = {}
    for entry in parameters.rules:
        waiting.setdefault(entry.statement, []).append(entry)
    found: list[Mapping[tuple[Value, ...], Pair]] = []
    for rule in learnable(checked, every=parameters.identity.every):
        entries = waiting.get(canonical(rule.statement))
        found.append({pair.values: pair for pair in entries.pop(0).pairs} if entries else {})
    return found


def _missing(rules: Iterable[GroundUncertainRule], parameters: Parameters) -> Diagnostic:
    first, *others = rules
    bindings = ", ".join(f"{name} = {format_value(value)}" for name, value in first.origin.bindings)
    message = f"there are no parameters for this rule{f' with {bindings}' if bindings else ''}"
    if others:
        message += f", nor for {counted(len(others), 'more instance')} of it"
    hint = "when they were learned nothing depended on it, or the facts were others; learn anew"
    return Diagnostic("E562", message, first.origin.span, hint, place=parameters.place)
