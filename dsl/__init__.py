"""The rule language: text in, a checked program out.

``parse``, ``load`` and ``load_text`` read text and files, ``check`` resolves names and types, ``print_program`` writes
a program in its canonical form, ``render`` draws diagnostics. White space is lost here, spans and comments are kept.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nesy.dsl.checking import check as check
    from nesy.dsl.loading import load as load
    from nesy.dsl.loading import load_text as load_text
    from nesy.dsl.parsing.parser import parse as parse
    from nesy.dsl.printing.printer import print_program as print_program

_HOMES = {
    "check": "nesy.dsl.checking",
    "load": "nesy.dsl.loading",
    "load_text": "nesy.dsl.loading",
    "parse": "nesy.dsl.parsing.parser",
    "print_program": "nesy.dsl.printing.printer",
}

__all__ = ["check", "load", "load_text", "parse", "print_program"]


def __getattr__(name: str) -> object:
    """Import an entry point when it is first used: lark need not be loaded by those who only read spans."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
