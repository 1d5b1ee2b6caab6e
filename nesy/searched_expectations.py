"""Expectations under the back ends that search for models.

The percepts after ``given`` keep the values that are named, all others are free; readings cost nothing.

=========================  ===============================================================================
``expect F``               there is a model, and F holds in every best one
``expect possible F``      F holds in some model
``expect impossible F``    F holds in no model
``expect P >= t F``        Π(F) ≥ t by α-cuts (``asp``), and so for N and the other comparisons
=========================  ===============================================================================

The best models are those that pay least for soft constraints, optimisation and rules with degrees between 0 and 1; in
a program without any of these, all models are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.source import statement_text
from nesy.dsl.statements import Expect, Query
from nesy.dsl.syntax import Formula
from nesy.dsl.values import format_value
from nesy.expectations import degree_outcome
from nesy.expecting import Outcome, attributes_in, formulas_of, given_distributions, ground_queries
from nesy.solvers.backend import Options, compile_program
from nesy.solvers.ground_model import GroundModel, GroundQuery
from nesy.solvers.logic.choice import solver_for
from nesy.solvers.logic.lifting import world
from nesy.solvers.logic.queried import Queried, with_query_atoms
from nesy.solvers.logic.reading import ground_logic
from nesy.solvers.logic.tasks import Mode, Solver, StableModel, Task

if TYPE_CHECKING:
    from nesy.program import Program

WANTED = {"certain": "holds in every best model", "possible": "holds in a model", "impossible": "holds in no model"}


def run_searched(
    program: Program, backend: str, expectations: Sequence[Expect], warnings: list[Diagnostic] | None = None
) -> tuple[Outcome, ...]:
    """The outcomes of ``expectations`` by ``asp`` or ``integer``, in order.

    Degrees are worked out by ``asp``; ``integer`` leaves expectations of degrees out (W524).
    """
    degrees = [entry for entry in expectations if entry.mode == "degree"]
    others = [entry for entry in expectations if entry.mode != "degree"]
    remarks: list[Diagnostic] = []
    outcomes = _by_models(program, backend, others, remarks) if others else []
    if backend == "asp" and degrees:
        outcomes += _by_degrees(program, degrees, remarks)
    else:
        remarks += [_untested(backend, entry) for entry in degrees]
    if warnings is not None:
        warnings.extend(dict.fromkeys(remarks))
    order = {id(entry): place for place, entry in enumerate(expectations)}
    return tuple(sorted(outcomes, key=lambda outcome: order[id(outcome.expectation)]))


def _by_models(
    program: Program, backend: str, expectations: Sequence[Expect], remarks: list[Diagnostic]
) -> list[Outcome]:
    formulas = formulas_of(program, expectations)
    queries = [Query(formula, span=formula.span) for formula in formulas]
    logic = ground_logic(program.checked, queries, whole=True)
    remarks += logic.model.warnings
    queried = with_query_atoms(logic)
    assert queried is not None
    found = _found(program, formulas, queries, logic.model)
    given = given_distributions(logic.model, expectations, found)
    solver = solver_for(backend, queried.program, Options())
    return [
        _Question(program, queried, solver, found, _excluded(queried, given, number)).outcome(entry)
        for number, entry in enumerate(expectations)
    ]


def _by_degrees(program: Program, expectations: Sequence[Expect], remarks: list[Diagnostic]) -> list[Outcome]:
    """Readings that are free are fully possible: an even distribution over the values that are left."""
    formulas = formulas_of(program, expectations)
    queries = [Query(formula, span=formula.span) for formula in formulas]
    engine = compile_program("asp", program.checked, queries, Options(mode="degrees"))
    remarks += engine.model.warnings
    found = _found(program, formulas, queries, engine.model)
    given = given_distributions(engine.model, expectations, found)
    answer = engine.infer({name: table / table.sum(-1, keepdim=True) for name, table in given.items()})
    return [
        degree_outcome(program, entry, found, answer, number if given else 0)
        for number, entry in enumerate(expectations)
    ]


def _found(
    program: Program, formulas: Sequence[Formula], queries: Sequence[Query], model: GroundModel
) -> dict[Formula, GroundQuery]:
    """What each formula became."""
    ground = ground_queries(model, queries, lambda query: ground_logic(program.checked, [query], whole=True).model)
    return dict(zip(formulas, ground, strict=True))


def _untested(backend: str, entry: Expect) -> Diagnostic:
    message = f"the back end '{backend}' finds models and no degrees: this expectation is not tested"
    return Diagnostic("W524", message, entry.span, "test it with --with possibilistic, or asp")


def _excluded(queried: Queried, given: Mapping[str, Tensor], number: int) -> tuple[int, ...]:
    """The atoms of the values that the readings of an expectation rule out."""
    found: list[int] = []
    model = queried.program.model
    for name, tensor in given.items():
        rows = queried.program.values[model.attribute_places[name]]
        flags = tensor[number].reshape(len(rows), -1).tolist()
        for row, possible in zip(rows, flags, strict=True):
            found += [atom for atom, flag in zip(row, possible, strict=True) if atom and not flag]
    return tuple(found)


@dataclass(frozen=True)
class _Question:
    """One expectation: which models there are under its readings."""

    program: Program
    queried: Queried
    solver: Solver
    found: Mapping[Formula, GroundQuery]
    excluded: tuple[int, ...]

    def outcome(self, entry: Expect) -> Outcome:
        """Whether the expectation holds; where it fails, a model that shows why, if there is one."""
        query = self.found[entry.formula]
        match entry.mode:
            case "certain":
                failure, model = self._not_certain(query)
            case "possible":
                failure = None if self._model(query, value=True, mode=Mode.MODELS) else "it holds in no model"
                model = None
            case _:
                model = self._model(query, value=True, mode=Mode.MODELS)
                failure = None if model is None else "it holds in a model"
        return Outcome(
            entry,
            statement_text(self.program.ast, entry.span),
            failure is None,
            WANTED[entry.mode],
            query.label,
            failure or WANTED[entry.mode],
            witness=() if model is None else tuple(self._values(entry, query, model)),
        )

    def _not_certain(self, query: GroundQuery) -> tuple[str | None, StableModel | None]:
        """Why the query does not hold in every best model, and such a model; None if it does."""
        against = self._model(query, value=False, mode=Mode.OPTIMUM)
        holds = self._model(query, value=True, mode=Mode.OPTIMUM)
        if holds is None:
            return ("there is no model", None) if against is None else ("it holds in no model", against)
        if against is None:
            return None, None
        better, worse = _costs(against), _costs(holds)
        if worse < better:
            return None, None
        return ("there are best models without it" if better == worse else "every best model is without it"), against

    def _model(self, query: GroundQuery, *, value: bool, mode: Mode) -> StableModel | None:
        """A model in which the query has ``value``: a best one (``optimum``), or any."""
        place = self.queried.program.model.queries.index(query)
        row = self.queried.atoms[place]
        wanted = self._value_place(query, value)
        if not row[wanted]:
            return None
        others = tuple(atom for number, atom in enumerate(row) if atom and number != wanted)
        outcome = self.solver.solve(Task((), (*self.excluded, *others), mode=mode))
        return outcome.models[0] if outcome.models else None

    def _value_place(self, query: GroundQuery, value: bool) -> int:
        if query.kind == "formula":
            return int(value)
        return self.queried.program.model.attributes[query.attribute].domain.values.index(value)

    def _values(self, entry: Expect, query: GroundQuery, model: StableModel) -> Iterator[tuple[str, str]]:
        """The values of the attributes in the formula."""
        found = world(self.queried.program, model)
        for call in attributes_in(self.program, entry.formula):
            each = self.found[call]
            if each != query:
                domain = self.queried.program.model.attributes[each.attribute].domain
                yield each.label, format_value(domain.values[found.answer(each)])


def _costs(model: StableModel) -> tuple[int, ...]:
    """What a model pays, the most important level first."""
    return tuple(model.costs[level] for level in sorted(model.costs, reverse=True))
