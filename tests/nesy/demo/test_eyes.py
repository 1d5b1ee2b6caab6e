"""Which images are taken, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nesy.demo import eyes
from nesy.dsl.diagnostics import Diagnostic, NesyError


@pytest.fixture(autouse=True)
def nothing_on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NESY_DATA", raising=False)
    monkeypatch.setenv("NESY_CACHE", str(tmp_path / "cache"))


def located(monkeypatch: pytest.MonkeyPatch, outcome: Path | str) -> list[bool]:
    """Replace the search for files; returns the list in which each search notes whether it might download."""
    asked: list[bool] = []

    def locate(source: object, folder: object, *, download: bool, progress: object) -> tuple[Path, ...]:
        asked.append(download)
        if isinstance(outcome, str):
            raise NesyError(Diagnostic(outcome, "not there"))
        return (outcome / "images", outcome / "labels")

    monkeypatch.setattr(eyes, "locate", locate)
    return asked


def test_by_default_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = located(monkeypatch, "E461")
    name, reason = eyes.find_images(None, None)
    assert name == "digits"
    assert "MNIST is not on this machine, and --data mnist would fetch it" in reason
    assert asked == [False]


def test_mnist_is_taken_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    located(monkeypatch, tmp_path)
    assert eyes.find_images(None, None) == ("mnist", f"found in {tmp_path}")


def test_mnist_is_fetched_when_asked_for_and_replaced_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = located(monkeypatch, "E461")
    name, reason = eyes.find_images("mnist", None)
    assert name == "digits"
    assert "neither on this machine nor to be downloaded" in reason
    assert asked == [True]


def test_damaged_files_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    located(monkeypatch, "E462")
    with pytest.raises(NesyError):
        eyes.find_images(None, None)


def test_digits_need_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = located(monkeypatch, "E461")
    assert eyes.find_images("digits", None) == ("digits", "as asked, bundled with scikit-learn")
    assert asked == []
