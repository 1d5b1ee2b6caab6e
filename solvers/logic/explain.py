"""Explaining the answer of one instance: the model as a whole, then each query."""

from __future__ import annotations

from collections.abc import Iterator

from nesy.dsl.values import format_value
from nesy.solvers.answer import Status
from nesy.solvers.explanation import Explanation, Step
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula, GroundQuery
from nesy.solvers.logic.derivation import body_holds, derivations, holds, literals
from nesy.solvers.logic.explain_conflict import alternatives, conflict, repairs
from nesy.solvers.logic.lifting import World
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule
from nesy.solvers.logic.tasks import StableModel, Task

LONGEST = 20
"""How many steps an explanation has at most."""
NO_MODEL = "this mode gives no model to explain; the mode optimum does"
ATTEMPTS = 3
"""How many rules are named that could have derived what does not hold."""


def explain_without_model(program: LogicProgram, task: Task, status: Status, instance: int) -> Explanation:
    """Why there is no model; for other statuses, that none was found."""
    if status is not Status.INFEASIBLE:
        note = "no model was found in the time there was" if status in (Status.TIMEOUT, Status.UNKNOWN) else NO_MODEL
        return Explanation(instance, "", str(status), "cost", 0.0, (), (), notes=(note,))
    found = conflict(program, task.excluded)
    notes = () if found is not None else ("what contradicts was not found in the time there was",)
    return Explanation(instance, "", str(status), "cost", 0.0, (), (), notes=notes, conflict=found)


def explain_model(program: LogicProgram, task: Task, status: Status, model: StableModel, instance: int) -> Explanation:
    """What the model costs in readings, and which it has repaired."""
    cost = model.costs.get(0, 0) / task.resolution
    return Explanation(instance, "", str(status), "cost", cost, (), (), repairs=repairs(program, task, model))


def explain_query(
    program: LogicProgram, task: Task, model: StableModel, world: World, query: GroundQuery, instance: int
) -> Explanation:
    """What supports the answered value of a query, down to readings and facts; why it has no other value."""
    support = _Support(program, model.atoms)
    others: tuple[Step, ...] = ()
    if query.kind == "attribute":
        domain = program.model.attributes[query.attribute].domain
        value = format_value(domain.values[world.answer(query)])
        table = program.values[query.attribute]
        roots = [atom for atom in table[query.index] if atom in model.atoms] if table else []
        if table and program.model.attributes[query.attribute].kind == "concept" and not support.is_derived(roots[0]):
            others = alternatives(program, task, model, table[query.index])
        notes = () if table else ("it follows from the percepts alone; --with possibilistic explains how",)
    else:
        assert query.formula is not None
        value = "true" if world.holds(query.formula) else "false"
        roots, notes = list(_roots(program, query.formula)), ()
    steps = (*support.steps(roots), *others)
    return Explanation(instance, query.label, value, "model", 1.0, steps, (), notes=notes)


def _roots(program: LogicProgram, formula: GroundFormula) -> Iterator[int]:
    """The atoms that a formula speaks of."""
    match formula:
        case AllOf(items) | AnyOf(items):
            for item in items:
                yield from _roots(program, item)
        case AtomLiteral(place, _):
            yield program.atoms[place]
        case AttributeLiteral(attribute, index, _):
            if program.values[attribute]:
                yield from (atom for atom in program.values[attribute][index] if atom)


class _Support:
    """The chain of rules below some atoms in one model."""

    def __init__(self, program: LogicProgram, atoms: frozenset[int]) -> None:
        self._program = program
        self._atoms = atoms
        self._rules = derivations(program, atoms)
        self._percepts = {
            atom
            for attribute, table in zip(program.model.attributes, program.values, strict=True)
            if attribute.kind == "percept"
            for row in table
            for atom in row
        }
        self._values = {atom for table in program.values for row in table for atom in row}

    def is_derived(self, atom: int) -> bool:
        """Whether a rule of the file derives a true atom."""
        rule = self._rules.get(atom)
        return rule is not None and rule.origin >= 0

    def steps(self, roots: list[int]) -> Iterator[Step]:
        """One step for each atom that something rests on, nearest first."""
        waiting = [atom for atom in roots if atom in self._atoms or atom not in self._values]
        seen = set(waiting)
        count = 0
        while waiting and count < LONGEST:
            atom = waiting.pop(0)
            if atom not in self._program.names:
                following = self._below(atom)
            else:
                count += 1
                yield self._step(atom)
                following = self._below(atom)
            new = [below for below in following if below not in seen]
            seen.update(new)
            waiting += new

    def _below(self, atom: int) -> list[int]:
        """The true atoms that the derivation of a true atom uses."""
        rule = self._rules.get(atom)
        if rule is None or atom in self._percepts:
            return []
        return [abs(literal) for literal in literals(rule) if literal > 0 and literal in self._atoms]

    def _step(self, atom: int) -> Step:
        name = self._program.describe(atom)
        if atom not in self._atoms:
            return Step(f"not {name}", 1.0, self._why_not(atom))
        if atom in self._percepts:
            return Step(name, 1.0, "the model's value of a percept")
        rule = self._rules.get(atom)
        if rule is None or rule.origin < 0:
            return Step(name, 1.0, "chosen among its values" if atom in self._values else "it is given")
        origin = self._program.origins[rule.origin]
        because = ", ".join(self._program.describe(each) for each in literals(rule) if holds(each, self._atoms))
        words = "chosen" if rule.choice else "derived"
        return Step(name, 1.0, f"{words} from {because}" if because else words, origin.span, origin.statement)

    def _why_not(self, atom: int) -> str:
        """Which literal fails in each rule that could derive an atom."""
        rules = [rule for rule in self._program.rules if atom in rule.head]
        if not rules:
            return "no rule can derive it"
        found = [self._failure(rule) for rule in rules[:ATTEMPTS]]
        more = f"; and {len(rules) - ATTEMPTS} more rules" if len(rules) > ATTEMPTS else ""
        return "; ".join(found) + more

    def _failure(self, rule: Rule | WeightRule) -> str:
        where = f"line {self._program.origins[rule.origin].span.line} " if rule.origin >= 0 else "a rule "
        if body_holds(rule, self._atoms):
            return f"{where}allows it, but does not choose it"
        failing = next(literal for literal in literals(rule) if not holds(literal, self._atoms))
        return f"{where}would need {self._program.describe(failing)}"
