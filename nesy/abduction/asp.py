"""Abduction as an answer set program, solved by clingo: an independent cross-check of the other methods.

The program is that of the paper (accept, label, inconsistency, coverage), over signatures with weights. It is written
from the signatures themselves, so that it shares nothing with what the other methods count with.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nesy.abduction.limits import Limit
from nesy.abduction.problem import AbductionProblem, Pair
from nesy.abduction.signatures import Signatures, admitted
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status

LARGEST = 2**31 - 1
"""clingo's numbers have 32 bits."""

RULES = """
{ accept(M,C,E) : budget(E) } 1 :- pair(M,C), not required(M,C).
1 { accept(M,C,E) : budget(E) } 1 :- required(M,C).
label(C,S) :- accept(M,C,E), reads(M,C,S), not error(M,E,S).
covered(S) :- label(_,S).
inc(C,D,S) :- label(C,S), label(D,S), incompatible(C,D), C < D.
inc(S) :- inc(_,_,S).
#maximize { W,S : covered(S), weight(S,W) }.
#show accept/3.
"""


@dataclass(frozen=True, slots=True)
class AspAnswer:
    """What clingo found: the accepted pairs with the places of their budgets (None: no answer set)."""

    status: Status
    accepted: dict[Pair, int] | None
    interrupted: bool = False


def abduction_program(problem: AbductionProblem, signatures: Signatures, limit: Limit) -> str:
    """The program as text.

    Raises NesyError: E584 where a sum of weights does not fit into clingo's numbers.
    """
    return "\n".join([*_facts(problem, signatures), RULES, _bound(signatures, limit)])


def _facts(problem: AbductionProblem, signatures: Signatures) -> Iterator[str]:
    models, _ = admitted(problem).shape
    budgets = range(len(problem.epsilons))
    yield from (f"budget({place})." for place in budgets)
    for one, other in np.argwhere(problem.incompatible).tolist():
        yield f"incompatible({one},{other})."
    free = admitted(problem)
    yield from (f"pair({model},{label})." for model, label in np.argwhere(free).tolist())
    yield from (f"required({model},{label})." for model, label in problem.required)
    for row, weight in enumerate(signatures.weights.tolist()):
        yield f"weight({row},{weight})."
        for model in range(models):
            label, standing = int(signatures.labels[row, model]), int(signatures.budgets[row, model])
            if label >= 0:
                yield f"reads({model},{label},{row})."
                yield from (f"error({model},{place},{row})." for place in budgets if not standing >> place & 1)


def _bound(signatures: Signatures, limit: Limit) -> str:
    total = int(signatures.weights.sum())
    if limit.denominator == "covered":
        bound = limit.fraction
        _check(total * (bound.numerator + bound.denominator))
        return (
            f":- #sum {{ {bound.denominator}*W,S,inc : inc(S), weight(S,W); "
            f"-{bound.numerator}*W,S,cover : covered(S), weight(S,W) }} > 0."
        )
    if limit.by_pairs:
        _check(limit.total)
        return f":- #sum {{ W,S,C,D : inc(C,D,S), weight(S,W) }} > {limit.allowed(0)}."
    _check(total)
    return f":- #sum {{ W,S : inc(S), weight(S,W) }} > {limit.allowed(0)}."


def _check(largest: int) -> None:
    if largest > LARGEST:
        message = f"sums of up to {largest:,} are too large for clingo (limit {LARGEST:,})"
        hint = "take another method, or a bound with fewer decimals"
        raise NesyError(Diagnostic("E584", message, hint=hint, place="option method"))


def solve_asp(
    problem: AbductionProblem, signatures: Signatures, limit: Limit, *, seed: int, time_limit: float | None
) -> AspAnswer:
    """The optimum by clingo's branch and bound: sums of many weights do not suit its unsatisfiable cores."""
    import clingo

    from nesy.solvers.asp.waiting import ready

    started = time.perf_counter()
    arguments = ["--warn=none", f"--seed={seed}", "--opt-mode=opt", "--opt-strategy=bb,lin", "--models=0"]
    control = clingo.Control(arguments, logger=lambda *_: None)
    control.add("base", [], abduction_program(problem, signatures, limit))
    control.ground([("base", [])])
    best: dict[Pair, int] | None = None
    with control.solve(yield_=True, async_=True) as handle:
        try:
            while True:
                handle.resume()
                left = None if time_limit is None else time_limit - (time.perf_counter() - started)
                if not ready(handle, left):
                    handle.cancel()
                    return AspAnswer(Status.TIMEOUT if best is None else Status.FEASIBLE, best)
                model = handle.model()
                if model is None:
                    break
                symbols = model.symbols(shown=True)
                chosen = [tuple(argument.number for argument in symbol.arguments) for symbol in symbols]
                best = {(model_, label): place for model_, label, place in chosen}
        except KeyboardInterrupt:
            handle.cancel()
            return AspAnswer(Status.UNKNOWN if best is None else Status.FEASIBLE, best, interrupted=True)
    return AspAnswer(Status.INFEASIBLE if best is None else Status.OPTIMAL, best)
