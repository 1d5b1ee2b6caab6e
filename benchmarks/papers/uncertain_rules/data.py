"""What the rules are tried on: readings of real digits, a generated table of patients, the breast cancer table.

Everything is drawn from a seed. Readings of digits come from the networks of ``nesy.perception``, from images that
they were not trained on; they are computed once and kept in the cache folder, never in the project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nesy.dsl.files import replace_file
from nesy.perception import PerceiverOptions, load_dataset
from nesy.perception.places import cache_folder
from nesy.perception.trained import pretrained

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Cases:
    """Evidence by percept ``[cases, values]``, outcomes by concept ``[cases]`` (places on the value axis), and
    ``features`` ``[cases, …]`` for the baseline: the same readings as numbers."""

    evidence: dict[str, Tensor]
    outcomes: dict[str, Integers]
    features: Floats

    def __len__(self) -> int:
        return len(self.features)

    def take(self, places: Integers) -> Cases:
        """Some of the cases."""
        evidence = {name: tensor[torch.from_numpy(places)] for name, tensor in self.evidence.items()}
        return Cases(evidence, {n: values[places] for n, values in self.outcomes.items()}, self.features[places])

    def split(self, sizes: tuple[int, ...], seed: int) -> tuple[Cases, ...]:
        """Disjoint random parts of the given sizes; −1 takes what is left."""
        order = np.random.default_rng([seed, 7]).permutation(len(self))
        parts, start = [], 0
        for size in sizes:
            stop = len(order) if size < 0 else start + size
            parts.append(self.take(order[start:stop]))
            start = stop
        return tuple(parts)


def digit_readings(name: str, seed: int = 0) -> tuple[Floats, Integers]:
    """Probabilities ``[images, 10]`` and true digits of the validation and test images of ``digits`` or ``mnist``."""
    perceiver = pretrained(name, PerceiverOptions(seed=seed))
    parts = [load_dataset(name, "validation"), load_dataset(name, "test")]
    labels = np.concatenate([part.labels for part in parts])
    path = cache_folder() / "benchmarks" / f"readings-{name}-{parts[0].fingerprint[:12]}-{seed}.npz"
    if not path.exists():
        found = [perceiver.perceive(part.images).cpu().numpy() for part in parts]
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda stream: np.savez(stream, readings=np.concatenate(found)))
    with np.load(path) as stored:
        return stored["readings"], labels


def parity_cases(name: str, odd_rate: float, even_rate: float, seed: int) -> Cases:
    """Digits and whether they are even, with the outcome turned round at a rate for odd and one for even digits."""
    readings, digits = digit_readings(name)
    random = np.random.default_rng([seed, 1])
    even = (digits % 2 == 0).astype(np.int64)
    turned = random.random(len(even)) < np.where(even == 1, even_rate, odd_rate)
    outcomes = np.where(turned, 1 - even, even)
    return Cases({"d": torch.from_numpy(readings)}, {"even": outcomes}, np.log(readings.clip(1e-6)))


def filed_cases(name: str, mistakes: dict[tuple[int, int], float], seed: int) -> Cases:
    """Digits and the digit that they are filed under; ``mistakes[(4, 9)]`` is how often a 4 is filed under 9."""
    readings, digits = digit_readings(name)
    random = np.random.default_rng([seed, 2])
    draws = random.random(len(digits))
    outcomes = digits.copy()
    for digit in range(10):
        start = 0.0
        for (shown, filed), rate in mistakes.items():
            if shown == digit:
                outcomes[(digits == digit) & (draws >= start) & (draws < start + rate)] = filed
                start += rate
    return Cases({"d": torch.from_numpy(readings)}, {"filed": outcomes}, np.log(readings.clip(1e-6)))


TRIAGE_RATES = {
    # concept: (how often it holds although the premise fails, how often it fails although the premise holds)
    "infection": (0.10, 0.15),
    "shock": (0.05, 0.10),
    "respiratory_failure": (0.02, 0.25),
    "immediate": (0.05, 0.15),
}
"""The rates that the table of patients is made with; “infection” holds in 85 % of the cases of fever."""


def triage_cases(count: int, seed: int, noise: float = 0.2) -> Cases:
    """Patients: true levels, readings of them by instruments with normal noise, and what the rules' truth makes of
    them.

    A level is 0, 1 or 2; an instrument shows level + N(0, ``noise``²), and its reading is the posterior probability
    of the three levels, so it is as sure as it should be.
    """
    random = np.random.default_rng([seed, 3])
    shares = {
        "temperature": (0.1, 0.55, 0.35),
        "pulse": (0.1, 0.4, 0.5),
        "oxygen": (0.4, 0.5, 0.1),
        "pressure": (0.5, 0.4, 0.1),
        "mind": (0.6, 0.3, 0.1),
    }
    levels, evidence = {}, {}
    for name, share in shares.items():
        level = random.choice(3, count, p=share)
        shown = level + random.normal(0.0, noise, count)
        likelihood = np.exp(-((shown[:, None] - np.arange(3)) ** 2) / (2 * noise**2)) * share
        levels[name] = level
        evidence[name] = likelihood / likelihood.sum(1, keepdims=True)

    def happens(concept: str, premise: NDArray[Any]) -> NDArray[np.bool_]:
        despite, fails = TRIAGE_RATES[concept]
        return np.asarray(random.random(count) < np.where(premise, 1 - fails, despite))

    infection = happens("infection", levels["temperature"] == 2)
    shock = happens("shock", (levels["pulse"] == 2) & (levels["pressure"] == 0))
    failure = happens("respiratory_failure", (levels["oxygen"] == 0) & (levels["mind"] != 0))
    immediate = happens("immediate", shock | failure | (levels["mind"] == 2))
    outcomes = {"infection": infection, "shock": shock, "respiratory_failure": failure, "immediate": immediate}
    features = np.concatenate(list(evidence.values()), 1)
    return Cases(
        {name: torch.from_numpy(values) for name, values in evidence.items()},
        {name: values.astype(np.int64) for name, values in outcomes.items()},
        features,
    )


TUMOUR_RULES = {
    # percept: (measurement, threshold, width of the doubtful zone)
    "large": ("worst radius", 17.0, 0.5),
    "dented": ("worst concave points", 0.15, 0.01),
    "rough": ("worst texture", 27.0, 1.5),
    "uneven": ("worst smoothness", 0.14, 0.005),
    "asymmetric": ("worst symmetry", 0.31, 0.015),
}
"""An expert's thresholds; a measurement m is above threshold t with probability 1 / (1 + exp(−(m − t) / width))."""


def tumour_cases() -> Cases:
    """The 569 tumours of scikit-learn's breast cancer table."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    names = list(table.feature_names)
    evidence, features = {}, []
    for percept, (measurement, threshold, width) in TUMOUR_RULES.items():
        above = 1 / (1 + np.exp(-(table.data[:, names.index(measurement)] - threshold) / width))
        evidence[percept] = torch.from_numpy(np.stack([1 - above, above], 1))
        features.append(above)
    return Cases(evidence, {"malignant": 1 - table.target.astype(np.int64)}, np.stack(features, 1))
