"""From weighed candidates to answers: posteriors, priors, and what moved them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nesy.dsl import statements as syntax
from nesy.dsl.printing.statement_printer import write_statement
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.synthesis.answers import Answers, Clash, Influence, QueryAnswer
from nesy.synthesis.clock import Clock
from nesy.synthesis.conditions import Sifted
from nesy.synthesis.inferring import conflict_of, infer
from nesy.synthesis.libraries import Library
from nesy.synthesis.models import compose
from nesy.synthesis.reading import Reading
from nesy.synthesis.scoring import Scored, Scores, averaged, divergence, usable
from nesy.synthesis.settings import Settings


def answers_of(
    library: Library,
    reading: Reading,
    sifted: Sifted,
    question: str,
    scores: Scores,
    settings: Settings,
    clock: Clock,
    late: list[str],
    say: Callable[[str], None],
) -> Answers:
    """The answers of weighed candidates; priors and influences are those of the best one, as far as there is time.

    ``late`` is what there was no time for, in words.
    """
    best = scores.best
    if not usable(best.inferred):
        remarks = tuple(dict.fromkeys(entry.message for model in scores.models for entry in model.inferred.remarks))
        return Answers(best.inferred.status, (), remarks, _conflict(best, reading, settings))
    posteriors = averaged(scores)
    graph = best.candidate.graph
    observed = sifted.kept if settings.prune else reading.observations
    prior: Sequence[Posterior | None] = [None] * len(posteriors)
    moved: list[list[Influence]] = [[] for _ in posteriors]
    if settings.influence and observed and clock.is_up:
        late.append("the time was up: it is not known what moved the answers")
    elif settings.influence and observed:
        say("the same without its observations")
        without = _inferred(library, reading, question, best, (), settings)
        prior = without.posteriors if usable(without) else prior
        for seen in observed:
            if clock.is_up:
                late.append(f"the time was up: it is not known how far {write_statement(seen)} moved the answers")
                break
            others = tuple(entry for entry in observed if entry is not seen)
            left = without if not others else _inferred(library, reading, question, best, others, settings)
            for place, posterior in enumerate(left.posteriors if usable(left) else ()):
                nats = divergence(best.inferred.posteriors[place], posterior)
                moved[place].append(_influence(seen, reading, nats))
    remarks = (*(entry.message for entry in best.inferred.remarks), *late)
    queries = tuple(
        _query_answer(library, graph, place, posterior, before, influences)
        for place, (posterior, before, influences) in enumerate(zip(posteriors, prior, moved, strict=True))
    )
    return Answers(best.inferred.status, queries, remarks)


def _conflict(best: Scored, reading: Reading, settings: Settings) -> tuple[Clash, ...]:
    """The conditions that make the best model infeasible, with the sentences that they come from."""
    if best.inferred.status is not Status.INFEASIBLE:
        return ()
    numbers = {seen.span: entry.sentence.number for entry in reading.understood for seen in entry.observations}
    found = conflict_of(best.candidate.graph, best.candidate.interventions, settings)
    return tuple(Clash(entry.text, numbers.get(entry.span, -1)) for entry in found)


def _inferred(
    library: Library,
    reading: Reading,
    question: str,
    best: Scored,
    observations: Sequence[syntax.Observe],
    settings: Settings,
) -> Inferred:
    variants = best.candidate.variants
    model = compose(library, reading, question, variants, 1.0, observations, retrieve=settings.retrieve)
    return infer(model.graph, model.interventions, settings)


def _influence(seen: syntax.Observe, reading: Reading, nats: float) -> Influence:
    number = next(
        (entry.sentence.number for entry in reading.understood if any(one is seen for one in entry.observations)), -1
    )
    return Influence(seen, write_statement(seen), number, nats)


def _query_answer(
    library: Library,
    graph: ModelGraph,
    place: int,
    posterior: Posterior,
    prior: Posterior | None,
    influences: Sequence[Influence],
) -> QueryAnswer:
    estimand = graph.estimands[place]
    gloss = library.glosses.get(estimand.family)
    return QueryAnswer(
        estimand,
        "" if gloss is None else gloss.text,
        estimand.unit or (gloss.unit or "" if gloss is not None else ""),
        None if gloss is None else gloss.limits,
        posterior,
        prior,
        tuple(sorted(influences, key=lambda entry: -entry.nats)),
    )
