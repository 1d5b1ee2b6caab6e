"""From a checked program to its worlds.

Uncertain rules come from the ground model, as formulas over attributes; everything else (``:-`` rules, constraints,
soft constraints) from the ground logic program that the logical back ends use. Concepts that only follow from percepts
are in the former alone, so that large ones are never grounded to atoms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, NesyError, raise_errors
from nesy.dsl.graphs import components
from nesy.dsl.statements import Query
from nesy.dsl.syntax import Call
from nesy.dsl.syntax import Variable as Wildcard
from nesy.solvers.ground_model import (
    AllOf,
    AnyOf,
    AtomLiteral,
    AttributeLiteral,
    GroundAtom,
    GroundFormula,
    GroundModel,
    Origin,
)
from nesy.solvers.grounding import ground
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule
from nesy.solvers.logic.reading import ground_text
from nesy.solvers.logic.text import write_logic
from nesy.solvers.probabilistic.counting.atoms import AtomNodes
from nesy.solvers.probabilistic.counting.dividing import divide
from nesy.solvers.probabilistic.counting.expressions import NEVER, Expressions, Node
from nesy.solvers.probabilistic.counting.refusals import (
    choice_refusals,
    degree_refusals,
    level_refusals,
)
from nesy.solvers.probabilistic.counting.worlds import (
    ByRules,
    ByValues,
    Condition,
    Definition,
    Implication,
    Soft,
    Variable,
    Worlds,
)


def read_worlds(checked: CheckedProgram, queries: Sequence[Query] | None = None) -> Worlds:
    """The worlds of ``checked``, as far as ``queries`` (None: its own) and what restricts them are concerned.

    Raises NesyError: what grounding finds (E510–E518), E600–E604 for what has no probabilistic meaning.
    """
    asked = queries
    if asked is None:
        asked = [statement for statement in checked.program.statements if isinstance(statement, Query)]
    divided = divide(checked, asked)
    raise_errors([*divided.logic.problems, *degree_refusals(checked, divided.rules)])
    program = ground_text(write_logic(checked, divided.logic, asked))
    raise_errors([*choice_refusals(program), *level_refusals(program)])
    formulas = _formulas(checked, sorted(divided.concepts)) if divided.concepts else None
    return _Reader(checked, program, formulas, divided.concepts).read()


def _formulas(checked: CheckedProgram, concepts: Sequence[str]) -> GroundModel:
    """The ground model of the uncertain rules that decide about ``concepts``."""
    queries = [Query(Call(name, tuple(Wildcard("_") for _ in checked.attributes[name].index))) for name in concepts]
    return ground(checked, queries)


@dataclass
class _Reader:
    checked: CheckedProgram
    program: LogicProgram
    formulas: GroundModel | None
    concepts: frozenset[str]
    expressions: Expressions = field(default_factory=lambda: Expressions([]))
    variables: list[Variable] = field(default_factory=list)
    places: dict[tuple[int, int], int] = field(default_factory=dict)

    def read(self) -> Worlds:
        model = self.program.model
        for attribute, info in enumerate(model.attributes):
            for index in range(len(info.index)):
                self.places[attribute, index] = len(self.variables)
                self.variables.append(Variable(info.label(index), attribute, index, info.kind == "percept"))
                self.expressions.cards.append(len(info.domain))
        fixed = self._fixed()
        rules = [rule for rule in self.program.rules if self._counts(rule, fixed)]
        atoms = AtomNodes.of(self.program, self.expressions, fixed, rules)
        known = {GroundAtom(a.name, a.arguments): atom for a, atom in zip(model.atoms, self.program.atoms, strict=True)}

        def own(atom: int) -> Node:
            return atoms.node(self.program.atoms[atom])

        definitions = [*self._by_rules(atoms, known), *self._by_values(atoms)]
        conditions = tuple(self._conditions(rules, atoms, fixed))
        softs = tuple(
            Soft(atoms.node(each.literal), float(each.weight), self._origin(each.origin))
            for each in self.program.penalties
        )
        asked = tuple(
            self.places[query.attribute, query.index]
            if query.formula is None
            else self._node(query.formula, own, lambda literal: self.places[literal.attribute, literal.index])
            for query in model.queries
        )
        nats = all(penalty.level == 0 for penalty in self.program.penalties)
        found = Worlds(
            model, tuple(self.variables), self.expressions, tuple(definitions), conditions, softs, asked, nats
        )
        warnings = (*model.warnings, *self._kept_warnings())
        return replace(found, model=replace(model, warnings=warnings), definitions=_ordered(found))

    # ----- atoms

    def _fixed(self) -> dict[int, Node]:
        """The atoms of values of attributes, as literals."""
        found: dict[int, Node] = {}
        for attribute, table in enumerate(self.program.values):
            for index, row in enumerate(table):
                for value, atom in enumerate(row):
                    if atom:
                        found[atom] = self.expressions.literal(self.places[attribute, index], [value])
        return found

    @staticmethod
    def _counts(rule: Rule | WeightRule, fixed: dict[int, Node]) -> bool:
        """Whether a rule is more than that attributes have values."""
        return not (rule.choice and all(atom in fixed for atom in rule.head))

    def _conditions(
        self, rules: Sequence[Rule | WeightRule], atoms: AtomNodes, fixed: dict[int, Node]
    ) -> Iterator[Condition]:
        """Constraints, and rules that give a percept a value."""
        percepts = {
            atom
            for attribute, table in zip(self.program.model.attributes, self.program.values, strict=True)
            if attribute.kind == "percept"
            for row in table
            for atom in row
        }
        for rule in rules:
            if all(atom in percepts for atom in rule.head):
                heads = [self.expressions.negation(fixed[atom]) for atom in rule.head]
                node = self.expressions.both([atoms.body(rule), *heads])
                if node != NEVER:
                    yield Condition(node, self._origin(rule.origin))

    def _origin(self, place: int) -> Origin | None:
        return self.program.origins[place] if place >= 0 else None

    # ----- concepts

    def _by_rules(self, atoms: AtomNodes, known: dict[GroundAtom, int]) -> Iterator[Definition]:
        """What uncertain rules say of concepts, and ``:-`` rules of the same concepts; concepts without any rule."""
        found: dict[int, list[Implication]] = defaultdict(list)
        model = self.formulas
        if model is not None:
            own = self.program.model.attribute_places

            def variable(literal: AttributeLiteral) -> int:
                info = model.attributes[literal.attribute]
                place = own[info.name]
                index = self.program.model.attributes[place].positions[info.index[literal.index]]
                return self.places[place, index]

            def node(atom: int) -> Node:
                number = known.get(model.atoms[atom])
                return NEVER if number is None else atoms.node(number)

            for rule in model.uncertain:
                premise = self._node(rule.premise, node, variable)
                implication = Implication(premise, rule.conclusion.values, rule.r == 0, rule.s == 0, rule.origin)
                found[variable(rule.conclusion)].append(implication)
            for clause in model.rules:
                if isinstance(clause.head, AttributeLiteral):
                    body = self._node(AllOf(clause.body), node, variable)
                    implication = Implication(body, clause.head.values, True, False, clause.origin)
                    found[variable(clause.head)].append(implication)
        valued = self._valued()
        for place, each in enumerate(self.variables):
            if not each.percept and each.attribute not in valued:
                yield ByRules(place, tuple(found[place]))

    def _by_values(self, atoms: AtomNodes) -> Iterator[Definition]:
        """What ``:-`` rules alone say of concepts."""
        for attribute in self._valued():
            for index, row in enumerate(self.program.values[attribute]):
                holds = (self.expressions.either(map(atoms.body, atoms.rules.get(atom, ()))) for atom in row)
                yield ByValues(self.places[attribute, index], tuple(holds))

    def _valued(self) -> set[int]:
        """The concepts that have ``:-`` rules and no uncertain rules."""
        heads = {atom for rule in self.program.rules if not rule.choice for atom in rule.head}
        return {
            place
            for place, (info, table) in enumerate(zip(self.program.model.attributes, self.program.values, strict=True))
            if info.kind == "concept"
            and info.name not in self.concepts
            and any(heads.intersection(row) for row in table)
        }

    def _node(
        self,
        formula: GroundFormula,
        atom: Callable[[int], Node],
        variable: Callable[[AttributeLiteral], int],
    ) -> Node:
        """A ground formula as a node; ``atom`` and ``variable`` say what its literals are about."""
        match formula:
            case AttributeLiteral(_, _, values):
                return self.expressions.literal(variable(formula), values)
            case AtomLiteral(place, negated):
                node = atom(place)
                return self.expressions.negation(node) if negated else node
            case AllOf(items):
                return self.expressions.both([self._node(item, atom, variable) for item in items])
            case AnyOf(items):
                return self.expressions.either([self._node(item, atom, variable) for item in items])

    def _kept_warnings(self) -> Iterator[Diagnostic]:
        """The warnings of the other grounding, but for what it alone leaves out."""
        known = set(self.program.model.warnings)
        if self.formulas is not None:
            yield from (each for each in self.formulas.warnings if each.code != "W515" and each not in known)


def _ordered(worlds: Worlds) -> tuple[Definition, ...]:
    """The definitions of ``worlds``, each after those that it draws on. E603 where there is a circle."""
    own = {definition.variable: definition for definition in worlds.definitions}
    edges = {variable: worlds.parents(definition) for variable, definition in own.items()}
    found: list[Definition] = []
    for members in components(edges):
        if len(members) > 1 or members[0] in edges[members[0]]:
            labels = [worlds.variables[variable].label for variable in members]
            shown = ", ".join(f"'{label}'" for label in labels[:4]) + (", …" if len(labels) > 4 else "")
            message = f"{shown} depend on one another: the rules give them no probability"
            span = worlds.model.attributes[worlds.variables[members[0]].attribute].span
            hint = "let each concept draw on earlier ones only; ':-' rules over relations may be recursive"
            raise NesyError(Diagnostic("E603", message, span, hint))
        found.append(own[members[0]])
    return tuple(found)
