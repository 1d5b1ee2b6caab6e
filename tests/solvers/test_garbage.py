"""The collector pauses, and goes on as before, whatever happens inside."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

import nesy
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.garbage import collected_afterwards


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    enabled = gc.isenabled()
    yield
    (gc.enable if enabled else gc.disable)()


@pytest.mark.parametrize("enabled", [True, False])
def test_pauses(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    with collected_afterwards():
        assert not gc.isenabled()
        with collected_afterwards():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is enabled


def test_goes_on_after_an_error() -> None:
    gc.enable()
    with pytest.raises(NesyError):
        nesy.load("n(1). n(X+1) :- n(X). query n(1).").compile("asp", budget=1000)
    assert gc.isenabled()
