"""Where error rules hold whose conditions are logic: joins between objects, derived relations, aggregates.

gringo evaluates them. Readings are facts (``label'm1(o1,bus)``), so nothing is open. clingo has no real numbers: see
:mod:`~.reals` for what takes their place, :mod:`~.plain` for how bodies are rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.columns import Codes, Mask, Numbers, column_of
from nesy.abduction.error_rules.plain import Plain, literals_of, real_places
from nesy.abduction.error_rules.reals import Ranks, Tests
from nesy.abduction.error_rules.relevant import relevant_rules
from nesy.abduction.error_rules.surroundings import Reading, Surroundings
from nesy.dsl.checks.constants import fold
from nesy.dsl.statements import ErrorRule, Rule
from nesy.dsl.syntax import Call, Formula
from nesy.dsl.values import Value
from nesy.solvers.grounding.clingo_parts import application, rule
from nesy.solvers.grounding.clingo_statements import rule_lines
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.gringo import Line, run
from nesy.solvers.grounding.symbols import value_text
from nesy.solvers.grounding.vocabulary import Vocabulary, attribute_key
from nesy.solvers.grounding.walking import clauses, global_variables


def holds_of(rules: Sequence[ErrorRule], surroundings: Surroundings) -> list[Mask]:
    """The objects for which the body of each rule holds, [N] each; the rules are grounded together.

    Raises :class:`NesyError`: E577 for what an error rule cannot hold, and what the grounder refuses.
    """
    instances = surroundings.instances
    groups = [np.arange(surroundings.size)] if instances is None else _groups(instances)
    found = [np.zeros(surroundings.size, dtype=bool) for _ in rules]
    for members in groups:
        for mask, rows in zip(found, _Instance(rules, surroundings, members).solve(), strict=True):
            mask[rows] = True
    return found


def _groups(instances: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order = np.argsort(instances, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(instances[order])) + 1)


class _Instance:
    """The rules over the objects of one instance, ``members``."""

    def __init__(self, rules: Sequence[ErrorRule], surroundings: Surroundings, members: NDArray[np.int64]) -> None:
        assert surroundings.checked is not None
        self._rules = rules
        self._surroundings = surroundings
        self._members = members
        self._checked = surroundings.checked
        self._vocabulary = Vocabulary(self._checked)
        self._reals = real_places(self._checked)
        self._derived = relevant_rules(surroundings, rules)
        self._index = [surroundings.index[member] for member in members.tolist()]

    def solve(self) -> list[list[int]]:
        """The objects (rows of the surroundings) of which each rule holds."""
        ranks = Ranks(self._numbers(), literals_of(self._checked, self._bodies()))
        tests = Tests(ranks)
        plain = Plain(self._checked, tests, ranks)
        lines = list(self._lines(plain))
        lines += [Line(text) for text in self._facts(plain, ranks) if text]
        lines += [Line(text) for text in self._vocabulary.domain_lines()]
        grounding = run(lines, tests=tests.function)
        rows_of = dict(zip(self._index, self._members.tolist(), strict=True))
        return [
            [rows_of[row] for row in grounding.rows(_head(number), len(rule_.reading.arguments)) if row in rows_of]
            for number, rule_ in enumerate(self._rules)
        ]

    def _bodies(self) -> Iterator[Formula]:
        yield from (formula for rule_ in self._rules for formula in rule_.body)
        yield from (formula for statement in self._derived for formula in statement.body)

    # ----- rules

    def _lines(self, plain: Plain) -> Iterator[Line]:
        for number, rule_ in enumerate(self._rules):
            reading = rule_.reading
            head = Call(_head(number), reading.arguments)
            body = plain.body(reading.arguments, rule_.body, reading)
            yield from self._rule(Rule(head, body, rule_.span), f"e{number}")
        for number, statement in enumerate(self._derived):
            if isinstance(statement.head, Call) and self._key(statement.head) not in self._reals:
                body = plain.body(statement.head.arguments, statement.body)
                yield from self._rule(Rule(statement.head, body, statement.span), f"r{number}")
        for number, (head, formulas) in enumerate(plain.helpers):
            for place, conjunction in enumerate(clauses(formulas)):
                clause = Clause(self._vocabulary, f"h{number}_{place}", global_variables([head, *conjunction]))
                clause.add_all(conjunction)
                yield from map(Line, (rule(clause.term(head), clause.body), *clause.lines()))

    def _rule(self, statement: Rule, label: str) -> Iterator[Line]:
        return (Line(line, statement.span) for line in rule_lines(self._vocabulary, statement, label))

    @staticmethod
    def _key(call: Call) -> tuple[str, int]:
        return call.name, len(call.arguments)

    # ----- facts

    def _numbers(self) -> Iterator[NDArray[np.float64]]:
        for reading in self._surroundings.readings.values():
            yield reading.confidence
            if reading.margin is not None:
                yield reading.margin
        for name in self._surroundings.predictions.columns:
            column = self._column(name)
            if isinstance(column, Numbers):
                yield column.data
        for key, places in self._reals.items():
            rows = self._real_rows(key)
            yield from (np.array([row[place] for row in rows], dtype=np.float64) for place in places)

    def _facts(self, plain: Plain, ranks: Ranks) -> Iterator[str]:
        readings = self._surroundings.readings
        for predicate, call in plain.read.items():
            reading = readings[attribute_key(call)]
            yield from self._reading(predicate, reading, bool(call.arguments))
        for (function, predicate), call in plain.measured.items():
            reading = readings[attribute_key(call)]
            numbers = reading.confidence if function == "confidence" else reading.margin
            assert numbers is not None
            places = ranks.places(numbers[self._members])
            yield self._atoms(f"{function}'{predicate}", map(str, places.tolist()), bool(call.arguments))
        for name, call in plain.ranged.items():
            yield self._atoms(f"index'{name}", None, bool(call.arguments))
        for name in self._surroundings.predictions.columns:
            yield self._metadata(name, ranks)
        for key, real in self._reals.items():
            for row in self._real_rows(key):
                texts = [
                    str(ranks.place(float(entry))) if place in real else value_text(entry)  # type: ignore[arg-type]
                    for place, entry in enumerate(row)
                ]
                yield f"{application(key[0], texts)}."

    def _reading(self, predicate: str, reading: Reading, indexed: bool) -> Iterator[str]:
        texts = [*map(value_text, reading.classes), None]
        values = [texts[place] for place in reading.labels[self._members].tolist()]
        yield self._atoms(predicate, values, indexed)
        names = ["_"] * (len(self._index[0]) if indexed else 0)
        head = application(f"has'{predicate}", [f"X{place}" for place in range(len(names))])
        body = application(predicate, [*(f"X{place}" for place in range(len(names))), "_"])
        yield f"#defined {predicate}/{len(names) + 1}."
        yield f"{head} :- {body}."

    def _atoms(self, predicate: str, values: Iterable[str | None] | None, indexed: bool) -> str:
        """``predicate(index, value).`` for each object that has a value; one atom for all where there is no index."""
        known = [None] * len(self._index) if values is None else list(values)
        objects = [[*map(value_text, entry)] if indexed else [] for entry in self._index]
        atoms = [
            f"{application(predicate, [*arguments, *([] if values is None else [value or ''])])}."
            for arguments, value in zip(objects, known, strict=True)
            if values is None or value is not None
        ]
        return " ".join(dict.fromkeys(atoms))

    def _metadata(self, name: str, ranks: Ranks) -> str:
        array = np.asarray(self._surroundings.predictions.columns[name])
        width = len(self._index[0]) if self._index else 0
        models = self._surroundings.predictions.models
        if array.ndim == 1:
            return self._atoms(name, self._texts(array, (name, width + 1), ranks), True)
        parts = []
        for place, model in enumerate(models):
            texts = self._texts(array[:, place], (name, width + 2), ranks)
            parts.append(self._atoms(name, [None if text is None else f"{model},{text}" for text in texts], True))
        return " ".join(parts)

    def _texts(self, array: NDArray[np.generic], key: tuple[str, int], ranks: Ranks) -> list[str | None]:
        """The values of the members as gringo sees them; None where there is none."""
        column = column_of(array[self._members])
        if isinstance(column, Codes):
            texts = [*map(value_text, column.values), None]
            return [texts[place] for place in column.data.tolist()]
        if column.whole and key not in self._reals:
            return [str(int(number)) for number in column.data.tolist()]
        places = ranks.places(column.data).tolist()
        return [str(place) if there else None for place, there in zip(places, column.present.tolist(), strict=True)]

    def _column(self, name: str) -> Codes | Numbers:
        array = np.asarray(self._surroundings.predictions.columns[name])
        return column_of(array.reshape(-1))

    def _real_rows(self, key: tuple[str, int]) -> list[tuple[Value | float, ...]]:
        """The facts of a relation with places of type real, as the program has them."""
        rows = []
        for statement in self._derived:
            if isinstance(statement.head, Call) and self._key(statement.head) == key and not statement.body:
                row = [fold(argument, self._checked.constants) for argument in statement.head.arguments]
                rows.append(tuple(entry for entry in row if entry is not None))
        return rows


def _head(number: int) -> str:
    return f"_error_{number}"
