"""What others published on MNIST addition: test accuracy in per cent, with the source of each figure.

None of these systems is given the labels of single digits: they learn from sums only. Π-NeSy, and everything that is
measured here, trains the network on labelled digits. The figures therefore do not measure the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass

A_NESI_TABLE = "repository of A-NeSI, `results_other_methods.csv`"
A_NESI_RUNS = "repository of A-NeSI, `runs.csv`, mean of ten runs"
DEEP_PROOF_LOG = "DeepProofLog (AAAI 2026), table 1"
NESYDM = "NeSyDM, table 1"

COLUMNS = (1, 2, 3, 4, 15, 100)
OUT_OF_TIME = "out of time"


@dataclass(frozen=True, slots=True)
class Published:
    """``accuracy`` by k: a mean with its deviation as printed, or ``OUT_OF_TIME``."""

    method: str
    accuracy: dict[int, str]
    source: str

    def mean(self, digits: int) -> float | None:
        """The mean alone, None where there is none."""
        text = self.accuracy.get(digits, OUT_OF_TIME)
        return None if text == OUT_OF_TIME else float(text.split(" ")[0])


PUBLISHED = (
    Published("DeepProbLog", {1: "97.2 ± 0.5", 2: "95.2 ± 1.7"}, A_NESI_TABLE),
    Published("NeurASP", {1: "97.3 ± 0.3", 2: "93.9 ± 0.7"}, A_NESI_TABLE),
    Published("DPLA*", {1: "88.9 ± 14.8", 2: "83.6 ± 23.7", 3: "77.4 ± 33.3"}, A_NESI_TABLE),
    Published("LTN", {1: "80.5 ± 23.3", 2: "77.5 ± 35.6"}, A_NESI_TABLE),
    Published("NeuPSL", {1: "97.34 ± 0.26", 2: "93.91 ± 0.37"}, A_NESI_TABLE),
    Published(
        "DeepStochLog",
        {1: "97.9 ± 0.1", 2: "96.4 ± 0.1", 3: "94.5 ± 1.1", 4: "92.7 ± 0.6", 15: OUT_OF_TIME},
        f"{A_NESI_TABLE}; k = 15: {DEEP_PROOF_LOG}",
    ),
    Published(
        "Embed2Sym",
        {1: "97.62 ± 0.29", 2: "93.81 ± 1.37", 3: "92.76 ± 0.82", 4: "91.65 ± 0.57", 15: "60.5 ± 20.4"},
        A_NESI_TABLE,
    ),
    Published(
        "A-NeSI",
        {
            1: "97.66 ± 0.21",
            2: "95.96 ± 0.38",
            3: "94.18 ± 0.69",
            4: "92.56 ± 0.79",
            15: "75.90 ± 2.21",
            100: OUT_OF_TIME,
        },
        f"{A_NESI_RUNS}; k = 100: {DEEP_PROOF_LOG}",
    ),
    Published("DeepSoftLog", {4: "93.5 ± 0.6", 15: "77.1 ± 1.6", 100: OUT_OF_TIME}, f"{DEEP_PROOF_LOG}; {NESYDM}"),
    Published("Scallop", {4: "92.3 ± 0.7", 15: OUT_OF_TIME}, DEEP_PROOF_LOG),
    Published("EXAL", {4: "91.8 ± 0.8", 15: "73.3 ± 2.1"}, f"{DEEP_PROOF_LOG}; {NESYDM}"),
    Published("PLIA", {4: "91.84 ± 0.73", 15: "79.00 ± 0.73"}, f"{DEEP_PROOF_LOG}; {NESYDM}"),
    Published("NeSyDM", {4: "92.49 ± 0.98", 15: "77.29 ± 1.40"}, NESYDM),
    Published("DeepProofLog", {4: "94.0 ± 0.3", 15: "80.8 ± 1.1", 100: "37.8 ± 2.9"}, DEEP_PROOF_LOG),
)

INFERENCE = (
    ("DeepProbLog (exact)", "0.020 (k = 1), 1.05 (2), 102 (3)"),
    ("DeepStochLog", "0.0022 / 0.0025 / 0.0041 / 0.0057 (k = 1 … 4), and grounding 0.20 / 0.58 / 5.3 / 58"),
    ("A-NeSI (prediction only)", "0.0029 / 0.0045 / 0.0076 / 0.029 (k = 1, 2, 4, 15)"),
)
"""Seconds a query, from the repository of A-NeSI; on other machines than ours, network included or not as it stands
there, so only orders of magnitude can be compared."""

TRAINING = (
    ("DeepStochLog", "141", OUT_OF_TIME, "–"),
    ("DeepSoftLog", "880", "1325", OUT_OF_TIME),
    ("Scallop", "74", OUT_OF_TIME, "–"),
    ("A-NeSI", "70", "917", OUT_OF_TIME),
    ("EXAL", "32", "145", "–"),
    ("DeepProofLog", "25", "42", "106"),
)
"""Minutes of training for k = 4, 15 and 100, the network included, from table 1 of DeepProofLog (AAAI 2026)."""
