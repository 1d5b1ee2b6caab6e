"""A progress bar on standard error, for whatever takes long; nothing is drawn where that is no terminal."""

from __future__ import annotations

import rich.progress
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn


class ProgressBar:
    """Shows one piece of work after the other; see :class:`nesy.perception.progress.Progress`."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bar: rich.progress.Progress | None = None
        self._task = TaskID(0)

    def start(self, task: str, total: int | None) -> None:
        """A bar for ``task``; it vanishes when the task has ended."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
        )
        self._bar = rich.progress.Progress(*columns, console=self._console, transient=True)
        self._task = self._bar.add_task(task, total=total, note="")
        self._bar.start()

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Move on; an empty ``note`` leaves the last one."""
        if self._bar is not None:
            self._bar.update(self._task, advance=steps)
            if note:
                self._bar.update(self._task, note=note)

    def finish(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
