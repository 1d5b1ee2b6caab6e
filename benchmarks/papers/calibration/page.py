"""The page about calibration, drawn from ``results/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.papers.calibration.families import FAMILIES
from benchmarks.papers.calibration.ranks import evenness
from benchmarks.papers.stored import stored

RESULTS = Path(__file__).resolve().parent / "results"
METHODS = ("exact", "quadrature", "weighting", "filter", "smc", "laplace", "nuts", "svi")
LEAST = 1e-3

HEAD = """# Are posteriors calibrated?

<!-- Written by docs/make_calibration.py from benchmarks/papers/calibration; change those, not this page. -->

    python -m benchmarks.papers.calibration.run        # goes on where it was stopped
    python docs/make_calibration.py                    # this page

Simulation-based calibration (S. Talts, M. Betancourt and others, arXiv 1804.06788): parameters are drawn from the
prior, data from them, draws from the posterior by the method under test. If the method is right, the rank of a
parameter among 99 draws is uniform; a χ² test over 20 bins says with which p-value. The model is small and its data
are few, so that posteriors are wide and far from normal; truths are drawn by the interpreter, which shares no code
with the methods.

`right` is the p-value; below 0.001 it would count as a failure. `narrow` and `wide` are those of the same draws with
0.8 and 1.25 times the spread: the test has to notice both. Of truth values and counts, ranks are made by chance among
equals, and spread says nothing. `refused`: replicates in which the method's diagnostics failed and there was no
answer; these are judged by the data alone, so the rest stays uniform.

"""
TABLE = """| family | method | asked | replicates | refused | right | narrow | wide |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
"""


def page() -> str:
    """The page as Markdown."""
    text = HEAD
    text += "".join(f"- *{family.name}*: {family.said}\n" for family in FAMILIES) + "\n" + TABLE
    worst, few = 1.0, []
    for family in FAMILIES:
        for method in METHODS:
            blocks = _blocks(method, family.name)
            if not blocks:
                continue
            refused = sum(block["refused"] for block in blocks)
            for label in blocks[0]["right"]:
                right, narrow, wide = (_counts(blocks, name, label) for name in ("right", "narrow", "wide"))
                value = evenness(right)
                if method != "svi":
                    worst = min(worst, value)
                done = sum(right) + refused
                if done < 1000:
                    few.append(method)
                text += (
                    f"| {family.name} | {method} | `{label}` | {done} | {refused} | {_p(value)} | "
                    f"{_p(evenness(narrow)) if narrow else '–'} | {_p(evenness(wide)) if wide else '–'} |\n"
                )
    text += f"\nThe smallest p-value of a method that claims to be right is {_p(worst)}.\n"
    if few:
        text += "`svi` is known to be too narrow, and says so (W599).\n" if "svi" in few else ""
        listed = [f"`{name}`" for name in dict.fromkeys(few)]
        names = " and ".join((", ".join(listed[:-1]), listed[-1])) if len(listed) > 1 else listed[0]
        text += f"Of {names} fewer than the thousand replicates have been run so far: their tests say little yet.\n"
    return text + _evidence()


def _blocks(method: str, family: str) -> list[dict[str, Any]]:
    units = stored(RESULTS / f"ranks-{method}.json")
    return [unit for key, unit in units.items() if key.split(" | ")[0] == family]


def _counts(blocks: list[dict[str, Any]], name: str, label: str) -> list[int]:
    columns = [block[name][label] for block in blocks if label in block[name]]
    return [sum(column) for column in zip(*columns, strict=True)]


def _p(value: float) -> str:
    return f"{value:.2f}" if value >= 0.01 else f"{value:.0e}"


def _evidence() -> str:
    units = stored(RESULTS / "evidence.json")
    if not units:
        return ""
    text = """
## Evidence

Estimates of the log evidence of models whose evidence is known exactly, each from a hundred seeds. Errors should be
as large as the method says: *ratio* is the root mean square of the errors over that of the standard errors, the
median over the models and the range. Standard errors of `filter` and `smc` come from 16 islands, so errors beyond two
and four of them are as frequent as in Student's distribution with 15 degrees of freedom (6.4 % and 0.1 %).

| method | models | first estimate, largest error | ratio | within 2 | within 4 |
| --- | ---: | ---: | ---: | ---: | ---: |
"""
    for method in ("weighting", "filter", "smc", "laplace"):
        rows = [unit[method] for unit in units.values() if unit.get(method, {}).get("answers", 0) > 1]
        if not rows:
            continue
        ratios = sorted(row["ratio"] for row in rows)
        within = [sum(row["within"][place] for row in rows) / len(rows) for place in (0, 1)]
        text += (
            f"| {method} | {len(rows)} | {max(abs(row['first']) for row in rows):.1f} standard errors | "
            f"{ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) | "
            f"{within[0]:.1%} | {within[1]:.1%} |\n"
        )
    return text
