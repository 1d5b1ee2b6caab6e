"""Cassettes: requests and replies of a run in a file, so that it can be repeated without the server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.dsl.files import replace_file
from nesy.synthesis.llm.outcomes import Fault, ProposerError


def fingerprint(request: Mapping[str, Any]) -> str:
    """The SHA-256 of a request's canonical JSON."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass
class Cassette:
    """The replies by request. ``replaying``: what is not in the file is refused instead of sent."""

    path: Path
    replaying: bool
    replies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _played: dict[str, int] = field(default_factory=dict)

    def find(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The recorded reply; None where it has to be asked for. A repeated request gets the replies in order."""
        key = fingerprint(request)
        place = self._played.get(key, 0)
        recorded = self.replies.get(key, [])
        if place < len(recorded):
            self._played[key] = place + 1
            return recorded[place]
        if self.replaying:
            raise ProposerError(Fault.NOT_RECORDED, f"{self.path} holds no reply to the request {key[:12]}")
        return None

    def record(self, request: Mapping[str, Any], reply: dict[str, Any]) -> None:
        """Keep a reply and write the file whole."""
        key = fingerprint(request)
        self.replies.setdefault(key, []).append(reply)
        self._played[key] = len(self.replies[key])
        text = json.dumps({"replies": self.replies}, indent=1, ensure_ascii=False, sort_keys=True)
        replace_file(self.path, lambda stream: stream.write(f"{text}\n".encode("utf-8", "backslashreplace")))


def open_cassette(path: str | Path, *, replaying: bool) -> Cassette:
    """The cassette in a file; E621 where it cannot be read or is none."""
    place = Path(path)
    if not place.exists() and not replaying:
        return Cassette(place, replaying)
    try:
        held = json.loads(place.read_text(encoding="utf-8"))
        replies = {str(key): [dict(entry) for entry in entries] for key, entries in held["replies"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"'{place}' cannot be read as a cassette: {reason_of(error)}"
        hint = "a cassette is a file that an earlier run wrote with --record"
        raise NesyError(Diagnostic("E621", message, hint=hint, place="--replay")) from None
    return Cassette(place, replaying, replies)
