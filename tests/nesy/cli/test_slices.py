"""A batch in parts: all of it, in order, and a bar only where somebody sees it."""

from __future__ import annotations

import io

import pytest
import torch

from nesy.cli.slices import slices


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_the_parts_are_the_batch(stream: type[io.StringIO], size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = stream()
    monkeypatch.setattr("sys.stderr", shown)
    batch = {"a": torch.arange(14).reshape(7, 2), "b": torch.arange(7)}
    parts = list(slices(batch, size))
    assert all(len(part["a"]) == len(part["b"]) <= size for part in parts)
    assert {name: torch.cat([part[name] for part in parts]).tolist() for name in batch} == {
        name: tensor.tolist() for name, tensor in batch.items()
    }
    assert ("answering" in shown.getvalue()) == (shown.isatty() and len(parts) > 1)


def test_a_program_without_percepts_has_one_part() -> None:
    assert list(slices({}, 10)) == [{}]
