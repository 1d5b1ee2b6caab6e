"""A chat-completions server on a loopback port that plays a script, for tests of the proposer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], tuple[int, bytes]]


def said(*texts: str, finish: str = "stop") -> Answer:
    """A good answer with these texts as choices."""
    choices = [{"message": {"role": "assistant", "content": text}, "finish_reason": finish} for text in texts]
    return lambda request: (200, json.dumps({"choices": choices}).encode())


def sentences(**statements: Sequence[str]) -> str:
    """The text of a reading: ``sentences(s0=["observe a."])``."""
    entries = [{"number": int(name[1:]), "statements": list(texts)} for name, texts in statements.items()]
    return json.dumps({"sentences": entries})


def status(code: int, body: bytes = b"no") -> Answer:
    """An answer with an error status."""
    return lambda request: (code, body)


def raw(body: bytes) -> Answer:
    """An answer whose body is this."""
    return lambda request: (200, body)


def late(seconds: float) -> Answer:
    """An answer that comes too late."""

    def answer(request: dict[str, Any]) -> tuple[int, bytes]:
        time.sleep(seconds)
        return 200, b"{}"

    return answer


def picky(*refused: str, then: Answer) -> Answer:
    """Answers 400 to requests that hold one of ``refused`` keys, and ``then`` to others."""
    return lambda request: (400, b"unsupported") if any(key in request for key in refused) else then(request)


@dataclass
class Script:
    """What the server answers, one entry after the other (the last one again and again), and what it was asked."""

    answers: Sequence[Answer]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(*answers: Answer) -> Iterator[Script]:
    """A server for the time of a test."""
    script = Script(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            script.requests.append(request)
            script.headers.append(dict(self.headers))
            place = min(len(script.requests), len(script.answers)) - 1
            code, body = script.answers[place](request)
            try:
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
