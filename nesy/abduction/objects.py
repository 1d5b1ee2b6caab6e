"""Solving problems without scenes: the portfolio of methods on signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy import int64
from numpy.typing import NDArray

from nesy.abduction.clock import Clock, Progress
from nesy.abduction.hypothesis import Exhaustion
from nesy.abduction.incidence import Incidence, incidence
from nesy.abduction.limits import Limit, object_limit
from nesy.abduction.problem import AbductionProblem, Pair
from nesy.abduction.search import Choice, demanded, greedy, model_major, valued
from nesy.abduction.signatures import Signatures, compress
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status

SOLVER = "highs"
"""The solver of integer programs that comes closest on dense problems of sixty pairs."""

TREE = 30.0
"""Hypotheses, as a power of two, that the branch and bound looks through without a second thought: at two nanoseconds
each, without any pruning, two seconds."""

SLICES = 250
"""Slices of work, some ten milliseconds each, that it may spend on more hypotheses than that, and at most half of the
time, before the integer program has its turn."""

FEW = 3
"""Up to so many models the integer program has its turn after a tenth of these: where few speak of an object its bound
is tight, and what takes the branch and bound seconds is proved within one; with six or more it is the reverse."""

BUILT = 1e-4
"""Seconds for each prediction of a signature that go by before a solver of the integer program looks at the clock."""


@dataclass
class Run:
    """One problem while it is solved: the best choice so far and what is proved."""

    problem: AbductionProblem
    clock: Clock
    seed: int
    workers: int
    solver: str | None
    progress: Progress | None
    signatures: Signatures
    choices: Incidence
    limit: Limit
    bound: int
    stage: str = ""
    best: Choice | None = None
    infeasible: bool = False
    interrupted: bool = False
    exhaustion: Exhaustion | None = None
    statistics: dict[str, object] = field(default_factory=dict)

    @staticmethod
    def of(
        problem: AbductionProblem, clock: Clock, seed: int, workers: int, solver: str | None, progress: Progress | None
    ) -> Run:
        """Compress the problem."""
        signatures = compress(problem)
        choices = incidence(problem, signatures)
        touched = np.zeros(signatures.weights.size, np.bool_)
        touched[choices.row] = True
        reachable = int(signatures.weights[touched].sum())
        run = Run(
            problem, clock, seed, workers, solver, progress, signatures, choices, object_limit(problem), reachable
        )
        run.statistics |= {
            "objects": len(problem.predictions.objects),
            "signatures": signatures.weights.size,
            "pairs": len(choices.pairs),
            "options": choices.epsilon.size,
            "compressed": clock.seconds,
        }
        return run

    def take(self, found: Choice) -> None:
        """Keep a choice within the limit if it is better than the best so far."""
        if found.within(self.limit) and found.better(self.best):
            self.best = found
            if self.progress is not None:
                self.progress(self.stage, found.covered, self.bound)

    def tighten(self, bound: int) -> None:
        """Note that no hypothesis covers more."""
        self.bound = min(self.bound, bound)

    @property
    def solved(self) -> bool:
        """Whether nothing is left to do."""
        return self.infeasible or (self.best is not None and self.best.covered >= self.bound)

    @property
    def status(self) -> Status:
        """The status so far."""
        if self.infeasible:
            return Status.INFEASIBLE
        if self.best is not None:
            return Status.OPTIMAL if self.solved else Status.FEASIBLE
        return Status.TIMEOUT if self.clock.over else Status.UNKNOWN

    def accepted(self, options: NDArray[int64] | None = None) -> dict[Pair, float]:
        """The pairs that ``options`` [P] accept (None: the best choice), with their budgets."""
        if options is None:
            options = np.empty(0, np.int64) if self.best is None else self.best.options
        taken = [(pair, option) for pair, option in enumerate(options.tolist()) if option >= 0]
        epsilons = self.problem.epsilons
        return {self.choices.pairs[pair]: epsilons[self.choices.epsilon[option]] for pair, option in taken}


def search(run: Run, order: Sequence[int] | None = None) -> None:
    """The paper's heuristic: the models in ``order`` (as they were declared), the classes of each in theirs."""
    run.stage = "search"
    models = tuple(range(len(run.problem.predictions.models)))
    pairs = model_major(run.choices, (*(order or ()), *(model for model in models if model not in (order or ()))))
    run.take(greedy(run.choices, run.limit, pairs, demanded(run.choices, run.limit)))


def anneal(run: Run, *, quick: bool = False) -> None:
    """The paper's heuristic from many orders, then annealing."""
    from nesy.abduction.annealing import QUICK, THOROUGH, strong_incumbent

    run.stage = "anneal"
    effort = QUICK if quick else THOROUGH
    strong_incumbent(run.choices, run.limit, seed=run.seed, clock=run.clock, report=run.take, effort=effort)


def branch(run: Run, slices: int | None = None) -> bool:
    """Branch and bound, at most ``slices`` slices of work and then half of the time; whether the problem is one that it
    can take."""
    from nesy.abduction.branching import branch as explore

    run.stage = "branch"
    found = explore(
        run.choices,
        run.limit,
        best=run.best,
        clock=run.clock if slices is None else run.clock.half(),
        report=run.take,
        slices=slices,
    )
    if found is None:
        return False
    run.statistics |= {"nodes": found.exhaustion.nodes, "hypotheses": found.hypotheses}
    run.exhaustion = found.exhaustion
    if found.exhaustion.complete:
        run.infeasible = found.bound < 0
        run.tighten(max(0, found.bound))
    return True


def cap(run: Run, slices: int) -> None:
    """Prove bounds above the best choice by searches of so many slices in all, in at most half of the time."""
    from nesy.abduction.capping import lower_bound

    if run.best is None:
        return
    found = lower_bound(
        run.choices,
        run.limit,
        covered=run.best.covered,
        bound=run.bound,
        clock=run.clock.half(),
        slices=slices,
        report=run.take,
    )
    if found is not None:
        run.tighten(found.bound)
        if run.solved:
            run.exhaustion = found.exhaustion


def integer(run: Run) -> None:
    """The integer program, started from the best choice so far."""
    from nesy.abduction.integer import optimise

    run.stage = "ip"
    found = optimise(
        run.choices,
        run.limit,
        solver=run.solver or SOLVER,
        seed=run.seed,
        workers=run.workers,
        time_limit=run.clock.left,
        start=None if run.best is None else run.best.options,
    )
    run.statistics["solver"] = run.solver or SOLVER
    run.interrupted |= found.interrupted
    if found.status is Status.INFEASIBLE:
        run.infeasible = True
    if found.options is not None:
        run.take(valued(run.choices, run.limit, found.options))
    if found.bound is not None:
        run.tighten(found.bound)


def answer_sets(run: Run) -> None:
    """clingo, from nothing."""
    from nesy.abduction.asp import solve_asp

    run.stage = "asp"
    found = solve_asp(run.problem, run.signatures, run.limit, seed=run.seed, time_limit=run.clock.left)
    run.interrupted |= found.interrupted
    if found.status is Status.INFEASIBLE:
        run.infeasible = True
    if found.accepted is not None:
        choice = valued(run.choices, run.limit, _options(run.choices, found.accepted, run.signatures))
        run.take(choice)
        if found.status is Status.OPTIMAL:
            run.tighten(choice.covered)


def _options(choices: Incidence, accepted: dict[Pair, int], signatures: Signatures) -> NDArray[int64]:
    """The options that keep the same predictions as the accepted pairs with these budgets."""
    options = np.full(len(choices.pairs), -1, np.int64)
    for pair, (model, label) in enumerate(choices.pairs):
        if (model, label) not in accepted:
            continue
        stands = signatures.budgets[:, model] >> accepted[model, label] & 1 == 1
        kept = np.flatnonzero(stands & (signatures.labels[:, model] == label))
        for option in range(choices.first[pair], choices.first[pair + 1]):
            if np.array_equal(np.sort(choices.kept(option)), kept):
                options[pair] = option
    return options


def portfolio(run: Run) -> None:
    """Heuristics first, then branch and bound as far as it suits, bounds by the same, then the integer program."""
    from nesy.abduction.branching import search_size

    size = search_size(run.choices)
    anneal(run, quick=size <= TREE)
    if run.solved or run.clock.over:
        return
    run.statistics["log2_hypotheses"] = round(size, 1)
    slices = SLICES if len(run.problem.predictions.models) > FEW else SLICES // 10
    if branch(run, None if size <= TREE else slices) and size <= TREE:
        return
    if not run.solved and not run.clock.over:
        cap(run, slices)
    late = run.clock.left is not None and run.clock.left < BUILT * run.choices.row.size
    if not run.solved and not run.clock.over and not late:
        integer(run)


def exact_branch(run: Run) -> None:
    """Heuristics, then branch and bound to the end.

    Raises NesyError: E583 for constraints that this method cannot count.
    """
    anneal(run)
    if not run.solved and not branch(run):
        message = "'branch' counts violations by sets of compatible classes, of which there are too many here"
        raise NesyError(Diagnostic("E583", message, hint="take method 'ip'", place="option method"))


def exact_integer(run: Run) -> None:
    """Heuristics, then the integer program."""
    anneal(run)
    if not run.solved:
        integer(run)
