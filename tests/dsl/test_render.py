"""How diagnostics look."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from nesy.dsl.diagnostics import Diagnostic, Label, NesyError
from nesy.dsl.parsing.parser import parse
from nesy.dsl.render import print_diagnostics, render
from nesy.dsl.span import Span


def drawn(text: str) -> str:
    with pytest.raises(NesyError) as caught:
        parse(text, "grid.nesy")
    return render(caught.value)


def test_an_error_with_caret_and_hint() -> None:
    assert drawn("type row = 1..9.\na :- b == 3.") == (
        "error[E106]: '==' is not a sign of this language\n"
        "  --> grid.nesy:2:8\n"
        "   |\n"
        " 2 | a :- b == 3.\n"
        "   |        ^^\n"
        "   = hint: write a single '='\n"
    )


def test_labels_on_the_same_line_and_on_another() -> None:
    assert drawn("a(b,\n  c].") == (
        "error[E103]: ']' stands where ')' is needed\n"
        "  --> grid.nesy:2:4\n"
        "   |\n"
        " 2 |   c].\n"
        "   |    ^\n"
        " 1 | a(b,\n"
        "   |  - opened here\n"
        "   = hint: close with ')' first\n"
    )
    assert drawn("a(b].").splitlines()[3:6] == [" 1 | a(b].", "   |    ^", "   |  - opened here"]


def test_several_errors_are_sorted_and_apart() -> None:
    text = drawn("a b.\nc d.")
    assert text.index("grid.nesy:1:3") < text.index("\n\nerror") < text.index("grid.nesy:2:3")


def test_tabs_wide_letters_and_control_characters() -> None:
    lines = drawn('\tx("日本", \x1b[31m).').splitlines()
    assert lines[3] == ' 1 |     x("日本", \N{REPLACEMENT CHARACTER}[31m).'
    assert lines[4].index("^") == 5 + 4 + len('x("') + 4 + len('", ')
    assert "\x1b" not in drawn("\x1b[31m")


def test_long_lines_are_cropped_around_the_caret() -> None:
    lines = drawn(" " * 500 + "a b." + " " * 500 + "c.").splitlines()
    assert lines[3].startswith(" 1 | …")
    assert lines[3].endswith("…")
    assert lines[3][lines[4].index("^")] == "b"
    assert len(lines[3]) < 140


def test_places_outside_of_rule_files() -> None:
    diagnostic = Diagnostic("E401", "the row sums to 0.9", place="evidence.json: cell(1,1)", hint="normalise it")
    assert render([diagnostic]) == (
        "error[E401]: the row sums to 0.9\n  --> evidence.json: cell(1,1)\n   = hint: normalise it\n"
    )


def test_lines_are_read_from_disk_when_the_text_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "grid.nesy"
    path.write_text("first.\nsecond.\n", encoding="utf-8")
    diagnostic = Diagnostic(
        "W201", "unused", Span(str(path), 2, 1, 2, 7), labels=(Label(Span("gone", 7, 2, 7, 3), "x"),)
    )
    text = render([diagnostic])
    assert " 2 | second.\n" in text
    assert "warning[W201]" in text
    assert "7:2 x" in text
    assert " 2 | other." in render([diagnostic], {str(path): "\nother."})


def test_colours() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    print_diagnostics([Diagnostic("E101", "[bold]no markup[/bold]")], console=console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert "\x1b[1;31merror[E101]" in text
    assert "[bold]no markup[/bold]" in text
