"""``nesy check`` and ``nesy fmt``."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.nesy.cli.commands import nesy

GOOD = "type digit = 0..9.\n\npercept a : digit.\n\nquery a.\n"
UGLY = "type digit=0..9.   % digits\npercept a:digit.\n\n\nquery a."
WRONG = "type digit = 0..9.\npercept a : digt.\nquery b.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("good.nesy", GOOD), ("ugly.nesy", UGLY), ("wrong.nesy", WRONG), ("broken.nesy", "type a = ")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("folder")
class TestCheck:
    def test_good_files(self) -> None:
        done = nesy("check", "good.nesy", "ugly.nesy")
        assert (done.status, done.out, done.err) == (0, "good.nesy: no errors\nugly.nesy: no errors\n", "")

    def test_all_errors_of_all_files(self) -> None:
        done = nesy("check", "wrong.nesy", "good.nesy", "broken.nesy")
        assert done.status == 1
        assert done.out == "good.nesy: no errors\n"
        for part in (
            "--> wrong.nesy:2:13",
            "--> wrong.nesy:3:7",
            "--> broken.nesy:1",
            "2 | percept a : digt.",
            "'digit'",
        ):
            assert part in done.err

    def test_json(self) -> None:
        done = nesy("check", "wrong.nesy", "--json")
        (data,) = done.data
        assert (done.status, done.err) == (1, "")
        assert [(entry["file"], entry["line"]) for entry in data["diagnostics"]] == [
            ("wrong.nesy", 2),
            ("wrong.nesy", 3),
        ]
        assert nesy("check", "good.nesy", "--json").data == [{"diagnostics": []}]

    def test_standard_input(self) -> None:
        assert nesy("check", "-", stdin=GOOD).out == "-: no errors\n"
        done = nesy("check", "-", stdin=WRONG)
        assert done.status == 1
        assert "<stdin>:2:13" in done.err
        assert "2 | percept a : digt." in done.err
        assert "E131" in nesy("check", "-", stdin=b"\xff").err

    def test_missing_files(self) -> None:
        done = nesy("check", "none.nesy", ".")
        assert done.status == 1
        assert "E130" in done.err
        assert "E132" in done.err

    def test_warnings_leave_the_status(self) -> None:
        done = nesy("check", "-", stdin="type t = 1..3.\n" + GOOD)
        assert (done.status, done.out) == (0, "-: no errors, 1 warning\n")
        assert "warning[W" in done.err

    def test_constants_and_facts(self, folder: Path) -> None:
        (folder / "c.nesy").write_text("const n = 2. relation e(1..n). percept a(X) : bool for e(X). query a(_).")
        (folder / "e.csv").write_text("3\n")
        assert nesy("check", "c.nesy", "--facts", "e=e.csv", "--const", "n=3").status == 0
        done = nesy("check", "c.nesy", "--facts", "e=e.csv")
        assert done.status == 1
        assert "--> e.csv:1:1" in done.err
        assert "1 | 3" in done.err

    @pytest.mark.parametrize("option", [("--const", "n"), ("--const", "=3"), ("--const", "n="), ("--facts", "e")])
    def test_wrong_usage(self, option: tuple[str, str]) -> None:
        done = nesy("check", "good.nesy", *option)
        assert done.status == 2
        assert "NAME=VALUE" in done.err

    def test_no_files_and_given_twice(self) -> None:
        assert nesy("check").status == 2
        assert nesy("check", "good.nesy", "--const", "n=1", "--const", "n=2").status == 2

    def test_codes_are_explained(self) -> None:
        done = nesy("check", "--explain", "e402")
        assert done.status == 0
        assert done.out.startswith("E402 no evidence on a percept\n")
        assert "Cure:" in done.out
        assert "Wrong:\n    " in nesy("check", "--explain", "E201").out
        assert nesy("check", "--explain", "E402", "--json").data[0]["code"] == "E402"
        assert nesy("check", "--explain", "E4O2").status == 2


@pytest.mark.usefixtures("folder")
class TestFormat:
    def test_in_place(self, folder: Path) -> None:
        (folder / "ugly.nesy").chmod(0o640)
        assert nesy("fmt", "ugly.nesy", "good.nesy").status == 0
        text = (folder / "ugly.nesy").read_text()
        assert text.startswith("type digit = 0..9.")
        assert "% digits" in text
        assert stat.S_IMODE((folder / "ugly.nesy").stat().st_mode) == 0o640
        assert (folder / "good.nesy").read_text() == GOOD
        assert nesy("fmt", "--check", "ugly.nesy").status == 0
        assert sorted(path.name for path in folder.iterdir()) == ["broken.nesy", "good.nesy", "ugly.nesy", "wrong.nesy"]

    def test_check_and_diff_change_nothing(self, folder: Path) -> None:
        done = nesy("fmt", "--check", "ugly.nesy", "good.nesy")
        assert (done.status, done.err) == (1, "ugly.nesy would be formatted\n")
        done = nesy("fmt", "--diff", "ugly.nesy")
        assert done.status == 0
        assert "-percept a:digit.\n" in done.out
        assert "+percept a : digit.\n" in done.out
        assert "\\ No newline at end of file" in done.out
        assert nesy("fmt", "--diff", "--check", "ugly.nesy").status == 1
        assert (folder / "ugly.nesy").read_text() == UGLY

    def test_standard_input_goes_to_standard_output(self) -> None:
        assert nesy("fmt", "-", stdin=GOOD).out == GOOD
        assert nesy("fmt", "-", "--check", stdin=UGLY).status == 1

    def test_names_need_not_be_known(self) -> None:
        assert nesy("fmt", "wrong.nesy").status == 0

    def test_broken_files_stay_as_they_are_and_the_others_are_formatted(self, folder: Path) -> None:
        done = nesy("fmt", "broken.nesy", "ugly.nesy", "none.nesy")
        assert done.status == 1
        assert "broken.nesy:1" in done.err
        assert "E130" in done.err
        assert (folder / "broken.nesy").read_text() == "type a = "
        assert (folder / "ugly.nesy").read_text() != UGLY

    def test_links_are_followed(self, folder: Path) -> None:
        (folder / "link.nesy").symlink_to("ugly.nesy")
        assert nesy("fmt", "link.nesy").status == 0
        assert (folder / "link.nesy").is_symlink()
        assert (folder / "ugly.nesy").read_text() != UGLY
