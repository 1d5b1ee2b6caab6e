"""The evidence of a command: from a file, from perceivers, or from both."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from nesy.cli.options import pairs
from nesy.cli.reporting import draw
from nesy.dsl.diagnostics import Diagnostic, NesyError

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.solvers.backend import Options
    from nesy.solvers.ground_model import GroundModel


def gather_evidence(
    model: GroundModel, options: Options, file: str | None, perceive: list[str] | None, classes: list[str] | None
) -> dict[str, Tensor]:
    """The checked evidence of ``--evidence`` and ``--perceive`` by percept."""
    from nesy.evidence_files import read_evidence
    from nesy.evidence_values import evidence_tensors
    from nesy.solvers.evidence import is_needed

    requests = _requests(perceive)
    meanings = pairs(classes, "--classes")
    if idle := [entry.name for entry in model.percepts if entry.name in meanings and entry.name not in requests]:
        message = f"no --perceive reads '{idle[0]}'"
        raise typer.BadParameter(message, param_hint="--classes")
    needed = [attribute.name for attribute in model.percepts if is_needed(model, attribute)]
    if file is None and not requests and needed:
        names = ", ".join(f"'{name}'" for name in needed)
        hint = "give evidence with --evidence FILE, or let a perceiver read it with --perceive"
        raise NesyError(Diagnostic("E402", f"the queries need evidence on {names}", hint=hint, place="--evidence"))
    found: dict[str, object] = {}
    with located(file):
        if file is not None:
            remarks: list[Diagnostic] = []
            found |= evidence_tensors(model, read_evidence(file), remarks)
            draw([dataclasses.replace(remark, place=f"{file}, {remark.place}") for remark in remarks])
        if not requests:
            return _checked(model, options, found)
    if twice := sorted(found.keys() & requests.keys()):
        hint = "leave one of the two out"
        message = f"the percept '{twice[0]}' is given by --evidence and by --perceive"
        raise NesyError(Diagnostic("E418", message, hint=hint, place="--perceive"))
    from nesy.perceived import perceive_all
    from nesy.progress import ProgressBar

    bar = ProgressBar()
    perceived = perceive_all(model, requests, meanings, device=options.device, progress=bar)
    return _checked(model, options, found | perceived)


def _checked(model: GroundModel, options: Options, found: dict[str, object]) -> dict[str, Tensor]:
    import torch

    from nesy.solvers.evidence import check_evidence

    dtype = torch.float32 if options.dtype == "float32" else torch.float64
    return check_evidence(model, found, device=options.device, dtype=dtype)


def _requests(perceive: list[str] | None) -> dict[str, str]:
    """``PERCEPT=PERCEIVER:INPUTS`` options; anything else is wrong usage."""
    requests = pairs(perceive, "--perceive")
    for percept, request in requests.items():
        perceiver, _, inputs = request.partition(":")
        if not perceiver or not inputs:
            message = f"'{percept}={request}' does not have the form PERCEPT=PERCEIVER:INPUTS"
            raise typer.BadParameter(message, param_hint="--perceive")
    return requests


@contextmanager
def located(file: str | None) -> Iterator[None]:
    """Name the file in the place of every data error."""
    try:
        yield
    except NesyError as error:
        if file is None:
            raise
        name = "<stdin>" if file == "-" else file
        raise NesyError(
            dataclasses.replace(entry, place=_within(name, entry.place)) for entry in error.diagnostics
        ) from None


def _within(file: str, place: str) -> str:
    return place if place.startswith(file) or place == "-" else f"{file}, {place}" if place else file
