"""Solving problems with constraints between objects: each object gets one of the labels that its candidates support.

Components that constraints do not tie together are solved apart. Where no more is asked than different labels, that
is an assignment problem; where each object's weightiest label breaks nothing, there is nothing to solve; elsewhere an
integer program decides, component by component. The violations that the bound allows then go where they gain most.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy import bool_, int64
from numpy.typing import NDArray

from nesy.abduction.clock import Clock, Progress
from nesy.abduction.digest import digest
from nesy.abduction.hypothesis import Hypothesis, Violation
from nesy.abduction.problem import AbductionProblem, Pair
from nesy.abduction.scene_budget import plan
from nesy.abduction.scene_components import Component, components
from nesy.abduction.scene_constraints import all_broken, live_constraints, scene_limit
from nesy.abduction.scene_options import budgets_of, scene_options
from nesy.abduction.scene_parts import Part, Reckoner, greedy_labelling, labels_of, nothing, worth
from nesy.abduction.standing import standing_predictions
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status

if TYPE_CHECKING:
    from nesy.abduction.scene_programs import Labelled

METHODS = ("auto", "ip", "search", "asp")

SOLVER = "cpsat"
"""The solver of integer programs that is quickest on small ones with many constraints."""


@dataclass(frozen=True)
class Settings:
    """How components are solved."""

    method: str
    clock: Clock
    solver: str | None
    seed: int
    workers: int
    progress: Progress | None


def solve_scenes(problem: AbductionProblem, settings: Settings) -> Hypothesis:
    """See :func:`~.solve.solve`; the problem has scenes.

    Raises NesyError: E583 for a method that chooses pairs.
    """
    if settings.method not in METHODS:
        message = f"'{settings.method}' chooses pairs, but constraints between objects choose predictions"
        raise NesyError(Diagnostic("E583", message, hint=f"one of {', '.join(METHODS)}", place="option method"))
    accepted, dominant = budgets_of(problem)
    candidates = standing_predictions(problem, accepted)
    search = SceneSearch(problem, candidates, settings)
    search.run()
    bound = None
    if not dominant:
        # some other choice of budgets keeps predictions that this one does not: the bound has to hold for all of them
        every = replace(problem, epsilons=(0.0,), flagged=np.all(problem.flagged, axis=0)[None])
        bound = solve_scenes(every, replace(settings, progress=None)).bound
    return search.hypothesis(accepted, bound)


class SceneSearch:
    """One problem with scenes while it is solved; after :meth:`run`, :attr:`parts` holds what each component offers."""

    def __init__(self, problem: AbductionProblem, candidates: NDArray[bool_], settings: Settings) -> None:
        assert problem.scenes is not None
        self.problem = problem
        self.candidates = candidates
        self.settings = settings
        self.options = scene_options(problem, candidates)
        self.reckoner = Reckoner(self.options, scene_limit(problem, candidates), len(candidates))
        by_scene = self.reckoner.allowed > 0 and not self.reckoner.limit.by_pairs
        self.components = components(list(live_constraints(problem.scenes, self.options)), by_scene=by_scene)
        self.parts = [nothing(component, self.options) for component in self.components]
        self.interrupted = False

    def run(self) -> None:
        """Solve the components, the easy ones first."""
        places = list(range(len(self.components)))
        try:
            if self.settings.method == "auto":
                places = self._by_assignment(places)
            places = [place for place in places if not self._guess(place)]
            if self.settings.method != "search":
                self._by_solver(places)
        except KeyboardInterrupt:
            self.interrupted = True

    def _guess(self, place: int) -> bool:
        """Label a component freely and greedily; whether the free labelling breaks nothing, so that this is all."""
        component = self.components[place]
        free, offer = self.reckoner.free(component)
        labellings = [free] if offer.violations == 0 else [greedy_labelling(component, self.options), free]
        self.parts[place] = self._part(component, labellings, proven=offer.violations == 0)
        return offer.violations == 0

    def _part(self, component: Component, labellings: Sequence[Sequence[int]], *, proven: bool) -> Part:
        most = sum(bool(self.options.of(item)) for item in component.objects)
        return self.reckoner.gather(component, labellings, covered_bound=most, proven=proven)

    def _by_assignment(self, places: Sequence[int]) -> list[int]:
        """Solve the components in which only labels have to differ; which are left."""
        from nesy.abduction.assignment import assign_all

        mine = [place for place in places if self.components[place].is_assignment]
        members = [self.components[place].objects for place in mine]
        start = np.concatenate([[0], np.cumsum([len(objects) for objects in members])]).astype(np.int64)
        flat = np.array([item for objects in members for item in objects], np.int64)
        chosen = np.full(len(self.candidates), -1, np.int64)
        options, classes, best = self.options, len(self.problem.predictions.classes), self.reckoner.best
        assign_all(start, flat, options.start, options.label, options.weight, best, classes, chosen)
        parts, between = self.reckoner.assigned(start, chosen[flat], best[flat])
        for place, part in zip(mine, parts, strict=True):
            self.parts[place] = part
        left = {place for place, more in zip(mine, between, strict=True) if more}
        return sorted(left.union(places) - (set(mine) - left))

    def _by_solver(self, places: Sequence[int]) -> None:
        if self.settings.workers == 1 or len(places) < 2:
            for place in places:
                if self.settings.clock.over:
                    return
                self._take(place, self._solved(place))
                if self.interrupted:
                    return
            return
        with ThreadPoolExecutor(self.settings.workers) as pool:
            waiting = {pool.submit(self._solved, place): place for place in places}
            try:
                for done in as_completed(waiting):
                    self._take(waiting[done], done.result())
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _take(self, place: int, part: Part | None) -> None:
        if part is None:
            return
        self.parts[place] = part
        self.interrupted |= part.interrupted
        if self.settings.progress is not None:
            whole = int(np.count_nonzero(self.reckoner.best >= 0))
            lost = sum(part.bounds[-1].covered - part.offers[0].covered for part in self.parts)
            self.settings.progress(self.settings.method, whole - lost, whole)

    def _solved(self, place: int) -> Part | None:
        """The best labelling for each number of violations; None if there was no time."""
        component, known = self.components[place], self.parts[place]
        free, offer = self.reckoner.free(component)
        labellings = [*known.chosen, free]
        most, proven, interrupted = 0, True, False
        for allowed in range(min(self.reckoner.allowed, offer.violations - 1) + 1):
            if self.settings.clock.over:
                return None
            found = self._labelled(component, allowed)
            most, interrupted = max(most, found.covered_bound), interrupted or found.interrupted
            proven &= found.proven
            if found.chosen is not None:
                labellings.append(found.chosen)
                if worth(self.reckoner.offer(component, found.chosen)) >= worth(offer):
                    break
            if interrupted:
                break
        if offer.violations <= self.reckoner.allowed:
            most = offer.covered
        part = self.reckoner.gather(component, labellings, covered_bound=most, proven=proven)
        return replace(part, interrupted=interrupted)

    def _labelled(self, component: Component, allowed: int) -> Labelled:
        from nesy.abduction import scene_programs

        settings, by_pairs = self.settings, self.reckoner.limit.by_pairs
        if settings.method == "asp":
            return scene_programs.by_answer_sets(
                component, self.options, allowed, by_pairs=by_pairs, seed=settings.seed, time_limit=settings.clock.left
            )
        return scene_programs.by_integer_program(
            component,
            self.options,
            allowed,
            by_pairs=by_pairs,
            solver=settings.solver or SOLVER,
            seed=settings.seed,
            # threads that share the components search each with one worker
            workers=settings.workers if len(self.components) == 1 else 1,
            time_limit=settings.clock.left,
        )

    def hypothesis(self, accepted: dict[Pair, float], bound: int | None) -> Hypothesis:
        """The labelling that the parts make together; ``bound`` on what other budgets could cover."""
        allowed = self.reckoner.allowed
        chosen = self.reckoner.best.copy()
        planned = plan([part.offers for part in self.parts], allowed)
        taken = zip(self.parts, planned.offers(allowed), strict=True)
        tied = np.array([item for component in self.components for item in component.objects], np.int64)
        chosen[tied] = np.array([place for part, offer in taken for place in part.chosen[offer]], np.int64)
        covered = int(np.count_nonzero(chosen >= 0))
        most = covered - int(np.count_nonzero(chosen[tied] >= 0))
        most += plan([part.bounds for part in self.parts], allowed).values[-1][0]
        proven = all(part.proven for part in self.parts)
        bound = max(covered, most, bound or 0)
        labels = labels_of(self.options, chosen)
        support = np.where(chosen >= 0, np.append(self.options.model, -1)[chosen], -1).astype(np.int64)
        confidence = float(self.options.weight[chosen[chosen >= 0]].sum())
        violations = violations_of(self.problem, labels, support)
        limit, clock = self.reckoner.limit, self.settings.clock
        count = len(violations) if limit.by_pairs else len({violation.scene for violation in violations})
        optimal = proven and bound == covered
        return Hypothesis(
            status=Status.OPTIMAL if optimal else Status.FEASIBLE,
            method=self.settings.method,
            accepted=accepted,
            candidates=self.candidates,
            labels=labels,
            support=support,
            covered=covered,
            inconsistent=np.empty((0, 3), np.int64),
            violations=violations,
            rate=limit.rate(count, covered),
            bound=bound,
            gap=(bound - covered) / bound if bound else 0.0,
            seconds=clock.seconds,
            digest=digest(self.problem),
            confidence=confidence,
            confidence_bound=confidence if optimal else None,
            interrupted=self.interrupted,
            statistics=self._statistics(),
        )

    def _statistics(self) -> dict[str, object]:
        assert self.problem.scenes is not None
        return {
            "objects": len(self.candidates),
            "scenes": len(self.problem.scenes.all_different),
            "components": len(self.components),
            "assignments": sum(component.is_assignment for component in self.components),
            "proven": sum(part.proven for part in self.parts),
        }


def violations_of(problem: AbductionProblem, labels: NDArray[int64], support: NDArray[int64]) -> tuple[Violation, ...]:
    """The ground constraints that a labelling breaks, with the predictions that do so."""
    assert problem.scenes is not None
    return tuple(
        Violation(scene, constraint, tuple((item, int(support[item])) for item in objects))
        for scene, constraint, objects in all_broken(problem.scenes, labels)
    )
