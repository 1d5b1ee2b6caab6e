"""Running gringo once and reading back what it made; the only place where clingo is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import clingo

from nesy.dsl.checks.constants import Scalar
from nesy.dsl.diagnostics import Diagnostic, NesyError, Severity
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.values import Value
from nesy.solvers.grounding.symbols import ScalarReader, SymbolReader

RULE_BUDGET = 3_000_000
"""Ground rules after which grounding is given up; recursion through arithmetic would otherwise never end."""
UNBOUNDED = 2**62

Test = Callable[[Sequence[Scalar]], bool]
"""A function that a text calls: whether it holds for some values."""

Row = TypeVar("Row")

_PLACE = re.compile(r"<block>:(\d+):\d+(?:-(?:\d+:)?\d+)?: *")


_UNSAFE = re.compile(r"'([A-Z]\w*)' is unsafe")


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of the text with the statement that it was made from."""

    text: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class GroundLine:
    """One ground rule that is no choice: program literals, negative ones for ``not``."""

    head: int
    body: tuple[int, ...]


class _Recorder(clingo.Observer):
    """Counts the ground rules and keeps those that are asked for."""

    def __init__(self, keep: bool, budget: int) -> None:
        self.rules: list[GroundLine] = []
        self._keep = keep
        self._left = budget

    def rule(self, choice: bool, head: Sequence[int], body: Sequence[int]) -> None:
        self._left -= 1
        if self._left < 0:
            raise OverflowError
        if self._keep and not choice and len(head) == 1:
            self.rules.append(GroundLine(head[0], tuple(body)))


class _Context:
    """The functions of a text, as clingo looks them up."""

    def __init__(self, tests: Callable[[str], Test]) -> None:
        self._tests = tests
        self._reader = ScalarReader()

    def __getattr__(self, name: str) -> Callable[..., clingo.Symbol]:
        test = self._tests(name)
        return lambda *symbols: clingo.Number(int(test([self._reader.value(symbol) for symbol in symbols])))


class Grounding:
    """What gringo made of a text: the atoms of each predicate and, if asked for, the ground rules."""

    def __init__(
        self,
        control: clingo.Control,
        lines: Sequence[Line],
        rules: list[GroundLine],
        warnings: tuple[Diagnostic, ...],
    ) -> None:
        self._control = control  # owns the atoms
        self._atoms = control.symbolic_atoms
        self._lines = lines
        self._reader = SymbolReader()
        self._scalars = ScalarReader()
        self.rules = rules
        self.warnings = warnings

    def rows(self, predicate: str, arity: int) -> list[tuple[Value, ...]]:
        """The arguments of all atoms of a predicate, true or open, in gringo's order."""
        return self._read(predicate, arity, self._reader.arguments)

    def scalar_rows(self, predicate: str, arity: int) -> list[tuple[Scalar, ...]]:
        """As :meth:`rows`, for texts that hold decimal numbers."""
        return self._read(predicate, arity, self._scalars.arguments)

    def _read(self, predicate: str, arity: int, arguments: Callable[[clingo.Symbol], Row]) -> list[Row]:
        try:
            return [arguments(atom.symbol) for atom in self._atoms.by_signature(predicate, arity)]
        except ValueError as error:
            message = f"{error}, but it became an argument of '{predicate}' while grounding"
            hint = "the minimum or maximum of nothing has no value; guard the aggregate by a condition"
            start = (f"{predicate}(", f"{predicate} ")
            span = next((line.span for line in self._lines if line.text.startswith(start)), NOWHERE)
            raise NesyError(Diagnostic("E516", message, span, hint)) from None

    def signatures(self) -> list[tuple[str, int]]:
        """Name and arity of all predicates."""
        return [(name, arity) for name, arity, positive in self._atoms.signatures if positive]

    def symbols(self) -> Iterator[tuple[int, clingo.Symbol]]:
        """All atoms, each with its program literal."""
        return ((atom.literal, atom.symbol) for atom in self._atoms)

    def literals(self, predicate: str, arity: int) -> Mapping[int, tuple[Value, ...]]:
        """The arguments of all atoms of a predicate by program literal."""
        arguments = self._reader.arguments
        return {atom.literal: arguments(atom.symbol) for atom in self._atoms.by_signature(predicate, arity)}


def run(
    lines: Iterable[Line],
    *,
    keep_rules: bool = False,
    budget: int = RULE_BUDGET,
    observer: clingo.Observer | None = None,
    tests: Callable[[str], Test] | None = None,
) -> Grounding:
    """Ground ``lines``. Nothing is printed: messages become diagnostics with the place of their statement.

    ``observer`` hears what gringo makes; it stops gringo by OverflowError. ``tests`` gives the functions that the text
    calls by ``@name(X,…)``, which is 1 where the function holds for the values and 0 elsewhere.
    """
    numbered = list(lines)
    found: list[Diagnostic] = []

    def log(code: clingo.MessageCode, message: str) -> None:
        found.extend(_diagnostics(code, message, numbered))

    control = clingo.Control(["--warn=all"], logger=log, message_limit=1000)
    recorder = _Recorder(keep_rules, budget)
    control.register_observer(recorder if observer is None else observer)
    try:
        control.add("base", [], "\n".join(line.text for line in numbered))
        control.ground([("base", [])], context=None if tests is None else _Context(tests))
    except OverflowError:
        message = f"grounding gave more than {budget:,} rules and was stopped"
        hint = "rules that count without end, such as n(X+1) :- n(X), need a bound: X < 100; --budget N allows more"
        raise NesyError(Diagnostic("E512", message, _recursive_place(numbered), hint)) from None
    except RuntimeError as error:
        errors = [diagnostic for diagnostic in found if diagnostic.severity is Severity.ERROR]
        raise NesyError(errors or Diagnostic("E516", f"the grounder refuses the program: {error}")) from None
    return Grounding(control, numbered, recorder.rules, tuple(dict.fromkeys(found)))


def rule_budget(budget: int | None) -> int:
    """The number of ground rules under a budget as users give it: None for the usual one, 0 for none."""
    return RULE_BUDGET if budget is None else budget or UNBOUNDED


def _recursive_place(lines: Sequence[Line]) -> Span:
    """The first rule whose head computes: the likely cause of endless grounding."""
    heads = ((line, line.text.partition(" :- ")[0]) for line in lines if line.span != NOWHERE and ":-" in line.text)
    return next((line.span for line, head in heads if re.search(r"[-+*]", head)), NOWHERE)


def _diagnostics(code: clingo.MessageCode, message: str, lines: Sequence[Line]) -> Iterable[Diagnostic]:
    """What one message of gringo says, at the places of the statements that it is about."""
    place = _PLACE.match(message)
    line = lines[int(place.group(1)) - 1] if place else Line("")
    detail = " ".join(_PLACE.sub("", message).split())
    detail = re.sub(r"^(info|error): ", "", detail)
    if code == clingo.MessageCode.OperationUndefined:
        what = detail.partition(":")[2].strip() or line.text
        text = f"an operation is undefined: {what}; the instances where it occurs are left out"
        hint = "arithmetic needs integers and a divisor other than 0; guard it by a condition such as Y != 0"
        yield Diagnostic("W516", text, line.span, hint)
    elif code == clingo.MessageCode.RuntimeError:
        names = sorted(set(_UNSAFE.findall(detail)))
        text = f"the grounder refuses this statement: {detail}"
        if names:
            text = f"no condition gives a value to {', '.join(names)}"
        elif "unsafe" in detail:
            text = "no condition gives a value to a variable of a quantifier or set"
        hint = "every variable needs a positive condition that gives its values, such as a type or an index"
        yield Diagnostic("E516", text, line.span, hint)
