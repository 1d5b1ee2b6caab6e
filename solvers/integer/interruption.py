"""Solvers that do not notice Ctrl-C, made to stop in good order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 0.05
"""Seconds after which a solver that is still busy is asked to stop again: it may not have started yet."""


class _Call(threading.Thread, Generic[T]):
    """Runs ``work`` and keeps what comes of it. A daemon: one that was abandoned does not hold up the exit."""

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.done = threading.Event()
        """Waited for instead of :meth:`join`, which Ctrl-C leaves thinking that the thread has ended (Python 3.11)."""
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:  # raised again where the result is awaited
            self.error = error
        finally:
            self.done.set()


def interruptible(work: Callable[[], T], stop: Callable[[], None] | None) -> tuple[T | None, bool]:
    """The result of ``work``, and whether Ctrl-C has cut it short.

    Compiled code sees no KeyboardInterrupt, so it runs in a thread while this one waits. ``stop`` asks the solver to
    come back with the best so far; without it the thread is left to itself and there is no result. Outside the main
    thread, where no KeyboardInterrupt arrives, ``work`` is simply called.
    """
    if threading.current_thread() is not threading.main_thread():
        return work(), False
    call = _Call(work)
    interrupted = False
    try:
        call.start()
        call.done.wait()
    except KeyboardInterrupt:
        interrupted = True
        while stop is not None and not call.done.is_set():
            with suppress(KeyboardInterrupt):  # pressed once more: it is about to stop
                stop()
                call.done.wait(PATIENCE)
    if call.error is not None:
        raise call.error
    return call.result, interrupted
