"""A program whose open types have the values that the data bring: objects, classes, what columns of metadata name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain, RelationInfo
from nesy.dsl.values import Value


def with_values(checked: CheckedProgram, found: Mapping[str, Iterable[Value]]) -> CheckedProgram:
    """``checked`` with further values of its open types, those of the program first; by the types' names."""
    changed: dict[str, Domain] = {}
    for name, values in found.items():
        domain = checked.types.get(name)
        if domain is not None and domain.is_open and not domain.components:
            known = {(type(value), value): value for value in (*domain.values, *values)}
            changed[name] = Domain(name, tuple(known.values()), is_open=True)
    if not changed:
        return checked
    types = {name: _changed(domain, changed) for name, domain in checked.types.items()}
    attributes = {name: _attribute(info, changed) for name, info in checked.attributes.items()}
    relations = {key: _relation(info, changed) for key, info in checked.relations.items()}
    return dataclasses.replace(checked, types=types, attributes=attributes, relations=relations)


def _changed(domain: Domain, changed: Mapping[str, Domain]) -> Domain:
    """``domain`` itself, or the open type with its new values that it is an alias of."""
    found = changed.get(domain.name)
    return found if found is not None and domain.is_open else domain


def _attribute(info: AttributeInfo, changed: Mapping[str, Domain]) -> AttributeInfo:
    value = _changed(info.value, changed) if isinstance(info.value, Domain) else info.value
    return dataclasses.replace(info, index=_all(info.index, changed), value=value)


def _relation(info: RelationInfo, changed: Mapping[str, Domain]) -> RelationInfo:
    arguments = tuple(None if domain is None else _changed(domain, changed) for domain in info.arguments)
    return dataclasses.replace(info, arguments=arguments)


def _all(domains: Sequence[Domain], changed: Mapping[str, Domain]) -> tuple[Domain, ...]:
    return tuple(_changed(domain, changed) for domain in domains)
