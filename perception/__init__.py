"""Perception: images in, distributions of percepts out; with the data sets, networks and training that this takes.

A *perceiver* reads inputs ``[batch, index…, height, width]`` and gives probabilities ``[batch, index…, class]``;
``to_evidence`` brings its classes onto the values of a percept's type. What is lost here: the images; the rules see
distributions only. Perceivers are plug-ins (entry points of the group ``nesy.perception``).

The names below are the public interface. Each is imported when it is first used, so that ``import nesy.perception``
does not load torch. ``python -m nesy.perception.train`` trains the built-in networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nesy.dsl.lazy import importer

if TYPE_CHECKING:
    from nesy.perception.adapters import ModelPerceiver as ModelPerceiver
    from nesy.perception.adapters import file_perceiver as file_perceiver
    from nesy.perception.adapters import function_perceiver as function_perceiver
    from nesy.perception.adapters import module_perceiver as module_perceiver
    from nesy.perception.augmentation import Augmentation as Augmentation
    from nesy.perception.calibration import expected_calibration_error as expected_calibration_error
    from nesy.perception.calibration import fit_temperature as fit_temperature
    from nesy.perception.calibration import reliability as reliability
    from nesy.perception.corruptions import corrupt_images as corrupt_images
    from nesy.perception.datasets import Dataset as Dataset
    from nesy.perception.datasets import dataset_from_arrays as dataset_from_arrays
    from nesy.perception.datasets import load_dataset as load_dataset
    from nesy.perception.evidence import to_evidence as to_evidence
    from nesy.perception.input_files import read_inputs as read_inputs
    from nesy.perception.networks import DigitNet as DigitNet
    from nesy.perception.networks import PaperDigitNet as PaperDigitNet
    from nesy.perception.networks import SmallDigitNet as SmallDigitNet
    from nesy.perception.networks import initialised as initialised
    from nesy.perception.progress import Lines as Lines
    from nesy.perception.progress import Progress as Progress
    from nesy.perception.progress import Silent as Silent
    from nesy.perception.protocol import Perceiver as Perceiver
    from nesy.perception.protocol import PerceiverFactory as PerceiverFactory
    from nesy.perception.protocol import PerceiverOptions as PerceiverOptions
    from nesy.perception.registry import Registry as Registry
    from nesy.perception.registry import installed as installed
    from nesy.perception.settings import TrainingSettings as TrainingSettings
    from nesy.perception.trained import measure as measure
    from nesy.perception.trained import pretrained as pretrained
    from nesy.perception.training import train_network as train_network

_HOMES = {
    "Augmentation": "nesy.perception.augmentation",
    "Dataset": "nesy.perception.datasets",
    "DigitNet": "nesy.perception.networks",
    "Lines": "nesy.perception.progress",
    "ModelPerceiver": "nesy.perception.adapters",
    "PaperDigitNet": "nesy.perception.networks",
    "Perceiver": "nesy.perception.protocol",
    "PerceiverFactory": "nesy.perception.protocol",
    "PerceiverOptions": "nesy.perception.protocol",
    "Progress": "nesy.perception.progress",
    "Registry": "nesy.perception.registry",
    "Silent": "nesy.perception.progress",
    "SmallDigitNet": "nesy.perception.networks",
    "TrainingSettings": "nesy.perception.settings",
    "corrupt_images": "nesy.perception.corruptions",
    "dataset_from_arrays": "nesy.perception.datasets",
    "expected_calibration_error": "nesy.perception.calibration",
    "file_perceiver": "nesy.perception.adapters",
    "fit_temperature": "nesy.perception.calibration",
    "function_perceiver": "nesy.perception.adapters",
    "initialised": "nesy.perception.networks",
    "installed": "nesy.perception.registry",
    "load_dataset": "nesy.perception.datasets",
    "measure": "nesy.perception.trained",
    "module_perceiver": "nesy.perception.adapters",
    "pretrained": "nesy.perception.trained",
    "read_inputs": "nesy.perception.input_files",
    "reliability": "nesy.perception.calibration",
    "to_evidence": "nesy.perception.evidence",
    "train_network": "nesy.perception.training",
}

__all__ = [*_HOMES]
__getattr__ = importer(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
