"""Two saved runs side by side: at which stage they part, and how.

Lists are matched by what names their entries (a query, a digest, a sentence's number), so that an entry more is one
difference and not a shift of all that follow; rule files are compared by their lines.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from math import isclose
from typing import Any

from nesy.synthesis.artefacts.folders import SavedRun
from nesy.synthesis.artefacts.records import Stages
from nesy.synthesis.codec import plain

GIVEN = "given"
"""What stands before the stages: question, knowledge, settings and versions."""
_NAMES = ("query", "digest", "name", "observation", "condition", "sentence")
"""The fields that name the entries of a list, the first that all of them have and that differs between them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: its place in the record, and both values; None where there is nothing."""

    place: str
    before: object
    after: object

    @property
    def text(self) -> str:
        """``answers[flu(ann)].posterior.mean: 0.3 → 0.4``"""
        if self.before is None:
            return f"{self.place}: only in the second: {_short(self.after)}"
        if self.after is None:
            return f"{self.place}: only in the first: {_short(self.before)}"
        return f"{self.place}: {_short(self.before)} → {_short(self.after)}"


@dataclass(frozen=True, slots=True)
class StageDifference:
    """The changes of one stage; none where both runs made the same."""

    stage: str
    changes: tuple[Change, ...]


def differences(one: SavedRun, other: SavedRun, *, tolerance: float = 0.0) -> tuple[StageDifference, ...]:
    """What was given and each stage, in order. Numbers are equal within ``tolerance``, relative (absolute below 1)."""
    found = [StageDifference(GIVEN, tuple(_changes(_given(one), _given(other), "", 0.0)))]
    for field in fields(Stages):
        before, after = (plain(getattr(run.stages, field.name)) for run in (one, other))
        found.append(StageDifference(field.name, tuple(_changes(before, after, "", tolerance))))
    return tuple(found)


def first_difference(found: Sequence[StageDifference]) -> StageDifference | None:
    """The first stage that differs; all later differences may follow from it."""
    return next((entry for entry in found if entry.changes), None)


def _given(run: SavedRun) -> Any:
    return plain(replace(run.manifest, files={}))


def _changes(before: Any, after: Any, place: str, tolerance: float) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            within = f"{place}.{name}" if place else name
            yield from _changes(before.get(name), after.get(name), within, tolerance)
    elif isinstance(before, list) and isinstance(after, list):
        key = _key(before, after)
        if key:
            ours, theirs = ({entry[key]: entry for entry in entries} for entries in (before, after))
            for name in dict.fromkeys((*ours, *theirs)):
                yield from _changes(ours.get(name), theirs.get(name), f"{place}[{name}]", tolerance)
        elif len(before) == len(after):
            for number, pair in enumerate(zip(before, after, strict=True)):
                yield from _changes(*pair, f"{place}[{number}]", tolerance)
        else:
            yield from _aligned(before, after, place)
    elif isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        yield from _aligned(before.splitlines(), after.splitlines(), place)
    elif not _same(before, after, tolerance):
        yield Change(place, before, after)


def _key(before: Sequence[Any], after: Sequence[Any]) -> str:
    """The field that names the entries of two lists, or nothing: as many models, all of them changed, go in order."""
    entries = [*before, *after]
    for name in _NAMES:
        if entries and all(isinstance(entry, dict) and name in entry for entry in entries):
            own, theirs = ([entry[name] for entry in part] for part in (before, after))
            paired = name == "digest" and len(own) == len(theirs) and not set(own) & set(theirs)
            if not paired and all(len(set(names)) == len(names) for names in (own, theirs)):
                return name
    return ""


def _aligned(before: Sequence[Any], after: Sequence[Any], place: str) -> Iterator[Change]:
    """Entries more and less in a list, in order; each is at its number in the list that has it."""
    texts = [[repr(entry) for entry in part] for part in (before, after)]
    for tag, start, end, other, last in difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (Change(f"{place}[{number}]", before[number], None) for number in range(start, end))
            yield from (Change(f"{place}[{number}]", None, after[number]) for number in range(other, last))


def _same(before: object, after: object, tolerance: float) -> bool:
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in (before, after)]
    if all(numbers) and tolerance:
        assert isinstance(before, int | float)
        assert isinstance(after, int | float)
        return isclose(before, after, rel_tol=tolerance, abs_tol=tolerance)
    return (type(before) is type(after) and before == after) or (all(numbers) and before == after)


def _short(value: object) -> str:
    match value:
        case float():
            return f"{value:.6g}"
        case dict():
            named = next((value[name] for name in _NAMES if name in value), None)
            return str(named) if named is not None else f"{{{', '.join(value)}}}"
        case list():
            return f"[{', '.join(map(_short, value))}]"
        case _:
            return str(value)
