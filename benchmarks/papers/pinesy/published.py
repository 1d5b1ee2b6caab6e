"""What others report for MNIST-Addition-k: test accuracy in per cent, as they or a later paper print it.

All of these learn from the sums alone; the networks here, like the paper's, learn from the digits. The figures say how
hard the task is in each setting, not which reasoning is better.
"""

from __future__ import annotations

from dataclasses import dataclass

A_NESI = "results_other_methods.csv of the A-NeSI repository"
A_NESI_RUNS = "mean of 10 runs in runs.csv of the A-NeSI repository; k = 100 from DeepProofLog"
DEEPPROOFLOG = "DeepProofLog (AAAI 2026), table 1"
MIXED = "results_other_methods.csv of the A-NeSI repository; k = 15 from DeepProofLog"
NESYDM = "NeSyDM, table 1"

TIMEOUT = "T/O"


@dataclass(frozen=True, slots=True)
class Published:
    """Figures by k as printed; what is not given there is missing."""

    method: str
    figures: dict[int, str]
    source: str


PUBLISHED = (
    Published("DeepProbLog", {1: "97.2 ± 0.5", 2: "95.2 ± 1.7"}, A_NESI),
    Published("NeurASP", {1: "97.3 ± 0.3", 2: "93.9 ± 0.7"}, A_NESI),
    Published("NeuPSL", {1: "97.34 ± 0.26", 2: "93.91 ± 0.37"}, A_NESI),
    Published("LTN", {1: "80.5 ± 23.3", 2: "77.5 ± 35.6"}, A_NESI),
    Published("DPLA*", {1: "88.9 ± 14.8", 2: "83.6 ± 23.7"}, A_NESI),
    Published("DeepStochLog", {1: "97.9 ± 0.1", 2: "96.4 ± 0.1", 4: "92.7 ± 0.6", 15: TIMEOUT}, MIXED),
    Published("Embed2Sym", {1: "97.62 ± 0.29", 2: "93.81 ± 1.37", 4: "91.65 ± 0.57", 15: "60.5 ± 20.4"}, A_NESI),
    Published(
        "A-NeSI",
        {1: "97.66 ± 0.21", 2: "95.96 ± 0.38", 4: "92.56 ± 0.79", 15: "75.90 ± 2.21", 100: TIMEOUT},
        A_NESI_RUNS,
    ),
    Published("DeepSoftLog", {4: "93.5 ± 0.6", 15: "77.1 ± 1.6", 100: TIMEOUT}, DEEPPROOFLOG),
    Published("Scallop", {4: "92.3 ± 0.7", 15: TIMEOUT}, DEEPPROOFLOG),
    Published("EXAL", {4: "91.8 ± 0.8", 15: "73.3 ± 2.1"}, DEEPPROOFLOG),
    Published("PLIA", {4: "91.84 ± 0.73", 15: "79.00 ± 0.73"}, NESYDM),
    Published("NeSyDM", {4: "92.49 ± 0.98", 15: "77.29 ± 1.40"}, NESYDM),
    Published("DeepProofLog", {4: "94.0 ± 0.3", 15: "80.8 ± 1.1", 100: "37.8 ± 2.9"}, DEEPPROOFLOG),
)
