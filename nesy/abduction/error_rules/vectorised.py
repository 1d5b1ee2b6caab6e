"""Where an error rule holds, for all objects at once.

This takes rules whose conditions speak of one object: its readings, their confidence and margin, its metadata, and
relations that say at most one thing of it. Every variable then has one value for each object, and a body is a
handful of array operations. All other rules raise :class:`NotVectorisedError` and are grounded.

    error label@m1(O) :- label@m1(O) = bus, confidence(label@m1(O)) < 0.6, brightness(O, B), B < 0.2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from nesy.abduction.error_rules.columns import (
    Codes,
    Column,
    Mask,
    NotVectorisedError,
    Numbers,
    calculate,
    coded,
    compare,
    constant,
)
from nesy.abduction.error_rules.surroundings import Reading, Surroundings
from nesy.dsl.checks.constants import Scalar, fold
from nesy.dsl.statements import ErrorRule
from nesy.dsl.syntax import (
    And,
    Binary,
    Call,
    Comparison,
    Formula,
    Interval,
    Membership,
    Negative,
    Not,
    Or,
    SetTerm,
    Term,
    Variable,
    walk,
)
from nesy.dsl.values import Value


def holds(rule: ErrorRule, surroundings: Surroundings) -> Mask:
    """The objects for which the body of ``rule`` holds, [N]."""
    index: dict[str, int] = {}
    found = np.ones(surroundings.size, dtype=bool)
    for place, argument in enumerate(rule.reading.arguments):
        if isinstance(argument, Variable) and argument.name not in index:
            index[argument.name] = place
        else:
            value = fold(argument, _constants(surroundings))
            if value is None:
                raise NotVectorisedError
            found &= compare("=", surroundings.index_columns[place], constant(value, surroundings.size))
    return found & _Body(surroundings, index, rule.reading.arguments).conjunction(rule.body)


def _constants(surroundings: Surroundings) -> Mapping[str, Scalar]:
    return {} if surroundings.checked is None else surroundings.checked.constants


class _UnboundError(NotVectorisedError):
    """A variable that has no value yet; another condition may give it one."""


class _Body:
    """Evaluates the body of one rule; ``bound`` are the columns of the variables that have a value."""

    def __init__(self, surroundings: Surroundings, index: Mapping[str, int], arguments: Sequence[Term]) -> None:
        self._surroundings = surroundings
        self._index = index
        self._arguments = tuple(arguments)
        self._size = surroundings.size
        self._constants = _constants(surroundings)
        self._bound: dict[str, Column] = {name: surroundings.index_columns[place] for name, place in index.items()}

    def conjunction(self, formulas: Sequence[Formula]) -> Mask:
        """Where all of ``formulas`` hold; a condition waits until those that give its variables a value are done."""
        found = np.ones(self._size, dtype=bool)
        waiting = [part for formula in formulas for part in (formula.items if isinstance(formula, And) else (formula,))]
        while waiting:
            left = []
            for formula in waiting:
                try:
                    found &= self._binding(formula)
                except _UnboundError:
                    left.append(formula)
            if len(left) == len(waiting):
                raise NotVectorisedError
            waiting = left
        return found

    def _binding(self, formula: Formula) -> Mask:
        """A condition of the conjunction itself, which may give a variable its value."""
        match formula:
            case Comparison("=", Variable() as name, term) if self._is_new(name):
                return self._bind(name.name, self._term(term))
            case Comparison("=", term, Variable() as name) if self._is_new(name):
                return self._bind(name.name, self._term(term))
            case Call() if not self._is_reading(formula):
                return self._relation(formula, binds=True)
            case _:
                return self._formula(formula)

    def _is_new(self, variable: Variable) -> bool:
        return not variable.anonymous and variable.name not in self._bound

    def _bind(self, name: str, column: Column) -> Mask:
        self._bound[name] = column
        return column.present

    def _formula(self, formula: Formula) -> Mask:
        """Where a condition holds whose variables have values."""
        match formula:
            case Comparison(operator, left, right):
                if isinstance(left, Variable) and left.anonymous:
                    raise NotVectorisedError
                return compare(operator, self._term(left), self._term(right))
            case Membership(term, values):
                return self._membership(self._term(term), values)
            case Not(operand):
                return np.asarray(~self._formula(operand))
            case And(items):
                return np.asarray(np.logical_and.reduce([self._formula(item) for item in items]))
            case Or(items):
                return np.asarray(np.logical_or.reduce([self._formula(item) for item in items]))
            case Call(name, (), None) if name in ("true", "false"):
                return np.full(self._size, name == "true")
            case Call():
                if self._is_reading(formula):
                    return compare("=", self._label(formula), constant(True, self._size))
                return self._relation(formula, binds=False)
            case _:
                raise NotVectorisedError

    def _membership(self, column: Column, values: SetTerm | Interval) -> Mask:
        if isinstance(values, Interval):
            return compare(">=", column, self._term(values.low)) & compare("<=", column, self._term(values.high))
        if values.condition or any(isinstance(part, Variable) for item in values.items for part in walk(item)):
            raise NotVectorisedError
        found = np.zeros(self._size, dtype=bool)
        for item in values.items:
            if isinstance(item, Interval):
                found |= self._membership(column, item)
            else:
                found |= compare("=", column, self._term(item))
        return found

    # ----- terms

    def _term(self, term: Term) -> Column:
        match term:
            case Variable(name):
                if name not in self._bound:
                    raise _UnboundError
                return self._bound[name]
            case Call(name, (Call() as reading,), None) if name in ("confidence", "margin"):
                return self._of_reading(name, reading)
            case Call() if self._is_reading(term):
                return self._label(term)
            case Binary(operator, left, right):
                return calculate(operator, self._term(left), self._term(right))
            case Negative(operand):
                return calculate("-", constant(0, self._size), self._term(operand))
            case _:
                value = fold(term, self._constants)
                if value is None:
                    raise NotVectorisedError
                return constant(value, self._size)

    def _is_reading(self, call: Call) -> bool:
        return self._key(call) in self._surroundings.readings

    @staticmethod
    def _key(call: Call) -> str:
        return call.name if call.source is None else f"{call.name}@{call.source}"

    def _reading(self, call: Call) -> Reading:
        """The reading of this very object (or of the one that all instances share)."""
        found = self._surroundings.readings.get(self._key(call))
        if found is None or (call.arguments and call.arguments != self._arguments):
            raise NotVectorisedError
        return found

    def _label(self, call: Call) -> Codes:
        reading = self._reading(call)
        return Codes(reading.classes, reading.labels)

    def _of_reading(self, function: str, call: Call) -> Numbers:
        reading = self._reading(call)
        found = reading.confidence if function == "confidence" else reading.margin
        if found is None:
            raise NotVectorisedError
        return Numbers(found)

    # ----- relations

    def _relation(self, call: Call, *, binds: bool) -> Mask:
        """Where an atom holds; a variable as its last argument gets its value here."""
        column = self._metadata(call)
        if column is not None:
            last = call.arguments[-1]
            if isinstance(last, Variable):
                if last.anonymous:
                    return column.present
                if self._is_new(last):
                    if not binds:
                        raise _UnboundError
                    return self._bind(last.name, column)
            return compare("=", column, self._term(last))
        checked = self._surroundings.checked
        if checked is not None and call.name in checked.types and len(call.arguments) == 1:
            return self._of_type(call, checked.types[call.name].values)
        rows = self._surroundings.facts.get((call.name, len(call.arguments)))
        if rows is None:
            raise NotVectorisedError
        return self._of_facts(call, rows, binds)

    def _metadata(self, call: Call) -> Column | None:
        """The column of ``brightness(O, B)``, or of ``size(O, m1, B)`` where each model has its own."""
        *object_, _ = call.arguments or (None,)
        if tuple(object_) == self._arguments:
            return self._surroundings.metadata(call.name, None)
        *object_, source = object_ or (None,)
        models = self._surroundings.predictions.models
        name = source.name if isinstance(source, Call) and not source.arguments else None
        if tuple(object_) == self._arguments and name in models:
            return self._surroundings.metadata(call.name, models.index(name))
        return None

    def _of_type(self, call: Call, values: Sequence[Value]) -> Mask:
        (argument,) = call.arguments
        column = self._term(argument)
        if not isinstance(column, Codes):
            raise NotVectorisedError
        known = {(type(value), value) for value in values}
        table = np.array([(type(value), value) in known for value in column.values] + [False])
        return np.asarray(table[column.data])

    def _of_facts(self, call: Call, rows: frozenset[tuple[Value, ...]], binds: bool) -> Mask:
        """By the part of the index that stands among the arguments; what is left must be one value for each object."""
        keys: list[int] = []
        key_places: list[int] = []
        wanted: dict[int, Scalar] = {}
        open_places: list[int] = []
        for place, argument in enumerate(call.arguments):
            if isinstance(argument, Variable) and argument.name in self._index:
                keys.append(self._index[argument.name])
                key_places.append(place)
            elif isinstance(argument, Variable) and (argument.anonymous or argument.name not in self._bound):
                if not argument.anonymous:
                    open_places.append(place)
            else:
                value = fold(argument, self._constants)
                if value is None:
                    raise NotVectorisedError
                wanted[place] = value
        if open_places and not binds:
            raise _UnboundError
        if len(open_places) > 1:
            raise NotVectorisedError
        table: dict[tuple[Value, ...], set[Value]] = defaultdict(set)
        for row in rows:
            if all(type(row[place]) is type(value) and row[place] == value for place, value in wanted.items()):
                table[tuple(row[place] for place in key_places)].update(row[place] for place in open_places)
        entries = [tuple(entry[place] for place in keys) for entry in self._surroundings.index]
        if not open_places:
            return np.fromiter((entry in table for entry in entries), dtype=bool, count=self._size)
        if any(len(found) > 1 for found in table.values()):
            raise NotVectorisedError
        variable = call.arguments[open_places[0]]
        assert isinstance(variable, Variable)
        return self._bind(
            variable.name, coded([next(iter(table[entry])) if entry in table else None for entry in entries])
        )
