"""The columns of a scope: which variables, terms and constants the rows of its predicate hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nesy.dsl.checked import Domain
from nesy.dsl.syntax import Call, Number, Term, Text, TupleTerm, Variable
from nesy.dsl.values import Value
from nesy.solvers.grounding.clingo_parts import application
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.symbols import value_text
from nesy.solvers.grounding.templates import Column, Rows
from nesy.solvers.grounding.vocabulary import Vocabulary


class Columns:
    """The columns of ``predicate``.

    ``names`` are the first, ``domains`` the types of those that have one. Terms and index conditions are written into
    ``clause``.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        predicate: str,
        clause: Clause,
        names: Sequence[str],
        domains: Mapping[str, Domain] | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.predicate = predicate
        self.clause = clause
        self.domains = dict(domains or {})
        self._visible = frozenset(names)
        self._columns = {name: place for place, name in enumerate(names)}
        self._fixed: list[Value] = []

    def texts(self) -> list[str]:
        """What stands in the columns, in their order."""
        return list(self._columns)

    def column(self, term: Term) -> Column:
        """The column of a term without attributes; a constant takes none in the ground atoms."""
        known = self.constant(term)
        if known is not None:
            self._fixed.append(known)
            return -len(self._fixed)
        return self._columns.setdefault(self.clause.term(term), len(self._columns))

    def constant(self, term: Term) -> Value | None:
        """The value of a term that needs no arithmetic, None otherwise."""
        match term:
            case Number(value=int() as number):
                return number
            case Text():
                return term.value
            case TupleTerm():
                items = [self.constant(item) for item in term.items]
                known = tuple(item for item in items if item is not None)
                return known if len(known) == len(items) else None
            case Call(arguments=()):
                kind = self.vocabulary.kind(term)
                if kind == "constant":
                    value = self.vocabulary.checked.constants[term.name]
                    return None if isinstance(value, float) else value
                if kind == "attribute":
                    return None
                return term.name == "true" if term.name in ("true", "false") else term.name
            case _:
                return None

    def rows(self) -> Rows:
        """Where the rows are found; ask once the formula is complete."""
        return Rows(self.predicate, len(self._columns), tuple(reversed(self._fixed)))

    def index(self, call: Call) -> tuple[Column, ...]:
        """The columns of an index; rows whose index is outside the attribute's index set are not made."""
        columns = tuple(map(self.column, call.arguments))
        info = self.vocabulary.attribute(call)
        within = not info.condition and all(
            self._within(argument, domain) for argument, domain in zip(call.arguments, info.index, strict=True)
        )
        if columns and not within:
            self.clause.add(application(self.vocabulary.index_predicate(call.name), [self._name(c) for c in columns]))
        return columns

    def _within(self, argument: Term, domain: Domain) -> bool:
        if isinstance(argument, Variable):
            known = self.domains.get(argument.name)
            return known is not None and known.values == domain.values
        constant = self.constant(argument)
        return constant is not None and domain.position(constant) is not None

    def _name(self, column: Column) -> str:
        if column < 0:
            return value_text(self._fixed[-column - 1])
        return self.texts()[column]

    def key(self, names: Iterable[str]) -> tuple[list[str], tuple[Column, ...]]:
        """The variables among ``names`` that come from this scope, and their columns."""
        own = [name for name in names if name in self._visible or name in self._columns]
        return own, tuple(self._columns.setdefault(name, len(self._columns)) for name in own)

    def projected(self, names: Sequence[str]) -> list[str]:
        """This scope's atom with ``_`` in all columns but ``names``; nothing where no name is needed."""
        if not names:
            return []
        return [application(self.predicate, [name if name in names else "_" for name in self._columns])]
