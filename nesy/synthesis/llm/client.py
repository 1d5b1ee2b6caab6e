"""A client of OpenAI-compatible servers (``POST /v1/chat/completions``), by the standard library alone.

How a reply is held to its form depends on the server: ``response_format`` with a JSON schema (most),
``structured_outputs`` (vLLM), a GBNF ``grammar`` (llama.cpp), or words alone. The client begins with the first and
steps down whenever the server answers 400 or 422; only one of them is sent at a time, since some servers refuse two.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import Thread
from typing import Any, TypeVar

from nesy.synthesis.llm.cassettes import Cassette
from nesy.synthesis.llm.outcomes import Fault, ProposerError

KEYS = ("NESY_LLM_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold the key, the first that is set counts."""
LADDER = ("json_schema", "structured_outputs", "grammar", "words")
LARGEST_REPLY = 1 << 20
"""Bytes of a reply that are read at most."""
Found = TypeVar("Found")
_STEP_DOWN = (400, 404, 422)
_AGAIN = (408, 409, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Form:
    """The form of a reply: a JSON schema, and a GBNF grammar of the same texts (see :mod:`.schemas`)."""

    name: str
    schema: Mapping[str, Any]
    grammar: str


@dataclass
class ChatClient:
    """A model on a server. ``timeout`` is seconds for one request, from connecting to the last byte of the reply;
    ``retries`` the further tries of a busy server.

    ``rung`` is the place on the ladder of forms that the server is known to take.
    """

    url: str
    model: str
    timeout: float = 60.0
    retries: int = 3
    pause: float = 0.5
    temperature: float = 0.2
    seed: int = 0
    most_tokens: int = 2048
    cassette: Cassette | None = None
    rung: int = 0
    requests: int = field(default=0, init=False)

    def complete(self, messages: Sequence[Mapping[str, str]], form: Form, *, samples: int = 1) -> tuple[str, ...]:
        """The texts of ``samples`` replies to a conversation; :class:`ProposerError` where there is none."""
        found: list[str] = []
        while len(found) < samples:
            texts = self._once(messages, form, samples - len(found), self.seed + len(found))
            found.extend(texts)
        return tuple(found[:samples])

    def _once(self, messages: Sequence[Mapping[str, str]], form: Form, samples: int, seed: int) -> tuple[str, ...]:
        while True:
            request = self._request(messages, form, samples, seed)
            try:
                return _texts(self._exchange(request))
            except _SteppedDownError:
                self.rung += 1

    def _request(self, messages: Sequence[Mapping[str, str]], form: Form, samples: int, seed: int) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [dict(message) for message in messages],
            "temperature": self.temperature,
            "seed": seed,
            "max_tokens": self.most_tokens,
            "n": samples,
        }
        match LADDER[self.rung]:
            case "json_schema":
                schema = {"name": form.name, "strict": True, "schema": dict(form.schema)}
                request["response_format"] = {"type": "json_schema", "json_schema": schema}
            case "structured_outputs":
                request["structured_outputs"] = {"json": dict(form.schema)}
            case "grammar":
                request["grammar"] = form.grammar
        return request

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        recorded = None if self.cassette is None else self.cassette.find(request)
        if recorded is not None:
            if recorded.get("stepped_down"):
                raise _SteppedDownError
            return recorded
        try:
            reply = self._send(request)
        except _SteppedDownError:
            if self.cassette is not None:
                self.cassette.record(request, {"stepped_down": True})
            raise
        if self.cassette is not None:
            self.cassette.record(request, reply)
        return reply

    def _send(self, request: dict[str, Any]) -> dict[str, Any]:
        last = ""
        for attempt in range(self.retries + 1):
            if attempt:
                time.sleep(self.pause * 2 ** (attempt - 1))
            try:
                return _decoded(self._post(json.dumps(request, ensure_ascii=False).encode("utf-8", "replace")))
            except urllib.error.HTTPError as error:
                with error:
                    last = f"{error.code} {error.reason}: {error.read(500).decode('utf-8', 'replace')}".strip()
                if error.code in _STEP_DOWN and self.rung < len(LADDER) - 1:
                    raise _SteppedDownError from None
                if error.code not in _AGAIN:
                    raise ProposerError(Fault.REFUSED, f"{self.url} answers {last}") from None
        raise ProposerError(Fault.BUSY, f"{self.url} answers {last} after {self.retries + 1} tries")

    def _post(self, body: bytes) -> bytes:
        self.requests += 1
        headers = {"Content-Type": "application/json"}
        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), None)
        if key:
            headers["Authorization"] = f"Bearer {key}"
        address = f"{self.url.rstrip('/').removesuffix('/v1')}/v1/chat/completions"
        try:
            request = urllib.request.Request(address, body, headers, method="POST")
            found, missing = _within(self.timeout, partial(_fetched, request, self.timeout))
        except urllib.error.HTTPError:
            raise
        except TimeoutError as error:
            raise ProposerError(Fault.TIMEOUT, f"no answer from {address} within {self.timeout:g} s") from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise ProposerError(Fault.TIMEOUT, f"no answer from {address} within {self.timeout:g} s") from None
            raise ProposerError(Fault.UNREACHABLE, f"{address}: {error.reason}") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ProposerError(Fault.UNREACHABLE, f"{address}: {error or type(error).__name__}") from None
        if len(found) > LARGEST_REPLY:
            raise ProposerError(Fault.TOO_LARGE, f"the reply is longer than {LARGEST_REPLY} bytes")
        if missing:
            raise ProposerError(Fault.UNREACHABLE, f"{address}: the reply broke off, {missing} bytes before its end")
        return found


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Redirections are refused: they would take the key to another server."""

    def redirect_request(self, *_: object) -> None:
        return None


def _fetched(request: urllib.request.Request, timeout: float) -> tuple[bytes, int]:
    """The body of the answer, one byte more than is read at most; and how many bytes it was announced to be longer."""
    with urllib.request.build_opener(_StayHere).open(request, timeout=timeout) as response:
        found: bytes = response.read(LARGEST_REPLY + 1)
        return found, response.length or 0


def _within(seconds: float, work: Callable[[], Found]) -> Found:
    """What ``work`` returns or raises; TimeoutError if that takes longer.

    The time limit of sockets holds for each piece that arrives, so a server that sends a byte now and then would never
    be too late. The thread of such a server is left behind; it ends with the process.
    """
    done: Future[Found] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, daemon=True).start()
    return done.result(timeout=seconds)


class _SteppedDownError(Exception):
    """The server does not take the form that was asked for."""


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ProposerError(Fault.MALFORMED, f"the reply is no JSON: {body[:80]!r}") from None
    if not isinstance(found, dict):
        raise ProposerError(Fault.MALFORMED, f"the reply is no JSON object: {str(found)[:80]}")
    return found


def _texts(reply: Mapping[str, Any]) -> tuple[str, ...]:
    """The texts of a reply's choices; those that were cut off do not count."""
    choices = reply.get("choices")
    if not isinstance(choices, list) or not choices:
        raise ProposerError(Fault.MALFORMED, "the reply has no choices")
    texts: list[str] = []
    cut = 0
    for choice in choices:
        message = choice.get("message") if isinstance(choice, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(choice, dict) and choice.get("finish_reason") == "length":
            cut += 1
        elif isinstance(content, str) and content.strip():
            # half of a pair of surrogates is no character, and could not be written anywhere
            texts.append(content.encode("utf-8", "replace").decode("utf-8"))
    if not texts:
        if cut:
            raise ProposerError(Fault.TRUNCATED, "the reply was cut off (finish_reason is 'length')")
        raise ProposerError(Fault.MALFORMED, "the reply's choices hold no text")
    return tuple(texts)
