"""`nesy compile --to asp FILE | clingo -` has the models of `nesy run FILE --with asp`: two processes and a pipe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nesy
from tests.nesy.cli.commands import nesy as run
from tests.repo.sources import ROOT

Model = frozenset[str]

COUNTS = {"colouring": 6, "queens": 4, "rack": 24, "valves": 32, "tour": 192}
"""Examples and how many answer sets their programs have, whatever the percepts are."""


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTS)
def test_clingo_and_nesy_have_the_same_models(name: str, tmp_path: Path) -> None:
    file = ROOT / "examples" / name / f"{name}.nesy"
    listing = run("compile", file, "--to", "asp").out
    clingo = [sys.executable, "-m", "clingo", "-", "0", "--opt-mode=ignore", "--outf=2", "--project=show"]
    done = subprocess.run(clingo, input=listing, capture_output=True, text=True, timeout=60, check=False)
    witnesses = [frozenset(entry["Value"]) for entry in json.loads(done.stdout)["Call"][0]["Witnesses"]]
    assert len(witnesses) == COUNTS[name]

    evidence = tmp_path / "unknown.json"
    evidence.write_text(json.dumps(unknown(file)), encoding="utf-8")
    options = ["--with", "asp", "--mode", "models", "--models", "0", "--evidence", evidence, "--json"]
    (data,) = run("run", file, *options).data
    ours = {atoms(model["answers"], tuple(unknown(file))) for model in data["models"]}
    asked = {signature(label, tuple(unknown(file))) for label in data["models"][0]["answers"]}
    theirs = {frozenset(atom for atom in model if _arity(atom) in asked) for model in witnesses}
    assert ours == theirs


def unknown(file: Path) -> dict[str, object]:
    """Evidence that says nothing about any percept."""
    found: dict[str, object] = {}
    for attribute in nesy.load(file).compile("asp").model.attributes:  # type: ignore[attr-defined]
        if attribute.kind == "percept":
            values = attribute.domain.values
            names = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
            even = {value: 1 / len(names) for value in names}
            labels = [attribute.label(place)[len(attribute.name) + 1 : -1] for place in range(len(attribute.index))]
            found[attribute.name] = dict.fromkeys(labels, even) if labels != [""] else even
    return found


def atoms(answers: dict[str, object], percepts: tuple[str, ...]) -> Model:
    """A model as clingo writes it: values are the last arguments of attributes, relations hold or are absent."""
    return frozenset(_atoms(answers, percepts))


def _atoms(answers: dict[str, object], percepts: tuple[str, ...]) -> Iterator[str]:
    for label, value in answers.items():
        name, _, arguments = label.rstrip(")").partition("(")
        if name in percepts:
            word = str(value).lower() if isinstance(value, bool) else str(value)
            yield f"{name}({arguments},{word})" if arguments else f"{name}({word})"
        elif value:
            yield label


def signature(label: str, percepts: tuple[str, ...]) -> tuple[str, int]:
    """Name and number of arguments of the atoms about a queried label."""
    name, arity = _arity(label)
    return name, arity + (name in percepts)


def _arity(atom: str) -> tuple[str, int]:
    name, _, arguments = atom.rstrip(")").partition("(")
    return name, len(re.split(",", arguments)) if arguments else 0
