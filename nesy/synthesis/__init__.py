"""Synthesis of models: from knowledge bases and a question, the small model that the question needs.

In go rule files with glosses, phrases and variants, and a text; out comes a :class:`Synthesis`:
the answer, the model as a rule file, and the record of every stage. What no phrase fits is reported, not guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nesy.dsl.lazy import importer

if TYPE_CHECKING:
    from nesy.synthesis.libraries import Library as Library
    from nesy.synthesis.libraries import library_of as library_of
    from nesy.synthesis.libraries import load_library as load_library
    from nesy.synthesis.llm.client import ChatClient as ChatClient
    from nesy.synthesis.pipeline import Synthesis as Synthesis
    from nesy.synthesis.pipeline import synthesise as synthesise
    from nesy.synthesis.settings import Settings as Settings

_HOMES = {
    "ChatClient": "nesy.synthesis.llm.client",
    "Library": "nesy.synthesis.libraries",
    "Settings": "nesy.synthesis.settings",
    "Synthesis": "nesy.synthesis.pipeline",
    "library_of": "nesy.synthesis.libraries",
    "load_library": "nesy.synthesis.libraries",
    "synthesise": "nesy.synthesis.pipeline",
}

__all__ = [*_HOMES]
__getattr__ = importer(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
