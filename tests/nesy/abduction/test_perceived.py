"""Abduction straight from perceivers, with perceivers that need no training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import nesy
from nesy.abduction.perceived import perceive_sources
from nesy.dsl.diagnostics import NesyError
from nesy.perception.adapters import function_perceiver
from nesy.perception.registry import Registry
from tests.nesy.cli.commands import nesy as command

PROGRAM = """
type image.
percept shade(image) : {dark, grey, bright} from m1, m2.
error shade@m2(I) :- shade@m2(I) = dark, margin(shade@m2(I)) < 0.9.
query shade(_).
"""


def brightness(images: Tensor) -> Tensor:
    """Logits: dark images are 0, bright ones 2, the rest 1."""
    return -40 * (images.flatten(1).mean(1)[:, None] - torch.tensor([0.0, 0.5, 1.0])).abs()


def darkened(images: Tensor) -> Tensor:
    """The same through sun glasses."""
    return brightness(images * 0.4)


@pytest.fixture(autouse=True)
def _perceivers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = {
        name: function_perceiver(function, classes=(0, 1, 2), image_shape=(2, 2), output="logits")
        for name, function in (("plain", brightness), ("glasses", darkened))
    }
    monkeypatch.setattr("nesy.perception.registry.installed", lambda: Registry(found))
    monkeypatch.chdir(tmp_path)
    images = np.zeros((3, 2, 2), dtype=np.uint8)
    images[1], images[2] = 128, 255
    np.savez("images.npz", images)
    Path("shades.nesy").write_text(PROGRAM)


REQUESTS = {"shade@m1": "plain:images.npz", "shade@m2": "glasses:images.npz"}
CLASSES = {"shade@m1": "dark,grey,bright", "shade@m2": "dark,grey,bright"}


def test_inputs_are_the_objects_of_an_open_type() -> None:
    checked = nesy.load(PROGRAM).checked
    arrays = perceive_sources(checked, None, REQUESTS, CLASSES)
    assert [np.shape(array) for array in arrays.values()] == [(1, 3, 3), (1, 3, 3)]
    found = nesy.abduce(PROGRAM, arrays, max_inconsistency=1.0)
    assert found.objects == ("0", "1", "2")
    assert found.problem.predictions.labels.T.tolist() == [[0, 1, 2], [0, 0, 1]]
    assert found.labels["2"] in ("grey", "bright")


def test_objects_of_a_closed_type_are_an_axis() -> None:
    closed = PROGRAM.replace("type image.", "type image = {a, b, c}.")
    np.savez("images.npz", np.stack([np.load("images.npz")["arr_0"]] * 2))
    found = nesy.abduce(closed, perceive_sources(nesy.load(closed).checked, None, REQUESTS, CLASSES))
    assert found.objects == ("0:a", "0:b", "0:c", "1:a", "1:b", "1:c")


def test_the_command(tmp_path: Path) -> None:
    options = [part for name, request in REQUESTS.items() for part in ("--perceive", f"{name}={request}")]
    options += [part for name, meaning in CLASSES.items() for part in ("--classes", f"{name}={meaning}")]
    done = command("abduce", "shades.nesy", *options, "--json")
    assert json.loads(done.out)["labels"] == {"0": "dark", "1": "grey", "2": "bright"}
    np.savez(tmp_path / "other.npz", **{"shade@m2": np.eye(3)[None]})
    mixed = command("abduce", "shades.nesy", *options[:2], *options[4:6], "--evidence", "other.npz", "--json")
    assert json.loads(mixed.out)["objects"] == 3
    twice = command("abduce", "shades.nesy", *options, "--evidence", "other.npz")
    assert (twice.status, "E418" in twice.err) == (1, True)


def test_evidence_beside_perceivers_is_arrays(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"shade@m2": {"a": "dark"}}')
    with pytest.raises(NesyError, match="arrays") as caught:
        perceive_sources(nesy.load(PROGRAM).checked, None, {"shade@m1": "plain:images.npz"}, CLASSES, "other.json")
    assert caught.value.diagnostics[0].code == "E572"
