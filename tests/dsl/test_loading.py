"""Files: includes, cycles, and files that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from nesy.dsl import load, load_text
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import ClingoStatement, Rule


def errors(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(NesyError) as caught:
        load(path)
    return caught.value.diagnostics


def write(folder: Path, **texts: str) -> Path:
    """Write ``name.nesy`` files; the path of the first is returned."""
    paths = [folder / f"{name}.nesy" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths[0]


def heads(path: Path) -> list[str]:
    return [str(getattr(statement, "head", statement).name) for statement in load(path).statements]  # type: ignore[union-attr]


def test_included_statements_stand_where_the_include_stood(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "deeper.nesy").write_text("d.\n", encoding="utf-8")
    main = write(
        tmp_path,
        main='a. include "one.nesy". c. % main\n',
        one='% one\nb. include "parts/deeper.nesy".',
    )
    program = load(main)
    assert heads(main) == ["a", "b", "d", "c"]
    assert [Path(statement.span.file).name for statement in program.statements] == [
        "main.nesy",
        "one.nesy",
        "deeper.nesy",
        "main.nesy",
    ]
    assert [comment.text for comment in program.comments] == ["% main", "% one"]
    assert [Path(file).name for file, _ in program.sources] == ["main.nesy", "one.nesy", "deeper.nesy"]


def test_a_file_is_read_once(tmp_path: Path) -> None:
    left, right = 'include "s.nesy". l.', 'include "./s.nesy". r.'
    main = write(tmp_path, main='include "l.nesy". include "r.nesy". m.', l=left, r=right, s="s.")
    assert heads(main) == ["s", "l", "r", "m"]


def test_clingo_files_are_read_statement_by_statement(tmp_path: Path) -> None:
    main = write(tmp_path, main='include "rules.lp". a.')
    (tmp_path / "rules.lp").write_text('% one\np(1..3).\n#include "more.lp".\n#show.', encoding="utf-8")
    (tmp_path / "more.lp").write_text('#include "rules.lp".', encoding="utf-8")
    assert [error.code for error in errors(main)] == ["E134"]
    (tmp_path / "more.lp").write_text("q :- p(X), not\n  p(4).", encoding="utf-8")
    first, second, _ = load(main).statements
    assert isinstance(first, ClingoStatement)
    assert isinstance(second, ClingoStatement)
    assert (first.text, first.span.line, second.text) == ("p(1..3).", 2, "q :- p(X), not p(4).")
    assert (Path(second.span.file).name, second.span.end_line) == ("more.lp", 2)
    (tmp_path / "more.lp").write_text("q :- p(1", encoding="utf-8")
    assert [error.code for error in errors(main)] == ["E546"]


def test_cycles_are_shown(tmp_path: Path) -> None:
    main = write(tmp_path, main='include "b.nesy".', b='\ninclude "c.nesy".', c='include "b.nesy".')
    (error,) = errors(main)
    assert error.code == "E134"
    assert error.message.count("→") == 2
    assert Path(error.span.file).name == "c.nesy"
    assert [(Path(label.span.file).name, label.span.line) for label in error.labels] == [("b.nesy", 2)]
    assert errors(write(tmp_path, self='include "self.nesy".'))[0].code == "E134"


def test_errors_of_all_files_are_reported(tmp_path: Path) -> None:
    main = write(tmp_path, main='include "b.nesy". include "none.nesy".', b="a b.\nc d.")
    assert [error.code for error in errors(main)] == ["E101", "E101", "E133"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (missing,) = errors(tmp_path / "none.nesy")
    assert (missing.code, missing.place) == ("E130", str(tmp_path / "none.nesy"))
    (tmp_path / "bytes.nesy").write_bytes(b"a.\n\xff\xfe.")
    (encoding,) = errors(tmp_path / "bytes.nesy")
    assert encoding.code == "E131"
    assert "byte 3" in encoding.message
    assert errors(tmp_path)[0].code == "E132"
    assert errors(tmp_path / "a\0b")[0].code == "E132"
    main = write(tmp_path, main='include ".". include "a\0b". include "bytes.nesy".')
    assert sorted(error.code for error in errors(main)) == ["E131", "E132", "E132"]


def test_byte_order_marks_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "windows.nesy"
    path.write_bytes(b"\xef\xbb\xbfa. % x\r\nb.\r\n")
    program = load(path)
    assert [statement.span.line for statement in program.statements] == [1, 2]
    assert program.comments[0].text == "% x"
    assert isinstance(program.statements[0], Rule)


def test_text_finds_what_it_includes_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "inner.nesy").write_text("percept a : 1..3.\n")
    program = load_text('include "inner.nesy".\nquery a.', "<text>", tmp_path)
    assert [type(statement).__name__ for statement in program.statements] == ["PerceptDeclaration", "Query"]
    assert [name for name, _ in program.sources] == ["<text>", str(tmp_path / "inner.nesy")]
    with pytest.raises(NesyError) as caught:
        load_text('include "none.nesy".', "<text>", tmp_path)
    assert [(found.code, found.span.file) for found in caught.value.diagnostics] == [("E133", "<text>")]
