"""The proposer in two stages: what the unread sentences say, then what the library lacks for that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from nesy.dsl.checks.dependencies import defined_names
from nesy.dsl.diagnostics import NesyError
from nesy.dsl.span import Span
from nesy.dsl.statements import Statement
from nesy.solvers.probabilistic.inference.choose import Chosen
from nesy.solvers.probabilistic.inference.conflicts import conflicting, contradiction, impossible
from nesy.solvers.probabilistic.vectorised.executor import unconditioned
from nesy.synthesis.checks.plausibility import implausible
from nesy.synthesis.libraries import Library
from nesy.synthesis.llm.claims import CONCENTRATION, Claim, merged
from nesy.synthesis.llm.client import ChatClient, Form
from nesy.synthesis.llm.forms import KNOWLEDGE, READING
from nesy.synthesis.llm.outcomes import Fault, ProposerError
from nesy.synthesis.llm.prompts import Messages, knowledge_messages, reading_messages, repair_messages
from nesy.synthesis.llm.proposals import (
    InvalidReplyError,
    described,
    extended,
    missing_names,
    read_knowledge,
    read_reading,
)
from nesy.synthesis.models import compose
from nesy.synthesis.reading import Reading, Understood

REPAIRS = 2
"""So many times a reply may be mended."""
SAMPLES = 3
"""Replies that are asked for at each stage."""
NEW = Span("<reply>", 1, 1, 1, 1)

Found = TypeVar("Found")


@dataclass(frozen=True)
class Proposal:
    """A reading with what the model added, the library that it needs, and how many of the replies agreed.

    ``claims`` are the probabilities in it that the replies claimed, as priors.
    """

    knowledge: Library
    reading: Reading
    votes: int
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Proposals:
    """The proposals for one text, without doubles; ``fault`` says why there are none, or fewer than asked for.

    ``model`` is the name of the language model that was asked.
    """

    found: tuple[Proposal, ...]
    requests: int
    rejected: tuple[str, ...]
    fault: ProposerError | None = None
    model: str = ""


def propose(
    client: ChatClient,
    library: Library,
    reading: Reading,
    question: str,
    *,
    samples: int = SAMPLES,
    concentration: float = CONCENTRATION,
) -> Proposals:
    """Ask for a reading of the unused sentences, then for the knowledge that it needs.

    The reading that most replies agree on is taken (the first of several), so that all proposals have the same
    conditions and their evidence can be compared; they differ in the knowledge they add, and not only in the
    probabilities that it claims: see :mod:`.claims`. Never raises for what the server does: see ``fault``.
    """
    if not reading.unused:
        return Proposals((), 0, ())
    rejected: list[str] = []
    try:
        found = _propose(client, library, reading, question, samples, concentration, rejected)
    except ProposerError as error:
        found = Proposals((), client.requests, tuple(rejected), error)
    return replace(found, model=client.model)


def _propose(
    client: ChatClient,
    library: Library,
    reading: Reading,
    question: str,
    samples: int,
    concentration: float,
    rejected: list[str],
) -> Proposals:
    wanted = tuple(entry.sentence for entry in reading.unused)
    ask = _Asking(client, rejected)

    def read_sentences(reply: str) -> tuple[Understood, ...]:
        found = read_reading(reply, wanted, library)
        if found and not missing_names(found, library):
            _usable(library, _joined(reading, found), question, library.names)
        return found

    readings = ask.all(reading_messages(library, reading, wanted), READING, samples, read_sentences)
    votes = Counter(tuple(entry.statements for entry in understood) for understood in readings)
    chosen, count = votes.most_common(1)[0]
    understood = next(entry for entry in readings if tuple(item.statements for item in entry) == chosen)
    if not understood:
        return Proposals((), client.requests, tuple(rejected))
    whole = _joined(reading, understood)
    missing = missing_names(understood, library)
    if not missing:
        return Proposals((Proposal(library, whole, count),), client.requests, tuple(rejected))
    said = [text for entry in understood for text in entry.statements]

    def read(reply: str) -> tuple[Statement, ...]:
        statements = read_knowledge(reply, NEW)
        _usable(extended(library, statements), whole, question, library.names)
        return statements

    replies = ask.all(knowledge_messages(library, said, missing), KNOWLEDGE, samples, read)
    known = {*library.names, *(name for reply in replies for entry in reply for name in defined_names(entry))}
    try:
        proposals = tuple(
            Proposal(extended(library, entry.statements), whole, entry.votes, entry.claims)
            for entry in merged(replies, concentration, known)
        )
    except InvalidReplyError as error:
        raise ProposerError(Fault.INVALID, error.findings[0]) from None
    return Proposals(proposals, client.requests, tuple(rejected))


def _usable(library: Library, reading: Reading, question: str, known: Container[str] = ()) -> Library:
    """``library`` if the model that it makes with ``reading`` checks, its conditions can hold together, and the priors
    of names that are not ``known`` already lie on the scales of their glosses.
    """
    try:
        chosen = Chosen(compose(library, reading, question, ()).graph, {})
    except NesyError as error:
        raise InvalidReplyError(tuple(described(entry) for entry in error.diagnostics)) from None
    if impossible(chosen, {}):
        raise InvalidReplyError((described(contradiction(conflicting(chosen, {}))),))
    priors = implausible(chosen.graph, library.glosses, unconditioned(chosen.graph))
    doubtful = [entry.text for entry in priors if entry.name not in known]
    if doubtful:
        raise InvalidReplyError(tuple(f"{text}: is a variance given for a standard deviation?" for text in doubtful))
    return library


def _joined(reading: Reading, understood: Sequence[Understood]) -> Reading:
    """The reading with further sentences, in the order of the text."""
    order = sorted((*reading.understood, *understood), key=lambda entry: entry.sentence.number)
    numbers = {entry.sentence.number for entry in understood}
    unused = tuple(entry for entry in reading.unused if entry.sentence.number not in numbers)
    return replace(reading, understood=tuple(order), unused=unused)


@dataclass
class _Asking:
    """Asking for replies until they can be used: each is mended at most :data:`REPAIRS` times."""

    client: ChatClient
    rejected: list[str]

    def all(self, messages: Messages, form: Form, samples: int, read: Callable[[str], Found]) -> list[Found]:
        """What ``read`` makes of the replies; INVALID where it can make nothing of any."""
        found = []
        faults: list[ProposerError] = []
        for reply in self.client.complete(messages, form, samples=samples):
            try:
                found.append(self._mended(messages, form, reply, read))
            except ProposerError as error:
                faults.append(error)
        if not found:
            raise faults[-1]
        return found

    def _mended(self, messages: Messages, form: Form, reply: str, read: Callable[[str], Found]) -> Found:
        for attempt in range(REPAIRS + 1):
            try:
                return read(reply)
            except InvalidReplyError as error:
                findings = error.findings
            except ProposerError as error:
                findings = (str(error),)
            self.rejected.extend(findings)
            if attempt < REPAIRS:
                messages = repair_messages(messages, reply, findings)
                (reply,) = self.client.complete(messages, form)
        raise ProposerError(Fault.INVALID, findings[0])
