"""Files appear whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import BinaryIO

import pytest

from nesy.dsl.files import replace_file


def interrupted(stream: BinaryIO) -> None:
    stream.write(b"half")
    raise KeyboardInterrupt


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, lambda stream: stream.write(b"old"))
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, interrupted)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_permissions_are_kept_and_new_files_follow_the_umask(tmp_path: Path) -> None:
    old, new, plain = tmp_path / "old", tmp_path / "new", tmp_path / "plain"
    old.write_text("old")
    old.chmod(0o640)
    plain.write_text("plain")
    for path in (old, new):
        replace_file(path, lambda stream: stream.write(b"content"))
    assert old.stat().st_mode & 0o7777 == 0o640
    assert new.stat().st_mode == plain.stat().st_mode


def test_links_stay_links(tmp_path: Path) -> None:
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_text("old")
    link.symlink_to(path)
    replace_file(link, lambda stream: stream.write(b"new"))
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


def test_pipes_are_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=replace_file, args=(pipe, lambda stream: stream.write(b"content")))
    writer.start()
    assert pipe.read_bytes() == b"content"
    writer.join()
    assert names(tmp_path) == ["pipe"]


@pytest.mark.parametrize("path", [".", "missing/file", "file\0name"])
def test_what_cannot_be_written(tmp_path: Path, path: str) -> None:
    with pytest.raises((OSError, ValueError)):
        replace_file(f"{tmp_path}/{path}", lambda stream: stream.write(b"content"))
    assert names(tmp_path) == []
