"""The public names, imported only when they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nesy.perception


def test_every_public_name_is_there() -> None:
    assert nesy.perception.__all__ == sorted(nesy.perception.__all__)
    assert dir(nesy.perception) == nesy.perception.__all__
    for name in nesy.perception.__all__:
        assert callable(getattr(nesy.perception, name)), name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nesy.perception.nothing  # noqa: B018


@pytest.mark.parametrize(
    "code", ["import nesy.perception", "from nesy.perception import installed, PerceiverOptions; installed()"]
)
def test_listing_perceivers_loads_nothing_heavy(code: str) -> None:
    check = "import sys; print([name for name in ('torch', 'sklearn', 'numpy', 'rich') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{code}; {check}"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
