"""Trained networks: weights on the disk, the cache, the command, and how good they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from nesy.dsl.diagnostics import NesyError
from nesy.perception import PerceiverOptions, load_dataset, measure, pretrained
from nesy.perception import recipes as recipes_module
from nesy.perception.progress import Lines
from nesy.perception.recipes import RECIPES, Recipe, default_recipe, find_recipe, recipes_for
from nesy.perception.registry import installed
from nesy.perception.train import main
from nesy.perception.trained import train_recipe, weights_key, weights_path
from nesy.perception.weights import Weights, load_weights, save_weights
from tests.perception.test_datasets import needs_mnist

WEIGHTS = Weights("key", {"a": torch.arange(3.0)}, 1.5, {"validation_accuracy": 0.5})


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """The only recipe: one epoch on the bundled digits."""
    recipe = find_recipe("digits", "quick")
    recipe = replace(recipe, settings=replace(recipe.settings, epochs=1))
    monkeypatch.setattr(recipes_module, "RECIPES", (recipe,))
    return recipe


class Count:
    """Counts the tasks that were begun."""

    def __init__(self) -> None:
        self.tasks: list[str] = []

    def start(self, task: str, total: int | None) -> None:
        self.tasks.append(task)

    def advance(self, steps: int = 1, note: str = "") -> None:
        pass

    def finish(self) -> None:
        pass


# ----- files


def test_weights_come_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.weights"
    save_weights(path, WEIGHTS)
    found = load_weights(path, "key")
    assert torch.equal(found.state["a"], WEIGHTS.state["a"])
    assert (found.temperature, dict(found.facts)) == (1.5, {"validation_accuracy": 0.5})


def test_any_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.weights"
    save_weights(path, WEIGHTS)
    content = path.read_bytes()
    for place in (0, 20, 79, 80, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        if place == 79:
            continue  # the line feed after the checksum carries nothing
        with pytest.raises(NesyError) as caught:
            load_weights(path, "key")
        (found,) = caught.value.diagnostics
        assert (found.code, found.place) == ("E470", str(path))
        assert "delete the file" in found.hint


@pytest.mark.parametrize("content", [b"", b"nesy weights 1\n", b"nesy weights 1\n" + b"0" * 64])
def test_cut_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.weights"
    path.write_bytes(content)
    with pytest.raises(NesyError):
        load_weights(path, "key")


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.weights"
    save_weights(path, WEIGHTS)
    with pytest.raises(NesyError, match="other data, another network or other settings"):
        load_weights(path, "another")


def test_files_are_data_never_code(tmp_path: Path) -> None:
    path = tmp_path / "a.weights"
    save_weights(path, replace(WEIGHTS, state={"a": torch.zeros(1)}, facts={"network": nn.Linear(1, 1)}))  # type: ignore[dict-item]
    with pytest.raises(NesyError) as caught:
        load_weights(path, "key")
    assert caught.value.diagnostics[0].code == "E470"


# ----- recipes and the cache


def test_recipes_have_names_of_their_own() -> None:
    assert len({(recipe.name, recipe.budget) for recipe in RECIPES}) == len(RECIPES)
    assert default_recipe("mnist").budget == "quick"
    assert all(default_recipe(name).budget == "quick" for name in ("digits", "fashion-mnist"))
    assert recipes_for("mnist")[0].budget == "full"


@pytest.mark.parametrize(("name", "budget", "hint"), [("mnst", "quick", "'mnist'"), ("mnist", "ful", "'full'")])
def test_unknown_recipes(name: str, budget: str, hint: str) -> None:
    with pytest.raises(NesyError) as caught:
        find_recipe(name, budget)
    (found,) = caught.value.diagnostics
    assert found.code == "E483"
    assert hint in found.hint


def test_keys_depend_on_seed_settings_and_network() -> None:
    recipe = find_recipe("digits", "quick")
    keys = {
        weights_key(recipe, 0),
        weights_key(recipe, 1),
        weights_key(replace(recipe, settings=replace(recipe.settings, epochs=2)), 0),
        weights_key(replace(recipe, name="mnist"), 0),
        weights_key(replace(recipe, make=lambda: nn.Linear(1, 1)), 0),
    }
    assert len(keys) == 5


@pytest.mark.slow
def test_a_network_is_trained_once(tmp_path: Path, short: Recipe) -> None:
    count = Count()
    options = PerceiverOptions(cache=tmp_path, progress=count)
    first = pretrained("digits", options)
    again = installed().make("digits", options)
    assert count.tasks == ["training SmallDigitNet on digits"]
    assert [path.name for path in (tmp_path / "weights").iterdir()] == [weights_path(short, options).name]
    images = load_dataset("digits", "test").images
    assert torch.equal(first.perceive(images), again.perceive(images))
    assert first.classes == again.classes == tuple(range(10))
    assert again.perceive(images.reshape(5, 9, 10, 8, 8)).shape == (5, 9, 10, 10)


def test_damaged_weights_in_the_cache_are_refused(tmp_path: Path, short: Recipe) -> None:
    path = weights_path(short, PerceiverOptions(cache=tmp_path))
    path.parent.mkdir()
    path.write_bytes(b"half a fi")
    with pytest.raises(NesyError) as caught:
        pretrained("digits", PerceiverOptions(cache=tmp_path))
    assert caught.value.diagnostics[0].code == "E470"


# ----- the command


@pytest.mark.slow
def test_the_command_trains_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["digits", "--epochs", "1", "--cache", str(tmp_path)]
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("SmallDigitNet on digits, budget quick, seed 0\n")
    assert "epoch 1/1: loss" in shown.err
    assert main([*arguments, "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    report = json.loads(shown.out)
    assert 0 < report["test"]["accuracy"] <= 1
    assert Path(report["weights"]).is_file()


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["digits", "--budget", "huge", "--cache", str(tmp_path)]) == 1
    assert main(["digits", "--epochs", "0", "--cache", str(tmp_path)]) == 1
    shown = capsys.readouterr().err
    assert "error[E483]: there is no budget 'huge'" in shown
    assert "error[E473]" in shown
    with pytest.raises(SystemExit) as caught:
        main(["digits", "--epochs", "many"])
    assert caught.value.code == 2


@pytest.mark.slow
def test_ctrl_c_is_no_accident(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["digits", "--epochs", "2", "--cache", str(tmp_path)]

    def interrupt(self: Lines, steps: int = 1, note: str = "") -> None:
        if note.startswith("epoch 1/2"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lines, "advance", interrupt)
        assert main(arguments) == 130
    assert "goes on after the last whole epoch" in capsys.readouterr().err
    assert main(arguments) == 0
    assert "resumed after epoch 1" in capsys.readouterr().err


# ----- quality


@pytest.mark.slow
def test_the_digits_are_read_well(tmp_path: Path) -> None:
    perceiver = pretrained("digits", PerceiverOptions(cache=tmp_path))
    found = measure(perceiver, load_dataset("digits", "test"))
    assert found.accuracy >= 0.97
    assert found.calibration_error <= 0.05


@needs_mnist
@pytest.mark.slow
def test_one_epoch_on_part_of_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from nesy.perception import trained as trained_module

    def part(name: str, split: str, **named: object) -> object:
        dataset = load_dataset(name, split)  # type: ignore[arg-type]
        return dataset.take(np.arange(0, len(dataset), 8 if split == "train" else 10))

    monkeypatch.setattr(trained_module, "load_dataset", part)
    recipe = find_recipe("mnist", "quick")
    recipe = replace(recipe, settings=replace(recipe.settings, epochs=1, batch=64, learning_rate=0.1))
    weights = train_recipe(recipe, PerceiverOptions(cache=tmp_path))
    assert weights.facts["validation_accuracy"] > 0.9
