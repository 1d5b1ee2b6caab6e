"""Evidence from raw inputs: ``PERCEPT=PERCEIVER:INPUTS`` on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.values import Value
from nesy.value_text import read_values

if TYPE_CHECKING:
    from torch import Tensor

    from nesy.perception.progress import Progress
    from nesy.solvers.ground_model import Attribute, GroundModel

NOTHING = "_"
"""Stands in ``--classes`` for an output that means none of the type's values."""


def perceive_all(
    model: GroundModel,
    requests: Mapping[str, str],
    classes: Mapping[str, str],
    *,
    device: str = "cpu",
    progress: Progress | None = None,
) -> dict[str, Tensor]:
    """The evidence of each requested percept: ``requests`` maps percepts to ``PERCEIVER:INPUTS``.

    ``classes`` maps percepts to what the perceiver's outputs mean: ``domain``, or a value for each output with ``_``
    for none (``1,2,3,_``). Raises :class:`NesyError`: E429 unknown percept, E45x and E48x from perception.
    """
    from nesy.perception.protocol import PerceiverOptions
    from nesy.perception.registry import installed

    attributes = {attribute.name: attribute for attribute in model.percepts}
    problems = [
        _unknown(name, option, attributes)
        for option, names in (("--perceive", requests), ("--classes", classes))
        for name in names
        if name not in attributes
    ]
    if problems:
        raise NesyError(problems)
    registry = installed()
    options = PerceiverOptions(device=device, progress=progress)
    found = {}
    for name, request in requests.items():
        perceiver_name, _, inputs = request.partition(":")
        perceiver = registry.make(perceiver_name, options)
        found[name] = _perceive(attributes[name], perceiver, inputs, classes.get(name))
    return found


def _perceive(attribute: Attribute, perceiver: object, inputs: str, classes: str | None) -> Tensor:
    from nesy.perception.evidence import to_evidence
    from nesy.perception.input_files import read_inputs
    from nesy.perception.protocol import Perceiver

    assert isinstance(perceiver, Perceiver)
    images = read_inputs(inputs, index_shape=attribute.shape, image_axes=len(perceiver.image_shape))
    return to_evidence(perceiver, images, attribute.domain.values, read_classes(classes))


def read_classes(text: str | None) -> Sequence[Value | None] | Literal["domain"] | None:
    """``--classes`` as perception takes it: ``domain``, or the value of each output."""
    if text is None:
        return None
    if text == "domain":
        return "domain"
    values = read_values(text)
    if values is None:
        hint = "give 'domain', or the value of each output in order, '_' for none: 1,2,3,_"
        raise NesyError(Diagnostic("E456", f"'{text}' lists no values", hint=hint, place="--classes"))
    return [None if value == NOTHING else value for value in values]


def _unknown(name: str, option: str, attributes: Mapping[str, Attribute]) -> Diagnostic:
    known = f"the queries need {', '.join(attributes)}" if attributes else "the queries need no percept"
    hint = did_you_mean(name, attributes) or known
    return Diagnostic("E429", f"no query needs a percept '{name}'", hint=hint, place=option)
