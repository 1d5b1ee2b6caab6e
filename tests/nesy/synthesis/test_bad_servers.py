"""Servers that lie, drip, redirect or talk without end, and replies that would spoil the answer."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nesy.solvers.answer import Status
from nesy.synthesis import Settings, Synthesis, library_of, synthesise
from nesy.synthesis.libraries import Library
from nesy.synthesis.llm.cassettes import open_cassette
from nesy.synthesis.llm.client import ChatClient
from nesy.synthesis.llm.forms import json_in
from nesy.synthesis.llm.outcomes import Fault, ProposerError
from nesy.synthesis.llm.proposer import Proposals, propose
from nesy.synthesis.reading import read_sentences
from nesy.synthesis.sentences import split_sentences
from tests.nesy.synthesis.fake_server import Answer, raw, said, sentences, serving, status

KNOWLEDGE = """
type athlete.
random strength(P) : real ~ normal(50, 15) for athlete(P).
random lazy(P) : bool ~ bernoulli(0.2) for athlete(P).
gloss strength : "how strong somebody is" scale 0..100.
phrase "{P} is lazy" means athlete(P), observe lazy(P).
phrase "how strong is {P}" means athlete(P), query strength(P).
phrase "is {P} lazy" means athlete(P), query lazy(P).
"""
TEXT = "Ann is lazy. Ann lifted a hundred kilos. How strong is Ann?"
GOOD = sentences(s1=["observe strength(ann) > 70."])


@pytest.fixture(scope="module")
def library() -> Library:
    return library_of(KNOWLEDGE)


def proposed(library: Library, url: str, **options: Any) -> Proposals:
    client = ChatClient(url, "m", pause=0.0, retries=0, **options)
    return propose(client, library, read_sentences(split_sentences(TEXT), library), TEXT, samples=1)


def fault_of(found: Proposals) -> Fault:
    assert found.found == ()
    assert found.fault is not None
    return found.fault.fault


@contextmanager
def sending(pieces: Sequence[bytes], pause: float = 0.0) -> Iterator[str]:
    """A bare socket that sends these bytes whatever it is asked."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)
            except OSError:
                pass

    threading.Thread(target=answer, daemon=True).start()
    with server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_server_that_sends_a_byte_now_and_then_is_slow(library: Library) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    for pieces in ([head, *[b" "] * 100], [bytes([letter]) for letter in head]):
        with sending(pieces, pause=0.05) as url:
            assert fault_of(proposed(library, url, timeout=0.2)) is Fault.TIMEOUT


def test_a_reply_that_breaks_off_or_is_no_http(library: Library) -> None:
    body = said(GOOD)({})[1]
    with sending([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 9), body]) as url:
        assert fault_of(proposed(library, url)) is Fault.UNREACHABLE
    with sending([b"\x00\x01 not http\r\n" * 5]) as url:
        assert fault_of(proposed(library, url)) is Fault.UNREACHABLE


def test_the_key_does_not_follow_to_another_server(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NESY_LLM_KEY", "secret")
    with serving(said(GOOD)) as other:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        with sending([moved]) as url:
            assert fault_of(proposed(library, url)) is Fault.REFUSED
        assert other.headers == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (raw(b"[" * 100_000), Fault.MALFORMED),
        (said('{"a":' * 50_000), Fault.INVALID),
        (said("{" * 300_000), Fault.INVALID),
        (said('{"sentences": [{"number": true, "statements": ["observe lazy(ann)."]}]}'), Fault.INVALID),
        (said(sentences(s0=["observe not lazy(ann)."])), Fault.INVALID),
        (said(sentences(s1=["observe strength(ann, ann) > 3."])), Fault.INVALID),
        (said(sentences(s1=["athlete(1..100000000)."])), Fault.INVALID),
        (said(sentences(s1=["observe not lazy(ann)."])), Fault.INVALID),
    ],
    ids=["deep body", "deep text", "braces", "truth value", "altered condition", "unsound", "endless", "contradiction"],
)
def test_replies_that_cannot_be_used(library: Library, answer: Answer, fault: Fault) -> None:
    started = time.process_time()
    with serving(answer) as server:
        assert fault_of(proposed(library, server.url)) is fault
    assert time.process_time() - started < 5


def test_json_is_found_after_words_and_brackets() -> None:
    assert json_in('{not json} {"sentences": []}') == {"sentences": []}
    with pytest.raises(ProposerError):
        json_in("{" * 100)


def test_half_of_a_character_can_be_recorded(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "cassette.json"
    broken = json.dumps({"choices": [{"message": {"content": f"\ud800 {GOOD}"}}]})
    with serving(raw(broken.encode())) as server:
        first = proposed(library, server.url, cassette=open_cassette(path, replaying=False))
    again = proposed(library, "http://127.0.0.1:9", cassette=open_cassette(path, replaying=True))
    assert len(first.found) == 1
    assert again.found == first.found


# ----- knowledge


def knowledge(*statements: str) -> Answer:
    return said(json.dumps({"statements": statements}))


NEEDS_KNOWLEDGE = said(sentences(s1=["observe rested(ann) > 8."]))


def test_a_variance_for_a_standard_deviation_is_noticed(library: Library) -> None:
    gloss = 'gloss rested : "hours of sleep" unit "hours" scale 0..12.'
    wrong = knowledge("random rested(P) : real ~ normal(7, 49) for athlete(P).", gloss)
    right = knowledge("random rested(P) : real ~ normal(7, 1.5) for athlete(P).", gloss)
    with serving(NEEDS_KNOWLEDGE, wrong, right) as server:
        found = proposed(library, server.url)
        repair = server.requests[2]["messages"][-1]["content"]
    assert len(found.found) == 1
    # P(0 < N(7, 49²) < 12) = 0.098
    assert "rested lies on its scale, 0 to 12, with probability 0.1" in repair
    assert "variance" in repair


@pytest.mark.parametrize(
    "statements",
    [
        ["type big = 1..100000000.", "random rested(P) : real ~ normal(7, 1) for athlete(P)."],
        ["define count_up(N) = count_up(N + 1) + 1.", "define rested(P) = count_up(1) for athlete(P)."],
        ["random rested(P) : real ~ normal(7, -1) for athlete(P)."],
        ["random strength(P) : real ~ normal(7, 1) for athlete(P)."],
    ],
    ids=["huge type", "endless definition", "negative scale", "declared anew"],
)
@pytest.mark.slow
def test_knowledge_that_does_not_end_or_fit(library: Library, statements: list[str]) -> None:
    with serving(NEEDS_KNOWLEDGE, knowledge(*statements)) as server:
        assert fault_of(proposed(library, server.url)) is Fault.INVALID


# ----- the answer without the server


def answered(answer: Answer, text: str = TEXT) -> Synthesis:
    with serving(answer) as server:
        client = ChatClient(server.url, "m", pause=0.0)
        return synthesise([library_of(KNOWLEDGE)], text, Settings(influence=False, time_limit=1.0), client=client)


@pytest.mark.parametrize(
    "answer",
    [
        status(401),
        said("nothing"),
        said(sentences(s1=["observe not lazy(ann)."])),
        # impossible together, which only the run shows
        said(
            sentences(
                s1=[
                    "athlete(bob).",
                    "observe strength(ann) - strength(bob) > 1.",
                    "observe strength(bob) - strength(ann) > 1.",
                ]
            )
        ),
    ],
    ids=["refused", "invalid", "contradiction", "hidden contradiction"],
)
@pytest.mark.slow
def test_the_offline_answer_stands_and_the_reason_is_told(answer: Answer) -> None:
    found = answered(answer)
    assert found.answers.status is Status.SOLVED
    assert found.answers["strength(ann)"].posterior.mean == pytest.approx(50)
    assert [entry.sentence.text for entry in found.reading.unused] == ["Ann lifted a hundred kilos"]
    assert found.proposals is not None
    assert found.proposals.fault is not None
