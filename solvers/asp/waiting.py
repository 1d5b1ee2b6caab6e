"""Waiting for clasp in small steps: Ctrl-C reaches Python only between calls into compiled code."""

from __future__ import annotations

import time

import clingo

STEP = 0.1
"""Seconds of one call."""


def ready(handle: clingo.SolveHandle, seconds: float | None) -> bool:
    """Wait for the next result; False if there is none within ``seconds`` (None: as long as it takes)."""
    until = None if seconds is None else time.perf_counter() + seconds
    while True:
        left = STEP if until is None else min(STEP, max(0.0, until - time.perf_counter()))
        if handle.wait(left):
            return True
        if until is not None and time.perf_counter() >= until:
            return False
