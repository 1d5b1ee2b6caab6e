"""Perceivers by name: those that installed packages offer, and one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.perception.protocol import Perceiver, PerceiverFactory, PerceiverOptions

GROUP = "nesy.perception"
"""The entry-point group: each entry names a :data:`nesy.perception.protocol.PerceiverFactory`."""


@dataclass(frozen=True)
class Registry:
    """Names and what they stand for: an entry point (imported when it is first asked for), a factory or a perceiver.

    A registry is a value: adding to it gives a new one.
    """

    entries: Mapping[str, EntryPoint | PerceiverFactory | Perceiver] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self.entries))

    def with_perceiver(self, name: str, perceiver: Perceiver | PerceiverFactory) -> Registry:
        """A registry in which ``name`` stands for ``perceiver``, whatever it stood for before."""
        return Registry(MappingProxyType({**self.entries, name: perceiver}))

    def unknown(self, name: str) -> Diagnostic | None:
        """E450 if there is no perceiver called ``name``."""
        if name in self.entries:
            return None
        hint = did_you_mean(name, self.entries) or f"known are {', '.join(self.names) or 'none'}"
        return Diagnostic("E450", f"there is no perceiver '{name}'", hint=hint, place="--perceive")

    def make(self, name: str, options: PerceiverOptions | None = None) -> Perceiver:
        """The perceiver called ``name``. E450 if there is none, E451 if its package cannot be used."""
        unknown = self.unknown(name)
        if unknown is not None:
            raise NesyError(unknown)
        entry = self.entries[name]
        if isinstance(entry, EntryPoint):
            entry = _import(entry)
        if isinstance(entry, Perceiver):
            return entry
        made = entry(options or PerceiverOptions())
        if not isinstance(made, Perceiver):
            raise _broken(name, f"it made a {type(made).__name__}, which is no perceiver")
        return made


def installed() -> Registry:
    """The perceivers that the installed packages offer; none of them is imported by this."""
    return Registry(MappingProxyType({entry.name: entry for entry in entry_points(group=GROUP)}))


def _import(entry: EntryPoint) -> PerceiverFactory:
    try:
        factory = entry.load()
    except Exception as error:  # importing runs the package's own code, which may fail in any way
        raise _broken(entry.name, f"'{entry.value}' cannot be imported: {error}") from error
    if not callable(factory):
        raise _broken(entry.name, f"'{entry.value}' cannot be called")
    made: PerceiverFactory = factory
    return made


def _broken(name: str, reason: str) -> NesyError:
    hint = "reinstall or remove the package that offers it"
    message = f"the perceiver '{name}' cannot be used: {reason}"
    return NesyError(Diagnostic("E451", message, hint=hint, place="--perceive"))
