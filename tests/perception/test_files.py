"""What perception writes goes where it is told, folders included."""

from __future__ import annotations

from pathlib import Path

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.perception.files import write_atomically


def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "some" / "folder" / "file"
    write_atomically(path, lambda stream: stream.write(b"content"))
    assert path.read_bytes() == b"content"


def test_folders_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NesyError) as caught:
        write_atomically(tmp_path / "file" / "inner", lambda stream: stream.write(b""))
    (found,) = caught.value.diagnostics
    assert found.code == "E476"
    assert "NESY_CACHE" in found.hint
