"""Names of devices, without any device."""

from __future__ import annotations

import pytest

from nesy.dsl.devices import check_device
from nesy.dsl.diagnostics import NesyError


@pytest.mark.parametrize(("name", "count"), [("cpu", 0), ("cuda", 1), ("cuda:0", 1), ("cuda:3", 4)])
def test_devices_that_are_there(name: str, count: int) -> None:
    check_device(name, lambda: count)


@pytest.mark.parametrize(
    ("name", "count", "message"),
    [
        ("nowhere", 1, "'nowhere' is not a device"),
        ("cuda:-1", 1, "'cuda:-1' is not a device"),
        ("cuda", 0, "there is no CUDA device 'cuda': torch sees none"),
        ("cuda:2", 2, "there is no CUDA device 'cuda:2': torch sees 2"),
    ],
)
def test_devices_that_are_not_there(name: str, count: int, message: str) -> None:
    with pytest.raises(NesyError) as caught:
        check_device(name, lambda: count)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.place) == ("E440", message, "--device")
    assert found.hint
