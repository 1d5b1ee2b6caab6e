"""The rule language: text in, a checked program out.

``parse``, ``load`` and ``load_text`` read text and files, ``check`` resolves names and types, ``print_program`` writes
a program in its canonical form; the module ``render`` draws diagnostics. White space is lost here, spans and comments
are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nesy.dsl.lazy import importer

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

__all__ = [*_HOMES]
__getattr__ = importer(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
