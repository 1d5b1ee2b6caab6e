"""``:-`` rules over attributes: as text for gringo, and back as ground rules.

Each clause ``head :- body`` is split, so that every ground instance carries its statement and its bindings:

    _rule_4(3,A,B) :- a(1,A), a(2,B), A+B = 3.        head arguments, then the variables
    path(H1,H2) :- _rule_4(H1,H2,X,Y).                for heads that are relations

The atoms of attributes are open (choices), so gringo keeps them in the bodies, and heads that set an attribute's
value are read from the ``_rule`` atoms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import NOWHERE
from nesy.dsl.statements import Rule, head_parts
from nesy.dsl.syntax import Call, Comparison
from nesy.dsl.values import Value, format_reference, format_value
from nesy.solvers.ground_model import (
    AnyOf,
    AtomLiteral,
    Attribute,
    AttributeLiteral,
    GroundAtom,
    GroundRule,
    Origin,
)
from nesy.solvers.grounding.clingo_parts import TestText, application, rule
from nesy.solvers.grounding.clingo_statements import head_atom
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.formulas import Literals
from nesy.solvers.grounding.gringo import Grounding
from nesy.solvers.grounding.memberships import without_attribute_sets
from nesy.solvers.grounding.symbols import order_key
from nesy.solvers.grounding.vocabulary import Vocabulary
from nesy.solvers.grounding.walking import clauses, global_variables


@dataclass(frozen=True, slots=True)
class RuleText:
    """One clause of a statement: its lines, and how its ``_rule`` atoms are laid out."""

    statement: Rule
    predicate: str
    head: str
    head_arity: int
    sets_value: bool
    names: tuple[str, ...]
    tests: tuple[TestText, ...]
    lines: tuple[str, ...]

    @property
    def arity(self) -> int:
        return self.head_arity + len(self.names)


def rule_texts(vocabulary: Vocabulary, statement: Rule, label: str) -> list[RuleText]:
    """The clauses of a rule over attributes."""
    assert isinstance(statement.head, Call | Comparison)
    found = []
    for place, body in enumerate(clauses(without_attribute_sets(vocabulary, statement.body))):
        clause_label = label if place == 0 else f"{label}_{place}"
        names = global_variables([*head_parts(statement.head), *body])
        clause = Clause(vocabulary, clause_label, names)
        head, arguments = head_atom(clause, statement.head)
        clause.add_all(body)
        predicate = f"_rule_{clause_label}"
        lines = [rule(application(predicate, [*arguments, *names]), clause.body), *clause.lines()]
        sets_value = isinstance(statement.head, Comparison) or vocabulary.is_attribute(statement.head)
        if not sets_value:
            formal = [f"H{number}" for number in range(1, len(arguments) + 1)]
            others = [f"B{number}" for number in range(1, len(names) + 1)]
            lines.append(rule(application(head, formal), [application(predicate, [*formal, *others])]))
        found.append(
            RuleText(statement, predicate, head, len(arguments), sets_value, names, tuple(clause.tests), tuple(lines))
        )
    return found


EXPANSION_BUDGET = 100_000
"""Ground rules that one body may open into where it holds ``all`` over disjunctions."""

_Literal = AttributeLiteral | AtomLiteral


class RuleReader:
    """Reads the ground instances of rules over attributes."""

    def __init__(
        self,
        grounding: Grounding,
        attributes: tuple[Attribute, ...],
        predicates: Mapping[str, int],
        atoms: Mapping[GroundAtom, int],
        literals: Literals,
    ) -> None:
        """``predicates`` maps the value predicates in the text to places in ``attributes``."""
        self._grounding = grounding
        self._attributes = attributes
        self._predicates = predicates
        self._atoms = atoms
        self._literals = literals
        self._meaning: dict[int, _Literal] = {}
        self._assumed: set[int] = set()
        self._definitions: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        self._place = NOWHERE
        self.problems: list[Diagnostic] = []

    def read(self, texts: Sequence[RuleText], statements: Mapping[int, str]) -> list[GroundRule]:
        """The ground rules of ``texts``; ``statements`` gives each statement's text by ``id``."""
        self._learn_meanings(texts)
        heads: dict[int, tuple[RuleText, tuple[Value, ...]]] = {}
        for text in texts:
            for literal, row in self._grounding.literals(text.predicate, text.arity).items():
                heads[literal] = (text, row)
        order = {text.predicate: place for place, text in enumerate(texts)}
        lines = [(*heads[line.head], line.body) for line in self._grounding.rules if line.head in heads]
        lines.sort(key=lambda line: (order[line[0].predicate], order_key(line[1][line[0].head_arity :])))
        found: list[GroundRule] = []
        for text, row, body in lines:
            self._place = text.statement.span
            bindings = tuple(zip(text.names, row[text.head_arity :], strict=True))
            origin = Origin(text.statement.span, statements[id(text.statement)], bindings)
            head = self._head(text, row[: text.head_arity], origin)
            if head is not None:
                found += [GroundRule(head, items, origin) for items in self._bodies(body)]
        return found

    # ----- what the program literals mean

    def _learn_meanings(self, texts: Sequence[RuleText]) -> None:
        for predicate, place in self._predicates.items():
            attribute = self._attributes[place]
            arity = len(attribute.index[0]) + 1 if attribute.index else 1
            for literal, row in self._grounding.literals(predicate, arity).items():
                value = attribute.domain.position(row[-1])
                assert value is not None
                index = attribute.positions[row[:-1]]
                self._meaning[literal] = self._literals.literal(place, index, (value,))
        for predicate, arity in {(atom.name, len(atom.arguments)) for atom in self._atoms}:
            for literal, row in self._grounding.literals(predicate, arity).items():
                self._meaning[literal] = AtomLiteral(self._atoms[GroundAtom(predicate, row)])
        for line in self._grounding.rules:
            if line.head not in self._meaning:
                self._definitions[line.head].append(line.body)
        for text in texts:
            for test in text.tests:
                self._learn_test(test)
        self._assumed = self._helpers()

    def _learn_test(self, test: TestText) -> None:
        """A test's values are those of the attribute literals in the bodies of its rules."""
        place = self._predicates[test.attribute]
        for literal in self._grounding.literals(test.name, test.arity):
            values: set[int] = set()
            index = -1
            for body in self._definitions[literal]:
                for part in body:
                    meaning = self._meaning.get(part)
                    if isinstance(meaning, AttributeLiteral) and meaning.attribute == place:
                        values.update(meaning.values)
                        index = meaning.index
                        break
            self._meaning[literal] = self._literals.literal(place, index, tuple(sorted(values)))

    def _helpers(self) -> set[int]:
        """Program literals of sets and scopes: they hold wherever the rest of the body does."""
        found: set[int] = set()
        for predicate, arity in self._grounding.signatures():
            if predicate.startswith(("_set_", "_scope_")):
                found.update(self._grounding.literals(predicate, arity))
        return found

    # ----- heads and bodies

    def _head(self, text: RuleText, arguments: tuple[Value, ...], origin: Origin) -> _Literal | None:
        if not text.sets_value:
            return AtomLiteral(self._atoms[GroundAtom(text.head, arguments)])
        place = self._predicates[text.head]
        attribute = self._attributes[place]
        index, value = arguments[:-1], arguments[-1]
        position, entry = attribute.domain.position(value), attribute.positions.get(index)
        label = format_reference(attribute.name, index)
        if entry is None:
            message = f"the rule sets {label}, which is outside the index of '{attribute.name}'{_where(origin)}"
            hint = "add a condition that keeps the index inside, or widen the declaration"
            self.problems.append(Diagnostic("E511", message, origin.span, hint))
            return None
        if position is None:
            message = (
                f"the rule sets {label} to {format_value(value)}, which is no value of "
                f"'{attribute.domain.name}'{_where(origin)}"
            )
            hint = "widen the type, or add a condition that keeps the value inside"
            self.problems.append(Diagnostic("E510", message, origin.span, hint))
            return None
        return self._literals.literal(place, entry, (position,))

    def _bodies(self, body: tuple[int, ...]) -> list[tuple[_Literal, ...]]:
        """``body`` as conjunctions of literals, merged; gringo's own helper atoms are replaced by what they mean."""
        found: dict[tuple[_Literal, ...], None] = {}
        for items in self._conjunctions(body):
            merged = self._merged(items)
            if merged is not None:
                found[merged] = None
        return list(found)

    def _conjunctions(self, body: tuple[int, ...]) -> list[tuple[_Literal, ...]]:
        return self._distributed([self._expanded(literal) for literal in body])

    def _expanded(self, literal: int) -> list[tuple[_Literal, ...]]:
        """The conjunctions of which ``literal`` is the disjunction."""
        atom = abs(literal)
        meaning = self._meaning.get(atom)
        if meaning is not None:
            return [(meaning if literal > 0 else self._negated(meaning),)]
        if atom in self._assumed:
            return [()] if literal > 0 else []
        bodies = self._definitions.get(atom, [])
        if literal > 0:
            return self._united([items for body in bodies for items in self._conjunctions(body)])
        alternatives = [[option for part in body for option in self._expanded(-part)] for body in bodies]
        return self._distributed(alternatives)

    def _distributed(self, conjunction: list[list[tuple[_Literal, ...]]]) -> list[tuple[_Literal, ...]]:
        """A conjunction of disjunctions as a disjunction of conjunctions; E512 if that explodes."""
        size = prod(map(len, conjunction))
        if size > EXPANSION_BUDGET:
            message = f"'all' over disjunctions opens into {size:,} rules; the budget is {EXPANSION_BUDGET:,}"
            hint = "say it with a concept: 'concept c : bool.  c iff all ...'"
            raise NesyError(Diagnostic("E512", message, self._place, hint))
        return [tuple(item for part in parts for item in part) for parts in product(*conjunction)]

    def _united(self, ways: list[tuple[_Literal, ...]]) -> list[tuple[_Literal, ...]]:
        """Alternatives that are single literals on one attribute and index are one literal."""
        single = [way[0] for way in ways if len(way) == 1]
        literals = [item for item in single if isinstance(item, AttributeLiteral)]
        places = {(item.attribute, item.index) for item in literals}
        if len(literals) < len(ways) or len(places) != 1:
            return ways
        ((attribute, index),) = places
        values = {value for item in literals for value in item.values}
        return [(self._literals.literal(attribute, index, tuple(sorted(values))),)]

    def _negated(self, literal: _Literal) -> _Literal:
        if isinstance(literal, AtomLiteral):
            return AtomLiteral(literal.atom, not literal.negated)
        return self._literals.negated(literal)

    def _merged(self, items: tuple[_Literal, ...]) -> tuple[_Literal, ...] | None:
        formula = self._literals.all_of(items)
        if isinstance(formula, AttributeLiteral | AtomLiteral):
            return (formula,)
        if isinstance(formula, AnyOf):
            return None
        literals = [item for item in formula.items if isinstance(item, AttributeLiteral | AtomLiteral)]
        return tuple(sorted(literals, key=_body_order))


def _body_order(literal: _Literal) -> tuple[int, ...]:
    """Attributes in the order of their declaration, then atoms."""
    if isinstance(literal, AttributeLiteral):
        return (0, literal.attribute, literal.index)
    return (1, literal.atom, int(literal.negated))


def _where(origin: Origin) -> str:
    if not origin.bindings:
        return ""
    return " for " + ", ".join(f"{name} = {format_value(value)}" for name, value in origin.bindings)
