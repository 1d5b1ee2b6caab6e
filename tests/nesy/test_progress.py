"""The progress bar: there while work is done, gone afterwards, never in a pipe."""

from __future__ import annotations

import io

from rich.console import Console

from nesy.progress import ProgressBar


def work(console: Console) -> None:
    bar = ProgressBar(console)
    bar.advance()  # nothing has begun: nothing to show
    for task, total in (("training", 10), ("downloading", None)):
        bar.start(task, total)
        bar.advance(5, "epoch 1")
        bar.advance(5)
        bar.finish()
    bar.finish()


def test_a_terminal_shows_the_task_and_its_note() -> None:
    file = io.StringIO()
    work(Console(file=file, force_terminal=True, width=80))
    shown = file.getvalue()
    assert "training" in shown
    assert "downloading" in shown
    assert "epoch 1" in shown


def test_a_pipe_shows_nothing() -> None:
    file = io.StringIO()
    work(Console(file=file, force_terminal=False, width=80))
    assert file.getvalue().strip() == ""
