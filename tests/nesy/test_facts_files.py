"""Facts from tables, rule files and Python values."""

from __future__ import annotations

from pathlib import Path

import pytest

import nesy
from nesy.dsl.diagnostics import NesyError

PROGRAM = """
type node.
type colour = {red, green, "7"}.
relation edge(node, node).
relation weight(node, 0..9).
relation hidden(node).
relation paint(node, colour).
relation spot((1..2, 1..2), bool).
heavy(X) :- weight(X, W), W > 4, not hidden(X).
percept lamp(X, Y) : bool for edge(X, Y).
query lamp(_, _).
query heavy(_).
:- paint(X, red), spot(_, true), edge(X, X).
"""


def facts(**sources: object) -> dict[str, tuple[object, ...]]:
    return dict(nesy.load(PROGRAM, facts=sources).ground().facts)  # type: ignore[arg-type]


def codes(**sources: object) -> list[str]:
    with pytest.raises(NesyError) as caught:
        nesy.load(PROGRAM, facts=sources)  # type: ignore[arg-type]
    return [found.code for found in caught.value.diagnostics]


def table(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_csv(tmp_path: Path) -> None:
    path = table(tmp_path, '#from,to\na,b\n\n b ,"x, y"\n"a","line\nbreak"\n')
    assert facts(edge=path)["edge"] == (("a", "b"), ("a", "line\nbreak"), ("b", "x, y"))


def test_tsv_and_numbers(tmp_path: Path) -> None:
    path = table(tmp_path, "a\t7\nb\t2\n", "t.tsv")
    assert facts(weight=path)["heavy"] == (("a",),)


def test_decimal_numbers(tmp_path: Path) -> None:
    """They arrive as the float64 of their text; what is no finite number is a name, which a type ``real`` refuses."""
    text = "relation height(name, real). type name. random b : real ~ normal(0, 1). query b. query any height(X, Y)."
    rows = "ann,1.73\nbob,-.5\ncal,2.\ndan,1e-3\neve,0.1\nfay,7\n"
    for source in (
        table(tmp_path, rows),
        [("ann", 1.73), ("bob", -0.5), ("cal", 2.0), ("dan", 1e-3), ("eve", 0.1), ("fay", 7)],
    ):
        engine = nesy.load(text, facts={"height": source}).compile("probabilistic")  # type: ignore[dict-item]
        assert [row[1] for row in engine.model.facts["height"]] == [1.73, -0.5, 2.0, 1e-3, 0.1, 7]
    for cell in ("nan", "1e999", "1_000", "1.5.2", "inf"):
        with pytest.raises(NesyError) as caught:
            nesy.load(text, facts={"height": table(tmp_path, f"ann,1.73\nbob,{cell}\n")})
        (found,) = caught.value.diagnostics
        assert (found.code, found.span.line, found.span.column) == ("E208", 2, 5)
        assert cell in found.message


def test_declared_types_decide_what_a_cell_is(tmp_path: Path) -> None:
    program = nesy.load(
        PROGRAM,
        facts={
            "paint": table(tmp_path, "a,7\nb,red\n"),
            "spot": table(tmp_path, '"(1,2)",true\n', "s.csv"),
            "hidden": table(tmp_path, "a\n", "h.csv"),
        },
    )
    found = [str(rule.head) for rule in program.facts]
    assert len(found) == 4
    assert "Text(value='7')" in found[0]
    assert "TupleTerm" in found[2]


def test_rule_files(tmp_path: Path) -> None:
    path = table(tmp_path, "edge(a, b).  % a comment\nedge(b, a).\n", "facts.lp")
    assert facts(edge=path)["edge"] == (("a", "b"), ("b", "a"))


def test_python_values() -> None:
    found = facts(edge=[("a", "b"), ("b", "c")], weight=[("a", 9), ("b", 8)], hidden=["b"])
    assert found["edge"] == (("a", "b"), ("b", "c"))
    assert found["heavy"] == (("a",),)


def test_names_are_not_taken_for_constants(tmp_path: Path) -> None:
    program = nesy.load(
        "const a = b.  type node.  relation edge(node, node).  query edge(_, _).",
        facts={"edge": table(tmp_path, "a,b\n")},
    )
    assert program.checked.types["node"].values == ("a", "b")


def test_unknown_relation() -> None:
    with pytest.raises(NesyError) as caught:
        nesy.load(PROGRAM, facts={"edg": [("a", "b")], "lamp": []})
    first, second = caught.value.diagnostics
    assert (first.code, first.hint) == ("E420", "the nearest known name is 'edge'")
    assert second.code == "E420"


def test_values_outside_the_type_are_told_with_their_place(tmp_path: Path) -> None:
    path = table(tmp_path, "a,1\nb,12\nc,x\n")
    with pytest.raises(NesyError) as caught:
        nesy.load(PROGRAM, facts={"weight": path})
    assert [(found.code, found.span.line, found.span.column) for found in caught.value.diagnostics] == [
        ("E207", 2, 3),
        ("E207", 3, 3),
    ]
    assert dict(caught.value.sources)[str(path)].startswith("a,1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\na\n", ["E421"]),
        ("a,b\na,b,c\n", ["E421"]),
        ("a,\n", ["E421"]),
        ('a,"b\n', ["E416"]),
        ('a,"b"c\n', ["E416"]),
    ],
)
def test_rows_that_do_not_fit(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert codes(edge=table(tmp_path, text)) == expected


def test_facts_that_no_rule_would_see() -> None:
    program = "edge(a, b). reach(X) :- edge(_, X). query reach(b)."
    with pytest.raises(NesyError) as caught:
        nesy.load(program, facts={"edge": [("c",), ("a", "c")]})
    (found,) = caught.value.diagnostics
    assert (found.code, found.place) == ("E421", "<facts edge>:1")
    assert found.message == "the fact has 1 argument, but the rule file uses 'edge' with 2"


def test_headers_over_numbers_are_noticed(tmp_path: Path) -> None:
    assert codes(weight=table(tmp_path, "node,weight\na,1\nb,2\n")) == ["E426"]
    assert codes(weight=table(tmp_path, "node,weight\na,1.5\nb,-.25\n")) == ["E426"]


def test_wrong_rows_are_counted(tmp_path: Path) -> None:
    assert codes(edge=table(tmp_path, "a\n" * 50)) == ["E421"] * 5


def test_files_of_other_kinds(tmp_path: Path) -> None:
    assert codes(edge=table(tmp_path, "a,b", "t.xls")) == ["E423"]
    assert codes(edge=tmp_path / "none.csv") == ["E415"]
    (tmp_path / "latin.csv").write_bytes(b"\xe9,b\n")
    assert codes(edge=tmp_path / "latin.csv") == ["E416"]
    assert codes(edge=table(tmp_path, "edge(a,b). edge(X,Y) :- edge(Y,X). node(c).", "r.lp")) == ["E425", "E425"]
    assert codes(edge=table(tmp_path, "edge(a,b", "broken.lp"))[0].startswith("E1")


def test_parquet_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert codes(edge=tmp_path / "t.parquet") == ["E424"]


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(arrow.table({"node": ["a", "b"], "weight": [7, 1]}), tmp_path / "t.parquet")
    assert facts(weight=tmp_path / "t.parquet")["heavy"] == (("a",),)


def test_what_is_no_tuple_is_refused() -> None:
    assert codes(edge=[("a", None)]) == ["E421"]
    assert codes(weight=[("a", float("nan"))]) == ["E421"]
    assert codes(edge=[("a", "b", "c")])[0].startswith("E2")
