"""What the paper reports, with how well each figure is known.

Leiva, Ngu, Kricheli, Taparia, Senanayake, Shakarian, Bastian, Corcoran and Simari, arXiv 2505.19361 (AAAI-26): six DeTR
detectors, one for each weather of simulated aerial images, four classes, fifteen test sets. Relative to the best single
model of each set, mean over the sets, in per cent.
"""

from __future__ import annotations

from dataclasses import dataclass

ABSTRACT = "abstract"
NOTE = "a public note on the paper, not checked against it"


@dataclass(frozen=True, slots=True)
class Published:
    """F1 and accuracy of one method relative to the best single model, in per cent."""

    f1: float
    accuracy: float
    source: str


PUBLISHED: dict[str, Published] = {
    "model mean": Published(-13.0, -16.6, NOTE),
    "strict majority": Published(-38.7, -30.2, NOTE),
    "IP + tie-breaker": Published(13.6, 16.6, ABSTRACT),
    "heuristic + tie-breaker": Published(8.2, 10.1, NOTE),
}
"""By the name that the method has here."""
