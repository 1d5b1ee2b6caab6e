"""From a text to its answer: parse, retrieve, graph, candidates, check, infer, score, answer.

Each stage hands a typed value to the next, and all of them are kept in a :class:`Synthesis`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from time import perf_counter

from nesy.dsl import statements as syntax
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior
from nesy.solvers.probabilistic.model.graph import ModelGraph
from nesy.synthesis.answers import Answers, Clash, Influence, QueryAnswer
from nesy.synthesis.checks.findings import Findings, findings, unused_names
from nesy.synthesis.conditions import Sifted, sift
from nesy.synthesis.drawing import Diagram, diagram_of
from nesy.synthesis.inferring import changed, conflict_of, infer, is_impossible
from nesy.synthesis.libraries import Library
from nesy.synthesis.llm.client import ChatClient
from nesy.synthesis.llm.outcomes import Fault, ProposerError
from nesy.synthesis.llm.proposer import Proposal, Proposals, propose
from nesy.synthesis.models import Candidate, Candidates, candidates, compose
from nesy.synthesis.reading import Reading, read_sentences
from nesy.synthesis.retrieval import Retrieval, choose_library, retrieve
from nesy.synthesis.scoring import Scored, Scores, averaged, divergence, score, usable
from nesy.synthesis.sentences import split_sentences
from nesy.synthesis.settings import Settings

Listener = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True)
class Synthesis:
    """All that was made on the way from a text to its answer.

    ``libraries`` are those that were offered, ``knowledge`` is the one taken, with what a language model added.
    ``sifted`` tells the observations that bear on the queries from those that cannot; ``proposals`` are those of a
    language model, where one was asked; ``findings`` are doubts about the best model that keep no answer back.
    ``seconds`` says what took how long.
    """

    question: str
    libraries: tuple[Library, ...]
    settings: Settings
    knowledge: Library
    reading: Reading
    retrieval: Retrieval
    candidates: Candidates
    sifted: Sifted
    diagram: Diagram
    scores: Scores
    answers: Answers
    findings: Findings
    proposals: Proposals | None = None
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def program(self) -> str:
        """The best model as a rule file."""
        return self.scores.best.candidate.text


def synthesise(
    libraries: Sequence[Library],
    question: str,
    settings: Settings | None = None,
    *,
    reading: Reading | None = None,
    client: ChatClient | None = None,
    tell: Listener | None = None,
) -> Synthesis:
    """Build, check and run the small model that a question needs.

    ``reading`` is given where the question is written in the rule language already. Raises :class:`NesyError`: E620 for
    a text that asks nothing that a library understands, and whatever the checks find in the models.
    """
    settings = settings or Settings()
    clock = _Clock()
    say = tell or (lambda _: None)
    say("reading the text")
    sentences = split_sentences(question)
    readings = [
        (library, reading if reading is not None else read_sentences(sentences, library)) for library in libraries
    ]
    library, chosen, table = choose_library(question, readings)
    clock.lap("parse")
    proposals: Proposals | None = None
    found = [Proposal(library, chosen, 0)]
    if client is not None:
        say(f"asking {client.model}")
        proposals = propose(client, library, chosen, question, concentration=settings.concentration)
        found = list(proposals.found) or found
        clock.lap("propose")
    own = frozenset(library.checked.attributes)
    library, chosen = found[0].knowledge, found[0].reading
    _refuse_without_query(chosen, library)
    retrieval = retrieve(question, library, chosen, table)
    clock.lap("retrieve")
    models = _candidates(found, question, settings)
    considered = models.models if settings.average else models.models[:1]
    varied = {name for group in library.groups for name in group.names} if len(considered) > 1 else set()
    graphs = [model.graph for model in considered]
    sifted = sift(graphs, chosen, varied)
    if sifted.irrelevant and all(map(is_impossible, graphs, (m.interventions for m in considered), repeat(settings))):
        # what is d-separated changes nothing, unless it cannot have happened at all
        sifted = Sifted(chosen.observations, ())
    if settings.prune and sifted.irrelevant:
        fewer = [replace(each, reading=_without(each.reading, sifted.irrelevant)) for each in found]
        models = _candidates(fewer, question, settings)
    clock.lap("candidates")
    scores = _run(models, settings, say)
    clock.lap("infer")
    if proposals is not None and proposals.found and not usable(scores.best.inferred):
        offline = synthesise(libraries, question, settings, reading=reading, tell=tell)
        return replace(offline, proposals=_withdrawn(proposals, scores.best.inferred))
    answers = _answers(library, chosen, sifted, question, scores, settings, say)
    clock.lap("answer")
    best = scores.best.candidate
    added = {name for each in found for name in each.knowledge.checked.attributes} - own
    doubts = findings(
        changed(best.graph, best.interventions),
        library.glosses,
        observed=bool(chosen.observations),
        unused=unused_names([model.graph for model in models.models], sorted(added)),
    )
    diagram = diagram_of(best.graph)
    clock.lap("check")
    return Synthesis(
        question,
        tuple(libraries),
        settings,
        library,
        chosen,
        retrieval,
        models,
        sifted,
        diagram,
        scores,
        answers,
        doubts,
        proposals,
        clock.seconds,
    )


def _withdrawn(proposals: Proposals, inferred: Inferred) -> Proposals:
    """The proposals, none of which led to an answer, so that the one without them is given."""
    remarks = "; ".join(remark.message for remark in inferred.remarks) or "what is known cannot hold together"
    fault = ProposerError(Fault.INVALID, f"with what it added the answer is {inferred.status}: {remarks}")
    return replace(proposals, found=(), fault=fault)


def _refuse_without_query(reading: Reading, library: Library) -> None:
    if reading.queries:
        return
    asked = next((entry for entry in reading.unused if entry.sentence.question), None)
    place = asked or next(iter(reading.unused), None)
    phrases = [
        pattern.text
        for pattern in library.patterns
        if any(meaning.mode == "query" for meaning in pattern.phrase.meanings)
    ]
    hint = f"questions that '{library.name}' understands: {'; '.join(phrases[:6])}"
    if place is not None and place.nearest:
        hint = f"the nearest phrase is: {place.nearest}"
    message = "nothing in the text is a question that the library understands"
    diagnostic = Diagnostic("E620", message, hint=hint, place="--ask")
    raise NesyError(replace(diagnostic, span=place.sentence.span) if place is not None else diagnostic)


def _without(reading: Reading, dropped: Sequence[syntax.Observe]) -> Reading:
    """The reading without some observations; the sentences stay understood."""
    gone = set(map(id, dropped))
    understood = tuple(
        replace(entry, observations=tuple(seen for seen in entry.observations if id(seen) not in gone))
        for entry in reading.understood
    )
    return replace(reading, understood=understood)


class _Clock:
    """What took how long, in seconds of the clock."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap."""
        now = perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now


def _candidates(found: Sequence[Proposal], question: str, settings: Settings) -> Candidates:
    """The candidates of several proposals; the prior of each proposal is its share of the votes."""
    parts = [
        candidates(each.knowledge, each.reading, question, beam=settings.beam, retrieve=settings.retrieve)
        for each in found
    ]
    return _joined(parts, [max(each.votes, 1) for each in found])


def _joined(found: Sequence[Candidates], votes: Sequence[int]) -> Candidates:
    if len(found) == 1:
        return found[0]
    models: dict[str, Candidate] = {}
    shares = [count / sum(votes) for count in votes]
    for entry, share in zip(found, shares, strict=True):
        for model in entry.models:
            prior = model.prior * share
            same = models.get(model.text)
            models[model.text] = replace(model, prior=prior + (0.0 if same is None else same.prior))
    order = sorted(models.values(), key=lambda model: -model.prior)
    tried = sum(entry.tried for entry in found)
    left_out = sum(share * entry.left_out for entry, share in zip(found, shares, strict=True))
    return Candidates(tuple(order), tried, left_out)


def _run(models: Candidates, settings: Settings, say: Listener) -> Scores:
    found: list[tuple[Candidate, Inferred]] = []
    chosen = models.models if settings.average else models.models[:1]
    for number, model in enumerate(chosen, 1):
        say(f"model {number} of {len(chosen)}: {', '.join(model.variants) or 'base'}")
        found.append((model, infer(model.graph, model.interventions, settings)))
    return score(found, penalty=settings.penalty, evidence=settings.score)


# ----- answers


def _answers(
    library: Library,
    reading: Reading,
    sifted: Sifted,
    question: str,
    scores: Scores,
    settings: Settings,
    say: Listener,
) -> Answers:
    best = scores.best
    if not usable(best.inferred):
        remarks = tuple(dict.fromkeys(entry.message for model in scores.models for entry in model.inferred.remarks))
        return Answers(best.inferred.status, (), remarks, _conflict(best, reading, settings))
    posteriors = averaged(scores)
    graph = best.candidate.graph
    observed = sifted.kept if settings.prune else reading.observations
    prior: Sequence[Posterior | None] = [None] * len(posteriors)
    moved: list[list[Influence]] = [[] for _ in posteriors]
    if settings.influence and observed:
        say("the same without its observations")
        without = _inferred(library, reading, question, best, (), settings)
        prior = without.posteriors if usable(without) else prior
        for seen in observed:
            others = tuple(entry for entry in observed if entry is not seen)
            left = without if not others else _inferred(library, reading, question, best, others, settings)
            for place, posterior in enumerate(left.posteriors if usable(left) else ()):
                nats = divergence(best.inferred.posteriors[place], posterior)
                moved[place].append(_influence(seen, reading, nats))
    remarks = tuple(entry.message for entry in best.inferred.remarks)
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
    from nesy.dsl.printing.statement_printer import write_statement

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
