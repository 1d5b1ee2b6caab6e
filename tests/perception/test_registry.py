"""Perceivers by name: installed ones, one's own, and those that are broken."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from nesy.dsl.diagnostics import NesyError
from nesy.perception import PerceiverOptions, Registry, function_perceiver
from nesy.perception.protocol import Perceiver
from nesy.perception.registry import GROUP, installed

OWN = function_perceiver(lambda images: images, classes=(1, 2), image_shape=(2,), name="own")


def make_own(options: PerceiverOptions) -> Perceiver:
    return function_perceiver(lambda images: images, classes=(1, 2), image_shape=(2,), name=f"own on {options.device}")


def make_nothing(options: PerceiverOptions) -> object:
    return options.seed


def test_nesy_brings_its_own() -> None:
    assert {"digits", "mnist", "fashion-mnist"} <= set(installed().names)


def test_objects_and_factories_can_be_added() -> None:
    empty = Registry()
    one = empty.with_perceiver("b", OWN).with_perceiver("a", make_own)
    assert empty.names == ()
    assert one.names == ("a", "b")
    assert one.make("b") is OWN
    assert one.make("a", PerceiverOptions(device="cuda")).name == "own on cuda"


def test_entry_points_are_loaded_when_asked_for() -> None:
    here = EntryPoint("own", f"{__name__}:make_own", GROUP)
    absent = EntryPoint("absent", "no_such_package_at_all:make", GROUP)
    registry = Registry({"own": here, "absent": absent})
    assert registry.names == ("absent", "own")
    with pytest.raises(NesyError, match="no_such_package_at_all") as caught:
        registry.make("absent")
    assert caught.value.diagnostics[0].code == "E451"


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(NesyError) as caught:
        installed().make("minst")
    (found,) = caught.value.diagnostics
    assert found.code == "E450"
    assert "'mnist'" in found.hint


def test_factories_have_to_make_perceivers() -> None:
    with pytest.raises(NesyError, match="it made a int, which is no perceiver") as caught:
        Registry().with_perceiver("n", make_nothing).make("n")  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == "E451"
    broken = Registry({"n": EntryPoint("n", "sys:maxsize", GROUP)})
    with pytest.raises(NesyError, match="cannot be called"):
        broken.make("n")
