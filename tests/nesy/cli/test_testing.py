"""``nesy test`` on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.nesy.cli.commands import nesy


def test_what_grounding_remarks_is_drawn_once_for_each_file(tmp_path: Path) -> None:
    path = tmp_path / "remarks.nesy"
    path.write_text(
        "percept a(1..2) : 0..2.\nconcept c : bool.\n"
        "if a(I) = 1 then c where I > 5.\nc iff a(1) = 1.\nquery c.\n"
        "expect c given a(1) = 1.\nexpect impossible c given a(1) = 0.\n"
    )
    done = nesy("test", path)
    assert (done.status, done.out) == (0, f"{path}: 2 passed\n")
    assert done.err.count("W518") == 1
    assert done.err.count("remarks.nesy:3:1") == 1
    assert nesy("test", path, "--json").data[0]["passed"] == 2
