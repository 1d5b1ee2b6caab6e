"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.perception.files import write_atomically


def interrupted(stream: BinaryIO) -> None:
    stream.write(b"half")
    raise KeyboardInterrupt


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_atomically(path, lambda stream: stream.write(b"old"))
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, interrupted)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_folders_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NesyError) as caught:
        write_atomically(tmp_path / "file" / "inner", lambda stream: stream.write(b""))
    (found,) = caught.value.diagnostics
    assert found.code == "E476"
    assert "NESY_CACHE" in found.hint
