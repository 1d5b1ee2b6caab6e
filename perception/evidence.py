"""From a perceiver's readings to the evidence of a percept: its classes become values of the percept's type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import torch
from torch import Tensor

from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.values import Value, format_value

if TYPE_CHECKING:
    from nesy.perception.protocol import Inputs, Perceiver

Classes: TypeAlias = "Sequence[Value | None] | Mapping[Value, Value] | Literal['domain'] | None"
"""What a perceiver's outputs mean in a percept's type; see :func:`to_evidence`."""


def to_evidence(
    perceiver: Perceiver, inputs: Inputs, domain_values: Sequence[Value], classes: Classes = None
) -> Tensor:
    """The evidence of a percept of the type ``domain_values``: float64 ``[batch, index…, value]``, rows sum to 1.

    Without ``classes`` the perceiver's classes have to be exactly the values (in any order): E452 otherwise. With it:

    - a sequence says for each output in turn which value it means, None for none of them;
    - a mapping says it for the perceiver's classes by name, those that it leaves out mean none;
    - ``"domain"`` keeps the classes that are values of the type.

    Several outputs may mean one value: their probabilities are added. Values that no output means get 0. What the
    outputs that mean none were given is taken away by *conditioning*: the row is divided by the probability of the
    domain, so a reading is “given that it is one of the values”. (Masking without dividing would leave a distribution
    below 1, which the possibilistic rules would take for a contradiction.) E457 where the whole domain has
    probability 0; E456 for ``classes`` that do not fit.
    """
    places = class_places(perceiver, domain_values, classes)
    readings = perceiver.perceive(inputs)
    if readings.shape[-1] != len(perceiver.classes):
        message = f"the perceiver gave the shape {list(readings.shape)} for {len(perceiver.classes)} classes"
        hint = "the last axis of its readings has to be the classes"
        raise NesyError(Diagnostic("E455", message, hint=hint, place=perceiver.name))
    return condition(readings, places, len(domain_values), perceiver.name)


def class_places(perceiver: Perceiver, domain_values: Sequence[Value], classes: Classes = None) -> tuple[int, ...]:
    """The place in ``domain_values`` that each output of ``perceiver`` means, −1 for none. E452, E456."""
    known = {_key(value): place for place, value in enumerate(domain_values)}
    if classes is None:
        _check_same(perceiver, domain_values)
        meant: list[Value | None] = list(perceiver.classes)
    elif isinstance(classes, str):
        if classes != "domain":
            raise _bad_classes(perceiver, f"classes = '{classes}'", "the only word that may stand there is 'domain'")
        meant = [value if _key(value) in known else None for value in perceiver.classes]
    elif isinstance(classes, Mapping):
        names = {_key(value) for value in perceiver.classes}
        strange = [format_value(value) for value in classes if _key(value) not in names]
        if strange:
            own = ", ".join(map(format_value, perceiver.classes))
            raise _bad_classes(perceiver, f"it has no class {', '.join(strange)}", f"its classes are {own}")
        by_key = {_key(source): target for source, target in classes.items()}
        meant = [by_key.get(_key(value)) for value in perceiver.classes]
    else:
        meant = list(classes)
        if len(meant) != len(perceiver.classes):
            message = f"classes= names {len(meant)} values, the network has {len(perceiver.classes)} outputs"
            raise _bad_classes(perceiver, message, "one value for each output, None for an output without a value")
    outside = [format_value(value) for value in meant if value is not None and _key(value) not in known]
    if outside:
        values = ", ".join(map(format_value, domain_values))
        raise _bad_classes(perceiver, f"{', '.join(outside)} is no value of the type", f"the values are {values}")
    places = tuple(-1 if value is None else known[_key(value)] for value in meant)
    if set(places) <= {-1}:
        raise _bad_classes(perceiver, "no output means a value of the type", "map at least one class onto a value")
    return places


def condition(readings: Tensor, places: Sequence[int], values: int, name: str) -> Tensor:
    """Add up readings ``[…, class]`` by place and divide by the probability of the domain: ``[…, values]``. E457."""
    kept = [(output, place) for output, place in enumerate(places) if place >= 0]
    outputs = torch.tensor([output for output, _ in kept], device=readings.device)
    targets = torch.tensor([place for _, place in kept], device=readings.device)
    evidence = torch.zeros(*readings.shape[:-1], values, dtype=torch.float64, device=readings.device)
    evidence.index_add_(-1, targets, readings.double().index_select(-1, outputs))
    mass = evidence.sum(dim=-1, keepdim=True)
    empty = (mass.squeeze(-1) <= 0).nonzero()
    if len(empty):
        where = ",".join(str(int(place)) for place in empty[0])
        message = f"the reading of image [{where}] gives probability 0 to every value of the type"
        hint = "the image may show something that the type does not have; check classes="
        raise NesyError(Diagnostic("E457", message, hint=hint, place=name))
    return evidence / mass


def _key(value: Value) -> str:
    """``true`` and ``1`` differ as values but are equal in Python: compare what is written."""
    return format_value(value)


def _check_same(perceiver: Perceiver, domain_values: Sequence[Value]) -> None:
    own, wanted = ({_key(value): value for value in values} for values in (perceiver.classes, domain_values))
    extra = [key for key in own if key not in wanted]
    missing = [key for key in wanted if key not in own]
    if not extra and not missing:
        return
    parts = [f"'{perceiver.name}' tells {len(own)} classes apart, the percept's type has {len(wanted)} values"]
    if extra:
        parts.append(f"no value for the class {', '.join(extra)}")
    if missing:
        parts.append(f"no class for the value {', '.join(missing)}")
    hint = "say by classes= what each output means; classes='domain' keeps the classes that are values of the type"
    raise NesyError(Diagnostic("E452", "; ".join(parts), hint=hint, place=perceiver.name))


def _bad_classes(perceiver: Perceiver, message: str, hint: str) -> NesyError:
    return NesyError(Diagnostic("E456", f"classes= does not fit '{perceiver.name}': {message}", hint=hint))
