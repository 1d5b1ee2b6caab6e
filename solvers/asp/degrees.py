"""Possibility and necessity of queries, exact also under constraints, recursion and choices: one α-cut after the other.

Percepts become possibility distributions as in the possibilistic back end. That back end works with degrees of
formulas, rule by rule; here they are degrees of whole models, so that the two check each other, and where the equations
only bound a degree, this is the degree itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nesy.dsl.checked import CheckedProgram
from nesy.dsl.diagnostics import Diagnostic, raise_errors
from nesy.dsl.statements import ClingoStatement, Optimize, Query, SoftConstraint
from nesy.solvers.answer import Answer, Result, Status
from nesy.solvers.asp.cuts import Cuts, CutSolver
from nesy.solvers.backend import Options
from nesy.solvers.evidence import check_evidence
from nesy.solvers.ground_model import GroundModel
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.queried import Queried, with_query_atoms
from nesy.solvers.logic.reading import ground_logic
from nesy.solvers.possibilistic.assembly import families
from nesy.solvers.possibilistic.engine import single_best
from nesy.solvers.possibilistic.transform import possibility


@dataclass(frozen=True)
class DegreesEngine:
    """Answers batches by α-cuts. Instances share a solver, and so what it has learned."""

    queried: Queried
    options: Options
    solver: CutSolver
    write: Callable[[], str]
    compile_seconds: float

    @property
    def model(self) -> GroundModel:
        """Attributes, relations and queries of the ground program."""
        return self.queried.program.model

    def infer(self, evidence: Mapping[str, Tensor]) -> Answer:
        """Answer one batch of percept distributions, ``[batch, *index shape, value]`` by percept name.

        An instance is ``solved``, or ``infeasible`` where no model is possible at all. One that ran out of time, or was
        stopped, has bounds: possibilities from above, necessities from below.
        """
        started = time.perf_counter()
        before = self.solver.calls
        checked = check_evidence(self.model, evidence, device="cpu", dtype=torch.float64)
        batch = next((len(tensor) for tensor in checked.values()), 1)
        tables = {
            name: possibility(tensor.detach().movedim(-1, 0), self.options.transform, self.options.ties).movedim(0, -1)
            for name, tensor in checked.items()
        }
        degrees: list[dict[int, float]] = []
        status: list[Status] = []
        for instance in range(batch):
            if Status.UNKNOWN in status:
                status.append(Status.UNKNOWN)
                degrees.append(dict.fromkeys(self.queried.all_atoms, 1.0))
                continue
            found, state = self._instance({name: table[instance] for name, table in tables.items()})
            degrees.append(found)
            status.append(state)
        statistics = {
            "seconds": time.perf_counter() - started,
            "compile_seconds": self.compile_seconds,
            "solver": "clingo",
            "reason": "degrees are worked out by α-cuts",
            "cuts": self.solver.calls - before,
            "interrupted": Status.UNKNOWN in status,
        }
        return Answer("asp", self._results(degrees), status, statistics, self.model.warnings)

    def listing(self) -> str:
        """The program as clingo text."""
        return self.write()

    def _instance(self, tables: Mapping[str, Tensor]) -> tuple[dict[int, float], Status]:
        limit = self.options.time_limit
        until = None if limit is None else time.perf_counter() + limit
        cuts = Cuts(self.solver, list(_limits(self.queried.program, tables)), until)
        try:
            cuts.solve(self.queried.all_atoms)
        except TimeoutError:
            return cuts.upper, Status.TIMEOUT
        except KeyboardInterrupt:
            return cuts.upper, Status.UNKNOWN
        possible = not cuts.upper or any(degree > 0.0 for degree in cuts.upper.values())
        return cuts.upper, Status.SOLVED if possible else Status.INFEASIBLE

    def _results(self, degrees: Sequence[Mapping[int, float]]) -> dict[str, Result]:
        results = {}
        for family in families(self.model):
            rows = [[self.queried.atoms[place] for place in family.queries]] * len(degrees)
            table = torch.tensor(
                [
                    [[found.get(atom, 0.0) for atom in row] for row in own]
                    for own, found in zip(rows, degrees, strict=True)
                ],
                dtype=torch.float64,
            ).reshape(len(degrees), len(family.queries), len(family.domain))
            choice = single_best(table.movedim(0, -1)).movedim(-1, 0)
            shape = (len(degrees), *family.shape)
            results[family.name] = Result(
                family.name,
                family.labels,
                family.shape,
                family.domain,
                table.reshape(*shape, -1),
                1.0 - _others(table).reshape(*shape, -1),
                choice=choice.reshape(shape),
            )
        return results


def _others(table: Tensor) -> Tensor:
    """For each value the greatest degree of the others along the last axis; 0 where there are none."""
    size = table.shape[-1]
    if size == 1:
        return torch.zeros_like(table)
    best, place = table.max(-1, keepdim=True)
    second = table.topk(2, -1).values[..., 1:]
    return torch.where(torch.arange(size) == place, second, best)


def _limits(program: LogicProgram, tables: Mapping[str, Tensor]) -> Iterator[tuple[int, float]]:
    """The readings and the broken instances of uncertain rules that are less than fully possible."""
    for attribute, rows in zip(program.model.attributes, program.values, strict=True):
        table = tables.get(attribute.name)
        if table is None or attribute.kind != "percept":
            continue
        for row, degrees in zip(rows, table.reshape(len(rows), -1).tolist(), strict=True):
            yield from ((atom, degree) for atom, degree in zip(row, degrees, strict=True) if atom and degree < 1.0)
    for penalty in program.penalties:
        degree = program.degrees.get((penalty.origin, penalty.level))
        if degree is not None:
            yield penalty.literal, degree


def compile_degrees(
    checked: CheckedProgram, queries: Sequence[Query] | None, options: Options, write: Callable[[], str]
) -> DegreesEngine:
    """Ground the whole of ``checked`` and copy it into clingo.

    Raises NesyError: what grounding finds, and under ``strict`` E515 for soft constraints and optimisation.
    """
    started = time.perf_counter()
    left_out = list(_left_out(checked, strict=options.strict))
    raise_errors(left_out)
    program = ground_logic(checked, queries, whole=True, budget=options.budget)
    program = replace(program, model=replace(program.model, warnings=(*program.model.warnings, *left_out)))
    queried = with_query_atoms(program)
    assert queried is not None
    solver = CutSolver(queried.program, seed=options.seed)
    return DegreesEngine(queried, options, solver, write, time.perf_counter() - started)


def _left_out(checked: CheckedProgram, *, strict: bool) -> Iterator[Diagnostic]:
    """What decides which models are best, but not which are possible."""
    for statement in checked.program.statements:
        goal = isinstance(statement, ClingoStatement) and statement.kind in ("soft", "goal")
        if goal or isinstance(statement, SoftConstraint | Optimize):
            what = "optimisation" if isinstance(statement, Optimize) else "soft constraint"
            message = f"this {what} is no part of the degrees" + ("" if strict else " and is left out")
            hint = "the mode 'optimum' honours it"
            yield Diagnostic("E515" if strict else "W515", message, statement.span, hint)
