"""Making a perceiver of what people have: a torch module, a function, a saved network."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nesy.dsl.diagnostics import Diagnostic, NesyError, reason_of
from nesy.dsl.values import Value, format_value
from nesy.perception.devices import find_device
from nesy.perception.inputs import leading_shape, portions

if TYPE_CHECKING:
    from nesy.perception.protocol import Inputs

Output: TypeAlias = Literal["logits", "probabilities"]
Forward: TypeAlias = Callable[[Tensor], "Tensor | NDArray[Any]"]
"""float32 ``[n, *image]`` → ``[n, class]``; a module gets ``[n, 1, height, width]`` where the image has no channels."""

_TOLERANCE = 1e-3
"""How far a row that a network calls probabilities may be from summing to 1 (half precision is that coarse)."""


@dataclass(frozen=True)
class ModelPerceiver:
    """A perceiver around ``forward``. Logits are divided by ``temperature`` and become probabilities in float64.

    At most ``batch`` images are in memory as floats at a time.
    """

    name: str
    classes: tuple[Value, ...]
    image_shape: tuple[int, ...]
    forward: Forward
    output: Output = "logits"
    temperature: float = 1.0
    device: str = "cpu"
    batch: int = 1024

    def __post_init__(self) -> None:
        if len(set(self.classes)) != len(self.classes) or not self.classes:
            written = ", ".join(map(format_value, self.classes)) or "none"
            message = f"the classes of a perceiver have to differ, given are: {written}"
            raise NesyError(Diagnostic("E456", message, hint="give one value for each output", place=self.name))
        if not (math.isfinite(self.temperature) and self.temperature > 0 and self.batch > 0):
            message = f"temperature {self.temperature} and batch {self.batch} have to be positive"
            raise NesyError(Diagnostic("E473", message, hint="temperature 1 changes nothing", place=self.name))
        if self.output not in get_args(Output):
            message = f"output '{self.output}' is not known"
            hint = f"outputs are {' or '.join(get_args(Output))}"
            raise NesyError(Diagnostic("E473", message, hint=hint, place=self.name))

    def perceive(self, inputs: Inputs) -> Tensor:
        """Probabilities ``[batch, index…, class]``, float64; see :class:`nesy.perception.protocol.Perceiver`."""
        leading = leading_shape(inputs, self.image_shape, self.name)
        device = find_device(self.device)
        found = torch.empty(math.prod(leading), len(self.classes), dtype=torch.float64, device=device)
        start = 0
        with torch.no_grad():
            for images in portions(inputs, self.image_shape, size=self.batch, device=device, name=self.name):
                found[start : start + len(images)] = self._read(images)
                start += len(images)
        return found.reshape(*leading, len(self.classes))

    def outputs(self, images: Tensor) -> Tensor:
        """What ``forward`` makes of images ``[n, *image_shape]``, as a table of numbers of any width. E455."""
        try:
            raw = self.forward(images)
        except NesyError:
            raise
        except Exception as error:  # people's own code raises what it likes
            message = f"the network failed on inputs of the shape {list(images.shape)}: {reason_of(error)}"
            hint = "check the image shape; a network exported for one batch size needs a dynamic first axis"
            raise NesyError(Diagnostic("E455", message, hint=hint, place=self.name)) from error
        return self._numbers(raw, images.device)

    def _read(self, images: Tensor) -> Tensor:
        values = self.outputs(images)
        if values.shape != (len(images), len(self.classes)):
            message = f"the network gave the shape {list(values.shape)}, expected [{len(images)}, {len(self.classes)}]"
            hint = f"one column for each of the {len(self.classes)} values in classes="
            raise NesyError(Diagnostic("E455", message, hint=hint, place=self.name))
        values = values.double()
        if not bool(torch.isfinite(values).all()):
            message = "the network gave numbers that are not finite"
            raise NesyError(Diagnostic("E455", message, hint="check the network's weights", place=self.name))
        return torch.softmax(values / self.temperature, dim=1) if self.output == "logits" else self._normal(values)

    def _numbers(self, raw: object, device: torch.device) -> Tensor:
        try:
            return torch.as_tensor(raw, device=device)
        except (RuntimeError, ValueError, TypeError):
            message = f"the network gave a {type(raw).__name__}, which is no table of numbers"
            hint = "give a tensor or an array with one row for each image"
            raise NesyError(Diagnostic("E455", message, hint=hint, place=self.name)) from None

    def _normal(self, values: Tensor) -> Tensor:
        """Rows that sum to 1 up to the rounding of the network's precision, made to sum to 1 in float64."""
        sums = values.sum(dim=1)
        if bool((values < -_TOLERANCE).any()) or bool(((sums - 1).abs() > _TOLERANCE).any()):
            worst = float(sums[(sums - 1).abs().argmax()])
            message = f"the network's outputs are no probabilities: a row sums to {worst:.6g}"
            hint = "say output='logits' if a softmax is still to be applied"
            raise NesyError(Diagnostic("E455", message, hint=hint, place=self.name))
        values = values.clamp(min=0)
        return values / values.sum(dim=1, keepdim=True)


def module_perceiver(
    module: nn.Module,
    *,
    classes: Sequence[Value],
    image_shape: tuple[int, ...],
    name: str | None = None,
    output: Output = "logits",
    temperature: float = 1.0,
    device: str = "cpu",
    batch: int = 1024,
) -> ModelPerceiver:
    """Any ``torch.nn.Module``, put into evaluation mode on ``device``.

    ``classes`` says which value each output means. An ``image_shape`` of two axes is given to the module with a channel
    axis of length 1.
    """
    module = module.to(find_device(device)).eval()
    forward = _with_channel(module) if len(image_shape) == 2 else module
    label = name or type(module).__name__
    return ModelPerceiver(label, tuple(classes), image_shape, forward, output, temperature, device, batch)


def function_perceiver(
    function: Forward,
    *,
    classes: Sequence[Value],
    image_shape: tuple[int, ...],
    name: str | None = None,
    output: Output = "probabilities",
    temperature: float = 1.0,
    batch: int = 1024,
) -> ModelPerceiver:
    """Any function from images, a float32 tensor ``[n, *image_shape]`` in 0 … 1, to ``[n, class]``, tensor or array."""
    label = name or str(getattr(function, "__name__", type(function).__name__))
    return ModelPerceiver(label, tuple(classes), image_shape, function, output, temperature, "cpu", batch)


def file_perceiver(
    path: str | Path,
    *,
    classes: Sequence[Value],
    image_shape: tuple[int, ...],
    name: str | None = None,
    output: Output = "logits",
    temperature: float = 1.0,
    device: str = "cpu",
    batch: int = 1024,
) -> ModelPerceiver:
    """A network saved by ``torch.export.save`` (``.pt2``) or as TorchScript (any other ending).

    Such files hold programs: load only what comes from a trusted place. E472 if the file is missing or of no such
    kind.
    """
    path = Path(path)
    module = _load(path, find_device(device))
    forward = _with_channel(module) if len(image_shape) == 2 else module
    label = name or path.stem
    return ModelPerceiver(label, tuple(classes), image_shape, forward, output, temperature, device, batch)


def _with_channel(module: Callable[[Tensor], Tensor]) -> Forward:
    return lambda images: module(images.unsqueeze(1))


def _load(path: Path, device: torch.device) -> Callable[[Tensor], Tensor]:
    if not path.is_file():
        message = "there is no such file"
        raise NesyError(Diagnostic("E472", message, hint="check the path of the saved network", place=str(path)))
    hint = "save it with torch.export.save (.pt2) or torch.jit.save (.pt); a bare state_dict holds no network"
    if not zipfile.is_zipfile(path):
        message = "no network can be read from the file: it is no archive as torch writes them, or a part is missing"
        raise NesyError(Diagnostic("E472", message, hint=hint, place=str(path)))
    try:
        if path.suffix == ".pt2":
            module: Any = torch.export.load(path).module()
            return _as_callable(module.to(device))
        return _as_callable(torch.jit.load(str(path), map_location=device).eval())  # type: ignore[no-untyped-call]  # torch gives no type
    except Exception as error:  # the readers of torch raise whatever the bytes led them to
        message = f"no network can be read from the file: {reason_of(error).partition('. ')[0]}"
        raise NesyError(Diagnostic("E472", message, hint=hint, place=str(path))) from None


def _as_callable(module: Any) -> Callable[[Tensor], Tensor]:
    def forward(images: Tensor) -> Tensor:
        values: Tensor = module(images)
        return values

    return forward
