"""Why there is no model, and why a percept could not keep its reading: small sets of conditions that contradict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from nesy.solvers.answer import Status
from nesy.solvers.asp.clasp import Clasp
from nesy.solvers.asp.cores import Unit, find_core
from nesy.solvers.explanation import Conflict, Repair, Step
from nesy.solvers.logic.derivation import holds, literals
from nesy.solvers.logic.program import LogicProgram, Rule, WeightRule
from nesy.solvers.logic.tasks import StableModel, Task
from nesy.solvers.logic.wording import Wording

INSTANCES = 3
"""How many ground instances of a statement a conflict names."""
ALTERNATIVES = 5
"""How many other values of a concept are explained."""
SECONDS = 5.0
"""How long one question may take."""


def conflict(program: LogicProgram, excluded: Sequence[int]) -> Conflict | None:
    """Source lines and readings (values of probability 0, the ``excluded`` atoms) that cannot hold together.

    None if none were found in time. What defines relations and concepts is taken as given.
    """
    lines: dict[int, list[int]] = defaultdict(list)
    for place, rule in enumerate(program.rules):
        if not rule.head and rule.origin >= 0:
            lines[rule.origin].append(place)
    shut = set(excluded)
    rows = [row for _, row in percept_rows(program) if any(atom in shut for atom in row)]
    by_row = [Unit(excluded=tuple(atom for atom in row if atom in shut)) for row in rows]
    units = [*(Unit(tuple(places)) for places in lines.values()), *by_row]
    core = find_core(program, units, seconds=SECONDS)
    if core is None:
        return None
    origins = list(lines)
    chosen = [origins[unit] for unit in core.units if unit < len(origins)]
    readings = [unit - len(origins) for unit in core.units if unit >= len(origins)]
    shown = _instances(program, {origin: lines[origin] for origin in chosen}, [by_row[row] for row in readings])
    steps = tuple(
        Step(program.origins[origin].statement, 0.0, _such_as(shown.get(origin, ())), program.origins[origin].span)
        for origin in sorted(chosen, key=lambda origin: program.origins[origin].span)
    )
    return Conflict(steps, tuple(_reading(program, rows[row], shut) for row in readings), core.minimal)


def _instances(
    program: LogicProgram, lines: dict[int, list[int]], readings: Sequence[Unit]
) -> dict[int, tuple[str, ...]]:
    """The ground constraints of each line that a contradiction needs; nothing where they are not found in time."""
    smaller = _only(program, [place for found in lines.values() for place in found])
    excluded = [atom for reading in readings for atom in reading.excluded]
    places = _open_constraints(smaller, set(), set(excluded))
    core = find_core(smaller, [Unit((place,)) for place in places], excluded, seconds=SECONDS)
    found: dict[int, list[str]] = defaultdict(list)
    wording = Wording(program)
    for unit in core.units if core is not None and core.minimal else ():
        rule = smaller.rules[places[unit]]
        found[rule.origin].append(wording.all(literals(rule)))
    return {origin: tuple(texts) for origin, texts in found.items()}


def _such_as(instances: Sequence[str]) -> str:
    shown = "; ".join(instances[:INSTANCES])
    return shown + (f"; and {len(instances) - INSTANCES} more" if len(instances) > INSTANCES else "")


def _reading(program: LogicProgram, row: Sequence[int], shut: set[int]) -> str:
    left = [program.describe(atom) for atom in row if atom and atom not in shut]
    if len(left) == 1:
        return left[0]
    gone = [program.describe(atom) for atom in row if atom in shut]
    return "not " + ", not ".join(gone)


def percept_rows(program: LogicProgram) -> list[tuple[str, tuple[int, ...]]]:
    """The label and the value atoms of every percept index."""
    return [
        (attribute.label(index), row)
        for attribute, table in zip(program.model.attributes, program.values, strict=True)
        if attribute.kind == "percept"
        for index, row in enumerate(table)
    ]


# ----- repairs


def repairs(program: LogicProgram, task: Task, model: StableModel) -> tuple[Repair, ...]:
    """The percepts that ``model`` reads otherwise than the network, and why."""
    costs = dict(task.readings)
    shut = set(task.excluded)
    rows = percept_rows(program)
    found = []
    for number, (label, row) in enumerate(rows):
        (value,) = (atom for atom in row if atom in model.atoms)
        if costs.get(value, 0) == 0:
            continue
        read = next(atom for atom in row if atom and atom not in shut and costs.get(atom, 0) == 0)
        others = [entry for place, (_, entry) in enumerate(rows) if place != number]
        forbidding, given, breaking = _why_not(program, task, model, (row, read), others)
        cost = costs[value] / task.resolution
        found.append(Repair(label, program.describe(read), program.describe(value), cost, forbidding, given, breaking))
    return tuple(found)


def _why_not(
    program: LogicProgram,
    task: Task,
    model: StableModel,
    reading: tuple[Sequence[int], int],
    others: Sequence[Sequence[int]],
) -> tuple[tuple[Step, ...], tuple[str, ...], tuple[Step, ...]]:
    """The constraints and the other percepts' values that forbid a reading, or the soft constraints against it."""
    row, read = reading
    wanted = [atom for atom in row if atom and atom != read]
    fixed = [tuple(atom for atom in other if atom and atom not in model.atoms) for other in others]
    excluded = [*wanted, *(atom for atoms in fixed for atom in atoms)]
    true = {read, *(atom for other in others for atom in other if atom in model.atoms)}
    hard = _open_constraints(program, true, set(excluded))
    core = find_core(program, [Unit((place,)) for place in hard], excluded, seconds=SECONDS)
    if core is None:
        return (), (), _soft(program, task, model, excluded)
    places = [hard[unit] for unit in core.units]
    needed = find_core(_only(program, places), [Unit(excluded=atoms) for atoms in fixed], wanted, seconds=SECONDS)
    units = needed.units if needed is not None else ()
    given = [next(atom for atom in others[unit] if atom in model.atoms) for unit in units]
    wording = Wording(program)
    steps = tuple(_step(program, program.rules[place], wording) for place in places)
    return steps, tuple(map(program.describe, given)), ()


def _open_constraints(program: LogicProgram, true: set[int], false: set[int]) -> list[int]:
    """The constraints of the file that are not satisfied already where some atoms are true and some false."""
    return [
        place
        for place, rule in enumerate(program.rules)
        if not rule.head
        and rule.origin >= 0
        and not (isinstance(rule, Rule) and any(each in false or -each in true for each in rule.body))
    ]


def _only(program: LogicProgram, places: Sequence[int]) -> LogicProgram:
    """``program`` without the constraints of the file that are not among ``places``."""
    kept = set(places)
    rules = [rule for place, rule in enumerate(program.rules) if rule.head or rule.origin < 0 or place in kept]
    return replace(program, rules=tuple(rules))


def alternatives(program: LogicProgram, task: Task, model: StableModel, row: Sequence[int]) -> tuple[Step, ...]:
    """Why a concept that no rule derives has none of its other values, the percepts being what they are."""
    others = [entry for _, entry in percept_rows(program)]
    found = []
    for atom in [atom for atom in row if atom and atom not in model.atoms][:ALTERNATIVES]:
        forbidding, given, breaking = _why_not(program, task, model, (row, atom), others)
        name = f"other value {program.describe(atom)}"
        for step in (*forbidding, *breaking):
            because = f"would break, with {step.because}" if breaking else f"forbidden with {step.because}"
            found.append(Step(name, 1.0, because, step.span, step.statement))
        if not forbidding and not breaking:
            because = "impossible given " + ", ".join(given) if given else "possible as well"
            found.append(Step(name, 1.0, because))
    return tuple(found)


def _step(program: LogicProgram, rule: Rule | WeightRule, wording: Wording) -> Step:
    origin = program.origins[rule.origin]
    return Step(origin.statement, 0.0, wording.all(literals(rule)), origin.span)


def _soft(program: LogicProgram, task: Task, model: StableModel, excluded: Sequence[int]) -> tuple[Step, ...]:
    """The soft constraints that the best model with other values breaks, and ``model`` does not."""
    outcome = Clasp(program).solve(Task(task.readings, excluded, task.resolution, time_limit=SECONDS))
    if outcome.status not in (Status.OPTIMAL, Status.FEASIBLE):
        return ()
    other = outcome.models[-1].atoms
    found: dict[object, Step] = {}
    for penalty in program.penalties:
        new = holds(penalty.literal, other) and not holds(penalty.literal, model.atoms)
        if new and penalty.weight > 0 and penalty.origin >= 0:
            origin = program.origins[penalty.origin]
            words = f"weight {penalty.weight} at level {penalty.level}"
            found.setdefault((origin.span, words), Step(origin.statement, 0.0, words, origin.span))
    return tuple(found.values())
