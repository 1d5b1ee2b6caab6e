"""Asking the worker for a circuit, and what may come of it."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from nesy.solvers.probabilistic.counting.circuits import worker
from nesy.solvers.probabilistic.counting.circuits.layers import Circuit, layered
from nesy.solvers.probabilistic.counting.expressions import (
    AtLeast,
    Both,
    Either,
    Expressions,
    Form,
    Literal,
    Node,
    Opposite,
    parts,
)

SECONDS = 30.0
"""How long a compilation may take, unless asked otherwise."""
MEMORY = 4 << 30
"""Bytes that the worker may take."""


class NoCircuitError(Exception):
    """The compiler did not come to an end; the text says what stopped it."""


class OpenConceptError(Exception):
    """Two nodes of the exclusive list with this number can hold at once."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def compile_circuit(
    expressions: Expressions,
    variables: Sequence[int],
    conditions: Sequence[Node],
    roots: Sequence[Node],
    exclusive: Sequence[Sequence[Node]] = (),
    *,
    seconds: float | None = None,
) -> Circuit:
    """The circuit of each of ``roots`` together with all ``conditions``, over ``variables`` in this order.

    Raises NoCircuitError where time or memory do not suffice, OpenConceptError where nodes of one list of ``exclusive``
    overlap.
    """
    wanted = [*conditions, *roots, *(node for nodes in exclusive for node in nodes)]
    forms, numbers = _packed(expressions, wanted)
    job = {
        "forms": forms,
        "cards": list(expressions.cards),
        "variables": list(variables),
        "conditions": [numbers[node] for node in conditions],
        "roots": [numbers[node] for node in roots],
        "exclusive": [[numbers[node] for node in nodes] for nodes in exclusive],
        "memory": MEMORY,
    }
    found = _ask(pickle.dumps(job), SECONDS if seconds is None else seconds)
    if "open" in found:
        raise OpenConceptError(found["open"])
    return layered(found["leaves"], found["nodes"], found["roots"])


def _ask(job: bytes, seconds: float) -> dict[str, Any]:
    """What :func:`worker.compile_job` gives for a pickled job."""
    command = [sys.executable, "-I", str(Path(worker.__file__))]
    try:
        done = subprocess.run(command, input=job, capture_output=True, timeout=seconds, check=True)
    except subprocess.TimeoutExpired:
        raise NoCircuitError(f"no circuit was found within {seconds:g} s") from None
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NoCircuitError(f"the circuit compiler failed ({last[0] if last else 'out of memory'})") from None
    found: dict[str, Any] = pickle.loads(done.stdout)
    return found


def _packed(expressions: Expressions, wanted: Iterable[Node]) -> tuple[list[worker.Form], dict[Node, int]]:
    """The forms that ``wanted`` need, in plain data, and the new numbers of nodes."""
    numbers: dict[Node, int] = {}
    forms: list[worker.Form] = []
    waiting = list(wanted)
    while waiting:
        top = waiting[-1]
        form = expressions.forms[top]
        missing = [] if top in numbers else [part for part in parts(form) if part not in numbers]
        if missing:
            waiting += missing
            continue
        if top not in numbers:
            numbers[top] = len(forms)
            forms.append(_plain(form, numbers))
        waiting.pop()
    return forms, numbers


def _plain(form: Form, numbers: dict[Node, int]) -> worker.Form:
    match form:
        case Literal(variable, values):
            return ("literal", variable, values)
        case Both(items):
            return ("both", tuple(numbers[item] for item in items))
        case Either(items):
            return ("either", tuple(numbers[item] for item in items))
        case Opposite(item):
            return ("not", numbers[item])
        case AtLeast(items, lower):
            return ("sum", tuple((numbers[item], weight) for item, weight in items), lower)
