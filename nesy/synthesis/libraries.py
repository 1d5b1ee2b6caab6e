"""Knowledge bases: rule files with glosses, phrases and variants, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nesy.dsl import statements as syntax
from nesy.dsl.checked import CheckedProgram
from nesy.dsl.knowledge import Gloss, Phrase
from nesy.dsl.variants import VariantGroup, variant_groups
from nesy.synthesis.patterns import Pattern, patterns_of


@dataclass(frozen=True)
class Library:
    """One knowledge base. ``program`` is what was read, ``checked`` the program of its preferred variants."""

    name: str
    program: syntax.Program
    checked: CheckedProgram

    @cached_property
    def glosses(self) -> Mapping[str, Gloss]:
        """The gloss of each name that has one."""
        return {entry.name: entry for entry in self.program.statements if isinstance(entry, Gloss)}

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """All patterns of all phrases, in order."""
        return tuple(
            pattern
            for entry in self.program.statements
            if isinstance(entry, Phrase)
            for pattern in patterns_of(entry, self.checked)
        )

    @cached_property
    def groups(self) -> tuple[VariantGroup, ...]:
        """The groups of competing variants."""
        return variant_groups(self.program)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the library speaks of: its attributes, relations and types, in this order."""
        relations = dict.fromkeys(name for name, _ in self.checked.relations)
        return tuple(dict.fromkeys((*self.checked.attributes, *relations, *self.checked.types)))


def load_library(path: str | Path) -> Library:
    """The knowledge base in a file, with what it includes; :class:`NesyError` with all that is wrong in it."""
    from nesy.program import load

    program = load(Path(path))
    return Library(Path(path).stem, program.ast, program.checked)


def library_of(text: str, name: str = "knowledge") -> Library:
    """The knowledge base that a text spells."""
    from nesy.program import load

    program = load(text)
    return Library(name, program.ast, program.checked)
