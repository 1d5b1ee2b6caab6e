"""From a text to its answer: parse, retrieve, graph, candidates, check, infer, score, answer.

Each stage hands a typed value to the next, and all of them are kept in a :class:`Synthesis`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat

from nesy.dsl import statements as syntax
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.solvers.probabilistic.inference.results import Inferred
from nesy.synthesis.answering import answers_of
from nesy.synthesis.answers import Answers
from nesy.synthesis.checks.findings import Findings, findings, unused_names
from nesy.synthesis.clock import Clock
from nesy.synthesis.conditions import Sifted, sift
from nesy.synthesis.drawing import Diagram, diagram_of
from nesy.synthesis.inferring import changed, infer, is_impossible
from nesy.synthesis.libraries import Library
from nesy.synthesis.llm.client import ChatClient
from nesy.synthesis.llm.outcomes import Fault, ProposerError
from nesy.synthesis.llm.proposer import Proposal, Proposals, propose
from nesy.synthesis.models import Candidate, Candidates, candidates
from nesy.synthesis.reading import Reading, read_sentences
from nesy.synthesis.retrieval import Retrieval, choose_library, retrieve
from nesy.synthesis.scoring import Scores, score, usable
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
    clock = Clock(settings.budget)
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
    scores, skipped = _run(models, settings, clock, say)
    models = replace(models, left_out=models.left_out + skipped)
    late = [f"the time was up: models with a prior probability of {skipped:.3g} were not run"] if skipped else []
    clock.lap("infer")
    if proposals is not None and proposals.found and not usable(scores.best.inferred):
        offline = synthesise(libraries, question, settings, reading=reading, tell=tell)
        seconds = {"withdrawn": sum(clock.seconds.values()), **offline.seconds}
        return replace(offline, proposals=_withdrawn(proposals, scores.best.inferred), seconds=seconds)
    answers = answers_of(library, chosen, sifted, question, scores, settings, clock, late, say)
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


def _run(models: Candidates, settings: Settings, clock: Clock, say: Listener) -> tuple[Scores, float]:
    """The candidates, weighed; and the prior probability of those for which there was no time."""
    found: list[tuple[Candidate, Inferred]] = []
    chosen = models.models if settings.average else models.models[:1]
    for number, model in enumerate(chosen, 1):
        if found and clock.is_up:
            break
        say(f"model {number} of {len(chosen)}: {', '.join(model.variants) or 'base'}")
        found.append((model, infer(model.graph, model.interventions, settings)))
    left_out = sum(model.prior for model in chosen[len(found) :])
    return score(found, penalty=settings.penalty, evidence=settings.score), left_out
