"""What is known of the objects of one instance, as text for gringo: readings and metadata as facts, and the rules.

Error rules and constraints are grounded in such a world. clingo has no real numbers: see :mod:`~.reals` for what takes
their place, :mod:`~.plain` for how bodies are rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nesy.abduction.error_rules.columns import Codes, Numbers, column_of
from nesy.abduction.error_rules.plain import Plain
from nesy.abduction.error_rules.reals import Ranks, Tests
from nesy.abduction.error_rules.relevant import is_fused, relevant_rules
from nesy.abduction.error_rules.surroundings import Reading, Surroundings
from nesy.abduction.error_rules.terms import literals_of, real_places
from nesy.dsl.checks.constants import fold
from nesy.dsl.statements import Rule
from nesy.dsl.syntax import Call, Formula
from nesy.dsl.values import Value
from nesy.solvers.grounding.clingo_parts import application, rule
from nesy.solvers.grounding.clingo_statements import rule_lines
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.gringo import Line
from nesy.solvers.grounding.symbols import value_text
from nesy.solvers.grounding.vocabulary import Vocabulary, attribute_key
from nesy.solvers.grounding.walking import clauses, global_variables


class World:
    """The objects ``members`` (rows of the surroundings), and the rules that define what ``bodies`` speak of.

    With ``fused`` the percept without a source may be read: its atoms are left open, and whoever uses the world writes
    them (``label'(o1,bus)``).
    """

    def __init__(
        self, surroundings: Surroundings, members: NDArray[np.int64], bodies: Sequence[Formula], *, fused: bool = False
    ) -> None:
        assert surroundings.checked is not None
        self._surroundings = surroundings
        self._members = members
        self._checked = surroundings.checked
        self._reals = real_places(self._checked)
        self._index = [surroundings.index[member] for member in members.tolist()]
        self.derived = relevant_rules(surroundings, bodies, fused=fused)
        self.vocabulary = Vocabulary(self._checked)
        inside = [formula for statement in self.derived for formula in statement.body]
        self._ranks = Ranks(self._numbers(), literals_of(self._checked, [*bodies, *inside]))
        self.tests = Tests(self._ranks)
        self.plain = Plain(self._checked, self.tests, self._ranks, surroundings.percept if fused else None)

    def rows(self) -> dict[tuple[Value, ...], int]:
        """The row of each object by its index."""
        return dict(zip(self._index, self._members.tolist(), strict=True))

    def rule(self, head: Call, body: Sequence[Formula], label: str, reading: Call | None = None) -> Iterator[Line]:
        """``head :- body.`` as plain logic; ``reading`` is that of an error rule."""
        statement = Rule(head, self.plain.body(head.arguments, body, reading), head.span)
        return (Line(line, head.span) for line in rule_lines(self.vocabulary, statement, label))

    def rest(self) -> Iterator[Line]:
        """All that the rules written so far rest on: derived relations, helpers, facts, domains."""
        for number, statement in enumerate(self.derived):
            if isinstance(statement.head, Call) and _key(statement.head) not in self._reals:
                yield from self.rule(statement.head, statement.body, f"r{number}")
        for number, (head, formulas) in enumerate(self.plain.helpers):
            for place, conjunction in enumerate(clauses(formulas)):
                clause = Clause(self.vocabulary, f"h{number}_{place}", global_variables([head, *conjunction]))
                clause.add_all(conjunction)
                yield from map(Line, (rule(clause.term(head), clause.body), *clause.lines()))
        yield from (Line(text) for text in self._facts() if text)
        yield from (Line(text) for text in self.vocabulary.domain_lines())

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

    def _facts(self) -> Iterator[str]:
        readings = self._surroundings.readings
        for predicate, call in self.plain.read.items():
            if is_fused(self._surroundings, call):
                yield from self._presence(predicate, bool(call.arguments))
                continue
            reading = readings[attribute_key(call)]
            yield from self._reading(predicate, reading, bool(call.arguments))
        for (function, predicate), call in self.plain.measured.items():
            reading = readings[attribute_key(call)]
            numbers = reading.confidence if function == "confidence" else reading.margin
            assert numbers is not None
            places = self._ranks.places(numbers[self._members])
            yield self._atoms(f"{function}'{predicate}", map(str, places.tolist()), bool(call.arguments))
        for name, call in self.plain.ranged.items():
            yield self._atoms(f"index'{name}", None, bool(call.arguments))
        for name in self._surroundings.predictions.columns:
            yield self._metadata(name)
        for key, real in self._reals.items():
            for row in self._real_rows(key):
                texts = [self._text(entry, place in real) for place, entry in enumerate(row)]
                yield f"{application(key[0], texts)}."

    def _text(self, entry: Value | float, real: bool) -> str:
        """An argument of a fact; in a place of type real, the only one for decimals, the place of the number."""
        if isinstance(entry, float) or (real and isinstance(entry, int)):
            return str(self._ranks.place(entry))
        return value_text(entry)

    def _reading(self, predicate: str, reading: Reading, indexed: bool) -> Iterator[str]:
        texts = [*map(value_text, reading.classes), None]
        values = [texts[place] for place in reading.labels[self._members].tolist()]
        yield self._atoms(predicate, values, indexed)
        yield from self._presence(predicate, indexed)

    def _presence(self, predicate: str, indexed: bool) -> Iterator[str]:
        """``has'label'm1(X) :- label'm1(X,_).``"""
        names = [f"X{place}" for place in range(len(self._index[0]) if indexed and self._index else 0)]
        yield f"#defined {predicate}/{len(names) + 1}."
        head = application(f"has'{predicate}", names)
        yield f"{head} :- {application(predicate, [*names, '_'])}."

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

    def _metadata(self, name: str) -> str:
        array = np.asarray(self._surroundings.predictions.columns[name])
        width = len(self._index[0]) if self._index else 0
        models = self._surroundings.predictions.models
        if array.ndim == 1:
            return self._atoms(name, self._texts(array, (name, width + 1)), True)
        parts = []
        for place, model in enumerate(models):
            texts = self._texts(array[:, place], (name, width + 2))
            parts.append(self._atoms(name, [None if text is None else f"{model},{text}" for text in texts], True))
        return " ".join(parts)

    def _texts(self, array: NDArray[np.generic], key: tuple[str, int]) -> list[str | None]:
        """The values of the members as gringo sees them; None where there is none."""
        column = column_of(array[self._members])
        if isinstance(column, Codes):
            texts = [*map(value_text, column.values), None]
            return [texts[place] for place in column.data.tolist()]
        if column.whole and key not in self._reals:
            return [str(int(number)) for number in column.data.tolist()]
        places = self._ranks.places(column.data).tolist()
        return [str(place) if there else None for place, there in zip(places, column.present.tolist(), strict=True)]

    def _column(self, name: str) -> Codes | Numbers:
        array = np.asarray(self._surroundings.predictions.columns[name])
        return column_of(array.reshape(-1))

    def _real_rows(self, key: tuple[str, int]) -> list[tuple[Value | float, ...]]:
        """The facts of a relation with places of type real, as the program has them."""
        rows = []
        for statement in self.derived:
            if isinstance(statement.head, Call) and _key(statement.head) == key and not statement.body:
                row = [fold(argument, self._checked.constants) for argument in statement.head.arguments]
                rows.append(tuple(entry for entry in row if entry is not None))
        return rows


def _key(call: Call) -> tuple[str, int]:
    return call.name, len(call.arguments)
