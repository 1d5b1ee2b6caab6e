"""From a checked program to the ground logic program, by way of gringo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nesy.dsl.checked import CheckedProgram, TypedRule
from nesy.dsl.diagnostics import Diagnostic, raise_errors
from nesy.dsl.statements import Query
from nesy.dsl.values import Value, format_value
from nesy.solvers.ground_model import Attribute, GroundAtom, GroundModel, GroundQuery, Origin
from nesy.solvers.grounding.findings import once_each
from nesy.solvers.grounding.gringo import RULE_BUDGET, Grounding, rule_budget, run
from nesy.solvers.grounding.indices import ground_attributes
from nesy.solvers.grounding.instantiate import Instantiator
from nesy.solvers.grounding.query_rules import QueryReader
from nesy.solvers.grounding.symbols import SymbolReader, order_key
from nesy.solvers.logic.marks import MARK
from nesy.solvers.logic.observer import ProgramObserver
from nesy.solvers.logic.origins import with_origins_of_choices
from nesy.solvers.logic.program import LogicProgram, Penalty, Rule, WeightRule
from nesy.solvers.logic.selection import select_logic
from nesy.solvers.logic.text import LogicText, write_logic


def ground_logic(
    checked: CheckedProgram,
    queries: Sequence[Query] | None = None,
    *,
    whole: bool = False,
    budget: int | None = None,
) -> LogicProgram:
    """Ground ``checked`` as a logic program; ``queries`` None stands for the program's own.

    ``budget`` bounds what is tried for one statement, and the ground rules (None: 10 and 3 million; 0: nothing).

    Raises NesyError: E513 for what another back end takes, E512 for a grounding that is too large, E516 for what
    gringo refuses, E517 for numbers beyond its integers.
    """
    return ground_text(logic_text(checked, queries, whole=whole), budget=budget)


def ground_text(text: LogicText, *, budget: int | None = None) -> LogicProgram:
    """Ground a text; errors and ``budget`` as for :func:`ground_logic`."""
    # imported here: estimates read programs by means of this package
    from nesy.solvers.planning.guard import explosions

    checked = text.checked
    statements = [statement for statement, _ in text.chosen.statements]
    exploding = explosions(checked, [*text.chosen.attributes, *statements], budget)
    raise_errors(exploding)
    program = read(text, budget=rule_budget(budget))
    if not exploding:
        return program
    warnings = (*exploding, *program.model.warnings)
    return replace(program, model=replace(program.model, warnings=warnings))


def logic_text(checked: CheckedProgram, queries: Sequence[Query] | None = None, *, whole: bool = False) -> LogicText:
    """The clingo text of ``checked``; concepts that follow from the percepts only as part of the ``whole``."""
    if queries is None:
        queries = [statement for statement in checked.program.statements if isinstance(statement, Query)]
    return write_logic(checked, select_logic(checked, queries, whole=whole), queries)


def read(text: LogicText, *, budget: int = RULE_BUDGET) -> LogicProgram:
    """Ground ``text`` and read the result."""
    observer = ProgramObserver(budget)
    grounding = run(text.lines(), observer=observer, budget=budget)
    attributes = ground_attributes(text.vocabulary, list(text.chosen.attributes), grounding)
    relations = _relations(text, grounding)
    model = _model(text, grounding, attributes, tuple(relations))
    names = {atom: str(entry) for entry, atom in relations.items()}
    values = _values(attributes, text.chosen.determined, grounding, names)
    marks, origins = _marks(text, grounding)
    rules, penalties = _Rules(observer, marks).read()
    texts: dict[int, str] = {}
    reader = SymbolReader()
    for atom, symbol in grounding.symbols():
        if not symbol.name.startswith("_"):
            texts[atom] = str(symbol)
            if atom not in names:
                names[atom] = reader.label(symbol)
    rules = with_origins_of_choices(rules, names)
    return LogicProgram(
        model,
        _size(rules, penalties, values, relations),
        rules,
        penalties,
        values,
        tuple(relations.values()),
        names,
        origins,
        tuple(part.query for part in text.queries),
        tuple(sorted(text.chosen.determined)),
        goals=_goals(text),
        degrees=_degrees(text),
        texts=texts,
    )


def _relations(text: LogicText, grounding: Grounding) -> dict[GroundAtom, int]:
    """The atoms of the relations whose truth is open, by name and arguments."""
    found: dict[GroundAtom, int] = {}
    for (name, arity), relation in text.checked.relations.items():
        if name in text.chosen.relations and relation.status != "crisp":
            atoms = grounding.literals(name, arity)
            for literal, row in sorted(atoms.items(), key=lambda entry: order_key(entry[1])):
                found[GroundAtom(name, row)] = literal
    return found


def _model(
    text: LogicText, grounding: Grounding, attributes: tuple[Attribute, ...], atoms: tuple[GroundAtom, ...]
) -> GroundModel:
    instantiator = Instantiator(grounding, attributes, {atom: place for place, atom in enumerate(atoms)})
    reader = QueryReader(instantiator)
    queries: dict[tuple[str, str], GroundQuery] = {}
    for part in text.queries:
        for query in reader.read(part):
            queries.setdefault((query.kind, query.label), query)
    problems = once_each([*grounding.warnings, *reader.problems])
    raise_errors(problems)
    warnings = tuple(sorted(problems, key=Diagnostic.sort_key))
    asked = tuple(queries.values())
    return GroundModel(text.checked, attributes, {}, atoms, (), (), asked, warnings, text.chosen.readings)


def _values(
    attributes: tuple[Attribute, ...], determined: frozenset[str], grounding: Grounding, names: dict[int, str]
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    found: list[tuple[tuple[int, ...], ...]] = []
    for attribute in attributes:
        if attribute.name in determined:
            found.append(())
            continue
        predicate = attribute.name.replace("@", "'")
        arity = len(attribute.index[0]) + 1 if attribute.index else 1
        table = [[0] * len(attribute.domain) for _ in attribute.index]
        for literal, arguments in grounding.literals(predicate, arity).items():
            index, place = attribute.positions.get(arguments[:-1]), attribute.domain.position(arguments[-1])
            if index is not None and place is not None:
                table[index][place] = literal
                names[literal] = assignment(attribute, index, arguments[-1])
        found.append(tuple(map(tuple, table)))
    return tuple(found)


def assignment(attribute: Attribute, index: int, value: Value) -> str:
    """“The attribute takes this value at this index” as messages say it: ``cell(1,2) = 3``, ``not lamp``."""
    if attribute.domain.is_bool:
        return attribute.label(index) if value else f"not {attribute.label(index)}"
    return f"{attribute.label(index)} = {format_value(value)}"


def _marks(text: LogicText, grounding: Grounding) -> tuple[dict[int, int], tuple[Origin, ...]]:
    """The origin of each mark's atom, and the origins."""
    parts = {part.mark: part for part in text.parts if part.mark >= 0}
    places = {mark: place for place, mark in enumerate(parts)}
    origins = tuple(Origin(part.span, part.source) for part in parts.values())
    marks = {literal: places[mark] for literal, (mark,) in grounding.literals(MARK, 1).items() if isinstance(mark, int)}
    return marks, origins


def _goals(text: LogicText) -> frozenset[int]:
    """The origins of what is minimised or maximised."""
    marked = [part for part in text.parts if part.mark >= 0]
    return frozenset(place for place, part in enumerate(marked) if part.is_goal)


def _degrees(text: LogicText) -> dict[tuple[int, int], float]:
    """The degree of each origin that is an uncertain rule, at each level of such rules."""
    marked = [part.mark for part in text.parts if part.mark >= 0]
    uncertain = [place for place, mark in enumerate(marked) if isinstance(text.chosen.statements[mark][0], TypedRule)]
    return {(place, level): degree for place in uncertain for level, degree in text.degrees.items()}


@dataclass
class _Rules:
    """Turns what the observer has seen into rules with origins; the marks disappear."""

    observer: ProgramObserver
    marks: Mapping[int, int]

    def read(self) -> tuple[tuple[Rule | WeightRule, ...], tuple[Penalty, ...]]:
        rules: list[Rule | WeightRule] = []
        unmarked = self.marks.keys().isdisjoint
        for choice, head, body in self.observer.rules:
            literals, origin = (body, -1) if unmarked(body) else self._stripped(body)
            rules.append(Rule(head if len(head) < 2 else tuple(dict.fromkeys(head)), literals, choice, origin))
        for choice, head, lower, weighted in self.observer.weight_rules:
            rules.append(WeightRule(tuple(dict.fromkeys(head)), lower, weighted, choice))
        return self._plain_penalties(tuple(rules))

    def _stripped(self, body: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        marks = [literal for literal in body if literal in self.marks]
        return tuple([literal for literal in body if literal not in self.marks]), self.marks[marks[0]]

    def _plain_penalties(
        self, rules: tuple[Rule | WeightRule, ...]
    ) -> tuple[tuple[Rule | WeightRule, ...], tuple[Penalty, ...]]:
        """The penalties, on the literal itself where gringo has put an atom between it and the mark."""
        paid = [(level, literal, weight) for level, entries in self.observer.minimized for literal, weight in entries]
        wanted = {literal for _, literal, _ in paid}
        definitions: dict[int, list[Rule]] = defaultdict(list)
        first: dict[int, Rule] = {}
        used: set[int] = set()
        for rule in rules:
            if isinstance(rule, Rule):
                used.update(map(abs, rule.body))
                first.setdefault(rule.head[0] if rule.head else 0, rule)
                if len(rule.head) == 1 and rule.head[0] in wanted:
                    definitions[rule.head[0]].append(rule)
            else:
                used.update(abs(literal) for literal, _ in rule.body)
        penalties, dropped = [], set()
        for level, literal, weight in paid:
            found = definitions.get(literal, [])
            origin = _origin(literal, first)
            if (
                len(found) == 1
                and len(found[0].body) == 1
                and not found[0].choice
                and found[0].origin >= 0
                and literal not in used
            ):
                dropped.add(literal)
                literal = found[0].body[0]
            penalties.append(Penalty(literal, weight, level, origin))
        kept = tuple(rule for rule in rules if not (len(rule.head) == 1 and rule.head[0] in dropped))
        return kept, tuple(penalties)


def _origin(literal: int, first: Mapping[int, Rule]) -> int:
    """The origin of the rule that defines ``literal``.

    Where several clauses of a statement are one instance, gringo puts an atom above theirs, defined without a mark.
    """
    rule = first.get(literal)
    if rule is not None and rule.origin < 0 and len(rule.body) == 1:
        rule = first.get(rule.body[0])
    return -1 if rule is None else rule.origin


def _size(
    rules: Iterable[Rule | WeightRule],
    penalties: Iterable[Penalty],
    values: Iterable[Iterable[Iterable[int]]],
    relations: Mapping[GroundAtom, int],
) -> int:
    largest = max((atom for table in values for row in table for atom in row), default=0)
    largest = max([largest, *relations.values(), *(abs(penalty.literal) for penalty in penalties)])
    for rule in rules:
        body = rule.body if isinstance(rule, Rule) else [literal for literal, _ in rule.body]
        largest = max([largest, *rule.head, *map(abs, body)])
    return largest
