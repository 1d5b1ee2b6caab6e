"""Running all back ends on one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nesy.comparing.comparison import Comparison, Run
from nesy.comparing.relations import DUST, Facts, checks, differences
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.program import Program, load

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.engine import Engine, Evidence
    from nesy.solvers.answer import Answer

SECONDS = 10.0
"""How long a back end that searches may take for one instance."""


def compare(
    program: Program | str | Path,
    evidence: Evidence | None = None,
    *,
    queries: Sequence[str] | None = None,
    time_limit: float = SECONDS,
) -> Comparison:
    """The answers of all back ends that can take ``program``, and the relations between them.

    ``program`` is a rule file, its text or a loaded program; ``evidence`` is what :meth:`Engine.infer` takes. A back
    end that cannot take the program is listed with the reason. Raises :class:`NesyError` for faults of program or
    evidence.
    """
    from nesy.solvers.backend import BACKENDS

    loaded = program if isinstance(program, Program) else load(program)
    engines: dict[str, Engine] = {}
    runs: dict[str, Run] = {}
    for backend in BACKENDS:
        engine = _compiled(loaded, backend.name, queries, time_limit)
        if isinstance(engine, Run):
            runs[backend.name] = engine
        else:
            engines[backend.name] = engine
    for name, engine in engines.items():
        runs[name] = Run(name, engine.infer(evidence))
    answers = {name: run.answer for name, run in runs.items() if run.answer is not None}
    batch = max((answer.batch for answer in answers.values()), default=0)
    facts = _facts(loaded, engines, answers, evidence, queries, time_limit)
    found = [check for instance in range(batch) for check in checks(answers, facts, instance)]
    others = [each for instance in range(batch) for each in differences(answers, instance)]
    ordered = tuple(runs[backend.name] for backend in BACKENDS)
    warnings = dict.fromkeys(warning for answer in answers.values() for warning in answer.warnings)
    return Comparison(ordered, tuple(found), tuple(others), batch, tuple(warnings))


def _compiled(program: Program, name: str, queries: Sequence[str] | None, time_limit: float) -> Engine | Run:
    """The engine of a back end, or why it has none."""
    search: dict[str, Any] = {"time_limit": time_limit} if name in ("asp", "integer") else {}
    try:
        return program.compile(name, queries=queries, **search)
    except NesyError as error:
        if any(not _is_refusal(entry) for entry in error.diagnostics):
            raise
        return Run(name, refusals=tuple(entry for entry in error.diagnostics if entry.code.startswith("E")))


def _is_refusal(entry: Diagnostic) -> bool:
    """Whether a diagnostic says what a back end cannot take (5xx, 6xx), rather than what is wrong with the program."""
    return entry.code[1] in "56" and entry.code not in ("E510", "E511", "E514", "E516")


def _facts(
    program: Program,
    engines: Mapping[str, Engine],
    answers: Mapping[str, Answer],
    evidence: Evidence | None,
    queries: Sequence[str] | None,
    time_limit: float,
) -> Facts:
    """What the relations need beside the answers."""
    from nesy.solvers.probabilistic.counting import CountingEngine

    brave = None
    if "asp" in engines:
        brave = program.compile("asp", mode="brave", queries=queries, time_limit=time_limit).infer(evidence)
    counting = engines["probabilistic"].solver if "probabilistic" in engines else None
    if not isinstance(counting, CountingEngine):
        return Facts(brave=brave)
    worlds, model = counting.worlds, counting.model
    known = dict(zip(model.queries, worlds.asked, strict=True))
    single = {query.label for query in known if len(worlds.percepts_of(query)) == 1}
    percepts = {
        query.label for query, asked in known.items() if query.formula is None and worlds.variables[asked].percept
    }
    weights = cast("Tensor", answers["probabilistic"].statistics["log_evidence"])
    free = tuple(not worlds.restrictions and abs(weight) < DUST for weight in weights.tolist())
    heaviest, resolution = None, engines["asp"].options.resolution if "asp" in engines else 1
    if worlds.costs_are_nats and not counting.route.open_concepts:
        given = engines["probabilistic"].check(evidence)
        heaviest = tuple(counting.cost(given).tolist())
    rounding = (len(worlds.variables) + 1) / resolution
    return Facts(frozenset(single), frozenset(percepts), free, brave, heaviest, rounding)
