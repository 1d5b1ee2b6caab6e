"""Evidence from raw inputs: ``PERCEPT=PERCEIVER:INPUTS`` on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nesy.dsl.diagnostics import Diagnostic, NesyError, did_you_mean
from nesy.dsl.values import Value
from nesy.value_text import read_values

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from nesy.perception.progress import Progress
    from nesy.perception.protocol import Perceiver
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

    PERCEIVER is a name or the file of a saved network. ``classes`` maps percepts to what the perceiver's outputs mean:
    ``domain``, or a value for each output with ``_`` for none (``1,2,3,_``). Raises :class:`NesyError`: E429 unknown
    percept, E45x, E47x and E48x from perception.
    """
    from nesy.perception.evidence import to_evidence
    from nesy.perception.input_files import arrange, load_inputs
    from nesy.perception.network_files import is_network_file, network_file
    from nesy.perception.protocol import PerceiverOptions
    from nesy.perception.registry import installed

    attributes = {attribute.name: attribute for attribute in model.percepts}
    registry = installed()
    asked = {name: request.partition(":")[::2] for name, request in requests.items()}
    problems = [
        _unknown(name, option, attributes)
        for option, names in (("--perceive", requests), ("--classes", classes))
        for name in names
        if name not in attributes
    ]
    perceivers = [perceiver for perceiver, _ in asked.values() if not is_network_file(perceiver)]
    problems += [unknown for perceiver in perceivers if (unknown := registry.unknown(perceiver)) is not None]
    if problems:
        raise NesyError(problems)
    # all that may be wrong comes before the perceivers, since making one may mean to train a network
    meanings = {name: read_classes(classes.get(name)) for name in requests}
    loaded = {name: load_inputs(inputs) for name, (_, inputs) in asked.items()}
    options = PerceiverOptions(device=device, progress=progress)
    found = {}
    for name, (perceiver_name, inputs) in asked.items():
        attribute = attributes[name]
        perceiver: Perceiver
        if is_network_file(perceiver_name):
            images = _images(loaded[name], attribute, inputs)
            shape = images.shape[1 + len(attribute.shape) :]
            perceiver = network_file(perceiver_name, images, shape, attribute.domain.values, device=device)
        else:
            perceiver = registry.make(perceiver_name, options)
            images = arrange(loaded[name], attribute.shape, len(perceiver.image_shape), inputs)
        found[name] = to_evidence(perceiver, images, attribute.domain.values, meanings[name])
    return found


def _images(loaded: NDArray[Any], attribute: Attribute, place: str) -> NDArray[Any]:
    """Inputs ``[batch, *index shape, *image]`` for a network that does not say which images it takes.

    An image has two axes, or three (channels first) where two leave one over.
    """
    from nesy.perception.input_files import arrange

    try:
        return arrange(loaded, attribute.shape, 2, place)
    except NesyError:
        if loaded.ndim < 4:
            raise
        return arrange(loaded, attribute.shape, 3, place)


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
