"""Explaining the answer of one instance: the model as a whole, then each query."""

from __future__ import annotations

from collections.abc import Iterator

from nesy.dsl.span import Span
from nesy.dsl.values import format_value
from nesy.solvers.answer import Status
from nesy.solvers.explanation import Explanation, Step
from nesy.solvers.ground_model import AllOf, AnyOf, AtomLiteral, AttributeLiteral, GroundFormula, GroundQuery
from nesy.solvers.logic.derivation import body_holds, holds, literals
from nesy.solvers.logic.explain_conflict import alternatives, conflict, repairs
from nesy.solvers.logic.lifting import World
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule
from nesy.solvers.logic.reasons import Failure, Reason, Reasons
from nesy.solvers.logic.tasks import StableModel, Task
from nesy.solvers.logic.wording import Wording

LONGEST = 20
"""How many steps an explanation has at most."""
NO_MODEL = "this mode gives no model to explain; the mode optimum does"
ATTEMPTS = 3
"""How many rules are named that could have derived what does not hold."""
CHOSEN = "chosen among its values"
UNDERIVABLE = "no rule can derive it"


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
    support: Support, task: Task, model: StableModel, world: World, query: GroundQuery, instance: int
) -> Explanation:
    """What supports the answered value of a query, down to readings and facts; why it has no other value."""
    program = support.program
    if query.kind == "attribute":
        domain = program.model.attributes[query.attribute].domain
        value = format_value(domain.values[world.answer(query)])
        table = program.values[query.attribute]
        roots = [program.describe(atom) for atom in table[query.index] if atom in model.atoms] if table else []
        notes = () if table else ("it follows from the percepts alone; --with possibilistic explains how",)
    else:
        assert query.formula is not None
        value = "true" if world.holds(query.formula) else "false"
        roots, notes = list(dict.fromkeys(_roots(program, query.formula))), ()
        if not roots and any(name == query.family for name, _ in program.model.program.relations):
            roots = [query.label] if support.is_derived(query.label) == (value == "true") else []  # a certain relation
    steps = tuple(support.steps(roots))
    if query.kind == "attribute" and steps and steps[0].because == CHOSEN:
        steps += alternatives(program, task, model, program.values[query.attribute][query.index])
    return Explanation(instance, query.label, value, "model", 1.0, steps, (), notes=notes)


def _roots(program: LogicProgram, formula: GroundFormula) -> Iterator[str]:
    """The labels of the atoms that a formula speaks of."""
    match formula:
        case AllOf(items) | AnyOf(items):
            for item in items:
                yield from _roots(program, item)
        case AtomLiteral(place, _):
            yield program.describe(program.atoms[place])
        case AttributeLiteral(attribute, index, _):
            if program.values[attribute]:
                yield from (program.describe(atom) for atom in program.values[attribute][index] if atom)


class Support:
    """The chain of rules below some atoms in one model, each atom by its label."""

    def __init__(self, program: LogicProgram, atoms: frozenset[int]) -> None:
        self.program = program
        self._atoms = atoms
        self._wording = Wording(program)
        self._reasons = Reasons(program, atoms)
        self._numbers = {name: atom for atom, name in program.names.items()}
        self._percepts = {
            program.describe(atom)
            for attribute, table in zip(program.model.attributes, program.values, strict=True)
            if attribute.kind == "percept"
            for row in table
            for atom in row
        }
        self._values = {program.describe(atom) for table in program.values for row in table for atom in row}

    def is_derived(self, label: str) -> bool:
        """Whether a rule of the file derives what holds."""
        return label in self._reasons.of

    def steps(self, roots: list[str]) -> Iterator[Step]:
        """One step for each atom that something rests on, nearest first."""
        waiting = [label for label in roots if self._holds(label) or label not in self._values]
        seen = set(waiting)
        count = 0
        while waiting and count < LONGEST:
            label = waiting.pop(0)
            count += 1
            yield self._step(label)
            reason = self._reasons.of.get(label)
            below = reason.positive if reason is not None and label not in self._percepts else ()
            new = [other for other in below if other not in seen]
            seen.update(new)
            waiting += new

    def _holds(self, label: str) -> bool:
        number = self._numbers.get(label)
        return label in self._reasons.of if number is None else number in self._atoms

    def _step(self, label: str) -> Step:
        if not self._holds(label):
            return Step(f"not {label}", 1.0, self._why_not(label))
        if label in self._percepts:
            return Step(label, 1.0, "the model's value of a percept")
        reason = self._reasons.of.get(label)
        if reason is not None:
            because = _words(reason) or f"derived from {self._ground_body(label)}"
            return Step(label, 1.0, because, reason.part.span, reason.part.source)
        if label not in self._values:
            return Step(label, 1.0, "it is given")
        positive = label.removeprefix("not ")
        if positive != label and (because := self._why_not(positive)) != UNDERIVABLE:
            return Step(label, 1.0, f"no rule says otherwise: {because}")
        return Step(label, 1.0, CHOSEN)

    def _ground_body(self, label: str) -> str:
        """What a rule rests on in whose body no atom stands by itself: aggregates, conditions."""
        atom = self._numbers.get(label, 0)
        bodies = (rule for rule in self.program.rules if atom in rule.head and body_holds(rule, self._atoms))
        words = (self._wording.all(literals(rule)) for rule in bodies)
        return next(filter(None, words), "what is certain")

    def _why_not(self, label: str) -> str:
        """Which literal fails in each rule that could derive an atom."""
        atom = self._numbers.get(label, 0)
        found = [self._failure(rule) for rule in self.program.rules if atom in rule.head]
        if not found:
            found = [self._unmet(failure) for failure in self._reasons.failures(label)]
        more = f"; and {len(found) - ATTEMPTS} more rules" if len(found) > ATTEMPTS else ""
        return "; ".join(dict.fromkeys(found[:ATTEMPTS])) + more if found else UNDERIVABLE

    def _failure(self, rule: Rule | WeightRule) -> str:
        where = self._place(self.program.origins[rule.origin].span) if rule.origin >= 0 else "a rule"
        if body_holds(rule, self._atoms):
            return f"{where} allows it, but does not choose it"
        failing = next(literal for literal in literals(rule) if not holds(literal, self._atoms))
        return f"{where} would need {self._wording.one(failing)}"

    def _unmet(self, failure: Failure) -> str:
        where = self._place(failure.part.span)
        if failure.literal:
            return f"{where} would need {failure.literal}, for which there is nothing"
        return f"{where} has conditions that do not hold"

    def _place(self, span: Span) -> str:
        """``line 6``; with the file where that is not the main one."""
        sources = self.program.model.program.program.sources
        in_main = not sources or span.file == sources[0][0]
        return f"line {span.line}" if in_main else f"{span.file}, line {span.line},"


def _words(reason: Reason) -> str:
    """What an atom was derived or chosen from; empty where no atoms stand in the body of the rule that derives it."""
    because = ", ".join([*reason.positive, *(f"not {label}" for label in reason.negative)])
    words = "chosen" if reason.chosen else "derived"
    if because:
        return f"{words} from {because}"
    if reason.chosen:
        return words
    return "" if ":-" in reason.part.source else "a fact"
