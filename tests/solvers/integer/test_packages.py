"""Solvers that cannot be loaded are a diagnostic; highspy in the way is told apart from a missing package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
from nesy.dsl.diagnostics import NesyError
from nesy.solvers.integer import packages
try:
    packages.cbc_path()
except NesyError as error:
    for entry in error.diagnostics:
        print(entry.code, entry.message, "|", entry.hint)
else:
    print("loaded")
"""


def said(folder: Path, before: str = "") -> str:
    """What a fresh process says that finds the packages of ``folder`` first."""
    command = [sys.executable, "-c", before.format(folder=str(folder)) + SCRIPT.format(folder=str(folder))]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def package(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(text, encoding="utf-8")


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    package(tmp_path, "pulp", "raise ImportError('no pulp here')")
    assert said(tmp_path).startswith("E552 PuLP, which brings CBC, cannot be loaded: no pulp here | pip install")
    package(tmp_path, "ortools", "raise ImportError('no such file')")
    assert said(tmp_path).startswith("E552 OR-tools cannot be loaded: no such file | pip install")


def test_highspy_in_the_way_is_explained(tmp_path: Path) -> None:
    package(tmp_path, "highspy", "")
    package(tmp_path, "ortools", "raise ImportError('undefined symbol')")
    before = "import sys; sys.path.insert(0, {folder!r}); import highspy\n"
    message = said(tmp_path, before)
    assert message.startswith("E552 OR-tools cannot be loaded beside highspy")
    assert "before highspy" in message


def test_highspy_that_pulp_loads_is_explained(tmp_path: Path) -> None:
    package(tmp_path, "pulp", "raise ImportError('generic_type: type \"HighsVarType\" is already registered!')")
    message = said(tmp_path)
    assert message.startswith("E552 PuLP, which brings CBC, loads highspy, which cannot be loaded beside OR-tools")
    assert "pip uninstall highspy" in message


def test_a_platform_without_cbc_is_said(tmp_path: Path) -> None:
    package(tmp_path, "pulp", "")
    package(tmp_path / "pulp", "apis", "")
    fake = "class PULP_CBC_CMD:\n    pulp_cbc_path = '/nowhere/cbc'\n"
    (tmp_path / "pulp" / "apis" / "coin_api.py").write_text(fake, encoding="utf-8")
    before = "import os; os.environ['PATH'] = ''\n"
    assert said(tmp_path, before).startswith("E552 CBC is not there: PuLP brings none for this platform")


@pytest.mark.parametrize("module", ["pulp", "ortools"])
def test_the_order_of_imports_is_kept(module: str) -> None:
    code = f"""
import sys
from nesy.solvers.integer import packages
assert not {{"pulp", "ortools"}} & set(sys.modules)
packages.cbc_path()
order = [name for name in sys.modules if name in ("pulp", "ortools")]
assert order == ["ortools", "pulp"], order
assert "{module}" in order
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
