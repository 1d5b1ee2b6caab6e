"""The packages of the solvers, imported in the one order that works.

OR-tools and highspy both carry HiGHS, and the second of them to be loaded fails (or-tools #5246); importing PuLP loads
highspy where it is installed. So OR-tools comes first, and what fails is said in words.
"""

from __future__ import annotations

import shutil
import sys
from importlib import import_module

from nesy.dsl.diagnostics import Diagnostic, NesyError


def load_ortools() -> None:
    """Import OR-tools; E552 where it is missing or where highspy is in its way."""
    early = "highspy" in sys.modules and "ortools" not in sys.modules
    try:
        import_module("ortools.sat.python.cp_model")
    except ImportError as error:
        if early or _is_about_highs(error):
            message = "OR-tools cannot be loaded beside highspy, which this process has imported: both carry HiGHS"
            hint = "import nesy's solvers before highspy, or pip uninstall highspy (nesy takes HiGHS from OR-tools)"
        else:
            message, hint = f"OR-tools cannot be loaded: {error}", "pip install 'ortools>=9.15,<10'"
        raise NesyError(Diagnostic("E552", message, hint=hint, place="option solver")) from None


def cbc_path() -> str:
    """The program ``cbc``: the one that PuLP brings, else one on the path. E552 where there is none."""
    load_ortools()
    try:
        bundled = import_module("pulp.apis.coin_api").PULP_CBC_CMD.pulp_cbc_path
    except ImportError as error:
        message, hint = f"PuLP, which brings CBC, cannot be loaded: {error}", "pip install 'pulp>=3,<4'"
        if _is_about_highs(error):
            message = "PuLP, which brings CBC, loads highspy, which cannot be loaded beside OR-tools: both carry HiGHS"
            hint = "pip uninstall highspy (nesy takes HiGHS from OR-tools), or take --solver cpsat"
        raise NesyError(Diagnostic("E552", message, hint=hint, place="option solver")) from None
    found = shutil.which(bundled) or shutil.which("cbc")
    if found is None:
        message = "CBC is not there: PuLP brings none for this platform, and none is on the path"
        hint = "install CBC (coinor-cbc), or take --solver cpsat"
        raise NesyError(Diagnostic("E552", message, hint=hint, place="option solver"))
    return found


def _is_about_highs(error: ImportError) -> bool:
    """Whether loading failed because HiGHS is there twice: a type of it is registered already."""
    return "highs" in str(error).lower()
