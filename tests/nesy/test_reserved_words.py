"""Values that are words of the language go round: facts, labels, evidence and expectations."""

from __future__ import annotations

import json
from pathlib import Path

import nesy
from tests.nesy.cli.commands import nesy as command

PROGRAM = """\
type word = {"if", "not", red, "light blue", "mod", "a\\"b"}.
percept w(word) : word.
percept v : word.
relation pair(word, word).
concept c : word.
c = V iff w("if") = V.
c in {"not", red} iff v = "mod".
p(X) :- pair(X, _), v = X.
query c.
query w(_).
query w("if") = "not".
query p(_).
expect c = "not" given w("if") = "not", v = "mod".
expect possible c = "mod".
"""
FACTS = 'if,not\nnot,light blue\n"a""b",mod\n'
WORDS = ("if", "not", "red", "light blue", "mod", 'a"b')


def test_reserved_words_as_values(tmp_path: Path) -> None:
    rules, pairs, evidence = (tmp_path / name for name in ("words.nesy", "pair.csv", "evidence.json"))
    rules.write_text(PROGRAM)
    pairs.write_text(FACTS)
    program = nesy.load(rules, facts={"pair": str(pairs)})
    labels = [query.label for query in program.ground().queries]
    assert labels[-4:] == ['w("if") = "not"', 'p("a\\"b")', 'p("if")', 'p("not")']
    for label in labels:
        assert [query.label for query in program.ground(queries=[label]).queries] == [label]
    facts = ("--facts", f"pair={pairs}")
    assert command("test", rules, *facts).out.endswith("2 passed\n")
    uniform = dict.fromkeys(WORDS, 1 / len(WORDS))
    plain = {"w": dict.fromkeys(WORDS, uniform), "v": "if"}
    quoted = {"w": {json.dumps(word): uniform for word in WORDS}, "v": '"if"'}
    answers = []
    for instance in (plain, quoted):
        evidence.write_text(json.dumps(instance))
        answers.append(command("run", rules, *facts, "--evidence", evidence, "--json").data)
    assert answers[0] == answers[1]
    assert list(answers[0][0]["answers"]) == labels
    assert answers[0][0]["answers"]["c"]["possibility"]['"not"'] == 0
