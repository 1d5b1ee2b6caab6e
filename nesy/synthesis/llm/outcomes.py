"""What can go wrong with a server, as one typed outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Why there is no usable reply."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke off."""
    TIMEOUT = "timeout"
    REFUSED = "refused"
    """The server answered with an error status that another try would not mend."""
    BUSY = "busy"
    """The server kept answering 429 or 5xx."""
    MALFORMED = "malformed"
    """The answer is not what the protocol says, or holds no JSON of the form that was asked for."""
    TRUNCATED = "truncated"
    """The reply ended before it was complete."""
    TOO_LARGE = "too large"
    NOT_RECORDED = "not recorded"
    """The cassette that is replayed holds no such request."""
    INVALID = "invalid"
    """The reply's statements do not parse or check, after all repairs."""


@dataclass(eq=False)
class ProposerError(Exception):
    """A fault and what was seen of it. The offline answer takes over; the report says why."""

    fault: Fault
    detail: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.detail}"
