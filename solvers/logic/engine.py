"""The compiled program of the logical back ends: one task for each instance, every model checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from torch import Tensor

from nesy.solvers.answer import Answer, Result, Status
from nesy.solvers.backend import Options
from nesy.solvers.certificate import Certificate
from nesy.solvers.evidence import check_evidence
from nesy.solvers.explanation import Explanation
from nesy.solvers.ground_model import Attribute, GroundModel, GroundQuery
from nesy.solvers.logic.checker import Checker
from nesy.solvers.logic.costs import readings, rounding_bound
from nesy.solvers.logic.determined import Determined, compile_determined
from nesy.solvers.logic.lifting import World, certificate, world
from nesy.solvers.logic.program import LogicProgram
from nesy.solvers.logic.queried import with_query_atoms
from nesy.solvers.logic.reading import ground_logic
from nesy.solvers.logic.tasks import Closing, Mode, Outcome, Solver, Task, cheapest
from nesy.solvers.possibilistic.assembly import families

MakeSolver = Callable[[LogicProgram], Solver]
CONSEQUENCES = (Mode.BRAVE, Mode.CAUTIOUS)
"""The modes that give no models."""
INTERRUPTED = Outcome(Status.UNKNOWN, interrupted=True)


@dataclass(frozen=True)
class Solved:
    """One instance: its task, what the solver said, and its models in words; the first one's certificate."""

    task: Task
    outcome: Outcome
    worlds: tuple[World, ...]
    certificate: Certificate | None
    program: LogicProgram


@dataclass(frozen=True)
class Prepared:
    """A program, its solver, and the checker of its models.

    ``atoms`` are those of the queries' values where models are told apart by these.
    """

    program: LogicProgram
    solver: Solver
    checker: Checker
    atoms: tuple[tuple[int, ...], ...] = ()

    @staticmethod
    def of(program: LogicProgram, options: Options, make_solver: MakeSolver) -> Prepared:
        """``program`` as the mode needs it, lowered for its solver."""
        single = options.models == 1 and options.mode not in CONSEQUENCES
        queried = None if single else with_query_atoms(program)
        if queried is None:
            return Prepared(program, make_solver(program), Checker(program))
        return Prepared(queried.program, make_solver(queried.program), Checker(queried.program), queried.atoms)


@dataclass(frozen=True)
class LogicEngine:
    """Answers batches by a solver of logic programs. ``make_solver`` lowers a program for it, once."""

    backend: str
    prepared: Prepared
    options: Options
    make_solver: MakeSolver
    determined: Determined | None
    compile_seconds: float
    reason: str
    write: Callable[[], str]

    @property
    def program(self) -> LogicProgram:
        """The program that is searched."""
        return self.prepared.program

    @property
    def model(self) -> GroundModel:
        """Attributes, relations and queries of the ground program."""
        return self.program.model

    def infer(self, evidence: Mapping[str, Tensor]) -> Answer:
        """Answer one batch of percept distributions, ``[batch, *index shape, value]`` by percept name."""
        started = time.perf_counter()
        checked = check_evidence(self.model, evidence, device="cpu", dtype=torch.float64)
        solved = self._solve(checked)
        statistics = {
            "seconds": time.perf_counter() - started,
            "compile_seconds": self.compile_seconds,
            "solver": self.prepared.solver.name,
            "reason": self.reason,
            "solver_seconds": [entry.outcome.seconds for entry in solved],
            "solvers": [entry.outcome.solver or self.prepared.solver.name for entry in solved],
            "remarks": [entry.outcome.remark for entry in solved],
            "rounding": rounding_bound(self.program, self.options.resolution),
            "atoms": self.program.size,
            "rules": len(self.program.rules),
            "interrupted": any(entry.outcome.interrupted for entry in solved),
        }
        worlds = [entry.worlds[0] if entry.worlds else None for entry in solved]
        return Answer(
            self.backend,
            self._consequences(solved) if self.options.mode in CONSEQUENCES else self._results(worlds),
            [self._status(entry.outcome) for entry in solved],
            statistics,
            self.model.warnings,
            partial(self._explain, solved),
            certificates=[entry.certificate for entry in solved],
            models=[self._models(entry) for entry in solved],
        )

    def listing(self) -> str:
        """What the program was compiled to, in the language of the back end."""
        return self.write()

    def close(self) -> None:
        """End what the solver holds, the processes of a race; a later batch would start them again."""
        prepared = [self.prepared, *([self._whole] if "_whole" in self.__dict__ else [])]
        for solver in (entry.solver for entry in prepared):
            if isinstance(solver, Closing):
                solver.close()

    # ----- solving

    def _solve(self, evidence: Mapping[str, Tensor]) -> list[Solved]:
        found = self._search(self.prepared, evidence, range(_batch(evidence)))
        if self.determined is None:
            return found
        worlds = [world for entry in found for world in entry.worlds]
        completed = iter(self.determined.complete(self.program, worlds) if worlds else ())
        finished: list[Solved] = []
        missing: list[int] = []
        for instance, entry in enumerate(found):
            own = tuple(world for world in (next(completed) for _ in entry.worlds) if world is not None)
            if len(own) < len(entry.worlds):
                missing.append(instance)
            finished.append(replace(entry, worlds=own))
        if missing:
            for instance, entry in zip(missing, self._search(self._whole, evidence, missing), strict=True):
                finished[instance] = entry
        return finished

    @cached_property
    def _whole(self) -> Prepared:
        """The program with the concepts that had been set apart, for instances where they do not simply follow."""
        program = ground_logic(self.model.program, self.program.asked, whole=True, budget=self.options.budget)
        return Prepared.of(program, self.options, self.make_solver)

    def _search(self, prepared: Prepared, evidence: Mapping[str, Tensor], instances: Sequence[int]) -> list[Solved]:
        """Each instance in turn; once somebody has interrupted one, the others are left unknown."""
        program = prepared.program
        costs = readings(program, evidence, self.options.resolution)
        projected = tuple(dict.fromkeys(atom for row in prepared.atoms for atom in row if atom))
        found: list[Solved] = []
        for instance in instances:
            paid, excluded = costs.of(instance)
            task = Task(
                paid,
                excluded,
                self.options.resolution,
                Mode(self.options.mode),
                self.options.models,
                self.options.time_limit,
                projected,
            )
            stopped = bool(found) and found[-1].outcome.interrupted
            outcome = INTERRUPTED if stopped else cheapest(prepared.solver, task)
            proof = certificate(prepared.checker, task, outcome, self.options.resolution) if outcome.models else None
            worlds = tuple(world(program, model) for model in outcome.models)
            found.append(Solved(task, outcome, worlds, proof, program))
        return found

    # ----- answers

    def _explain(self, solved: Sequence[Solved], instance: int, query: str | None) -> tuple[Explanation, ...]:
        """The model of one instance, then each query about more than a percept (or the one called ``query``)."""
        from nesy.solvers.logic.explain import Support, explain_model, explain_query, explain_without_model

        entry = solved[instance]
        status = self._status(entry.outcome)
        if not entry.outcome.models:
            return (explain_without_model(entry.program, entry.task, status, instance),)
        model, found = entry.outcome.models[0], entry.worlds[0]
        attributes = entry.program.model.attributes
        chosen = [
            each
            for each in entry.program.model.queries
            if (each.label == query if query is not None else not self._is_percept(each, attributes))
        ]
        if query is not None and not chosen:
            raise KeyError(f"'{query}' is not among the queries")
        whole = () if query is not None else (explain_model(entry.program, entry.task, status, model, instance),)
        support = Support(entry.program, model.atoms)
        return (*whole, *(explain_query(support, entry.task, model, found, each, instance) for each in chosen))

    @staticmethod
    def _is_percept(query: GroundQuery, attributes: Sequence[Attribute]) -> bool:
        return query.kind == "attribute" and attributes[query.attribute].kind == "percept"

    def _status(self, outcome: Outcome) -> Status:
        """Only the mode ``optimum`` proves optima; in the others, what is complete is ``solved``."""
        complete = outcome.status is Status.OPTIMAL and self.options.mode != Mode.OPTIMUM
        return Status.SOLVED if complete else outcome.status

    def _results(self, worlds: Sequence[World | None]) -> dict[str, Result]:
        results = {}
        for family in families(self.model):
            queries = [self.model.queries[place] for place in family.queries]
            rows = [[-1 if found is None else found.answer(query) for query in queries] for found in worlds]
            choice = torch.tensor(rows, dtype=torch.long).reshape(len(worlds), *family.shape)
            results[family.name] = Result(family.name, family.labels, family.shape, family.domain, choice=choice)
        return results

    def _consequences(self, solved: Sequence[Solved]) -> dict[str, Result]:
        """Which values occur in some model (brave), or in every model (cautious), of each instance."""
        atoms = self.prepared.atoms
        known = [entry.outcome.consequences or frozenset() for entry in solved]
        results = {}
        for family in families(self.model):
            rows = [[[atom in found for atom in atoms[place]] for place in family.queries] for found in known]
            sets = torch.tensor(rows, dtype=torch.bool).reshape(len(solved), *family.shape, len(family.domain))
            alone = sets.sum(-1) == 1
            choice = torch.where(alone, sets.int().argmax(-1), -1)
            named = Result(family.name, family.labels, family.shape, family.domain, choice=choice)
            brave = self.options.mode == Mode.BRAVE
            results[family.name] = replace(named, possible=sets) if brave else replace(named, certain=sets)
        return results

    def _models(self, entry: Solved) -> tuple[Mapping[str, object], ...]:
        """The models beyond the first, or all where several were asked for, as values by query."""
        if self.options.models == 1:
            return ()
        found = []
        for model, stable in zip(entry.worlds, entry.outcome.models, strict=True):
            values = {
                query.label: self._value(query_place, model) for query_place, query in enumerate(self.model.queries)
            }
            cost = stable.costs.get(0)
            found.append({"answers": values} | ({} if cost is None else {"cost": cost / self.options.resolution}))
        return tuple(found)

    def _value(self, place: int, found: World) -> object:
        from nesy.solvers.answer import json_value

        query = self.model.queries[place]
        answer = found.answer(query)
        if query.kind == "formula":
            return bool(answer)
        return json_value(self.model.attributes[query.attribute].domain.values[answer]) if answer >= 0 else None


def _batch(evidence: Mapping[str, Tensor]) -> int:
    return next((len(tensor) for tensor in evidence.values()), 1)


def compile_logic(
    backend: str,
    program: LogicProgram,
    options: Options,
    make_solver: MakeSolver,
    reason: str,
    write: Callable[[], str],
) -> LogicEngine:
    """An engine for ``program`` with the solver that ``make_solver`` makes, chosen for this ``reason``.

    ``write`` gives the listing.
    """
    started = time.perf_counter()
    prepared = Prepared.of(program, options, make_solver)
    determined = compile_determined(program.model.program, program.determined, options.budget)
    seconds = time.perf_counter() - started
    return LogicEngine(backend, prepared, options, make_solver, determined, seconds, reason, write)
