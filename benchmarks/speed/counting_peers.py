"""The same probabilities by other systems, where they are installed: ``pip install klaycircuits problog``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import combinations, product

import torch
from torch import Tensor

HAS_KLAY = find_spec("klay") is not None
HAS_PROBLOG = find_spec("problog") is not None


def klay_sum(k: int, total: Sequence[int]) -> Callable[[Tensor], Tensor]:
    """KLay's evaluation of a carry circuit written by hand, for one sum: log P from ``[2k, 10]`` probabilities."""
    import klay

    circuit = klay.Circuit()
    literals = [[circuit.literal_node(10 * image + digit + 1) for digit in range(10)] for image in range(2 * k)]
    carries = {0: None}
    for place in range(k - 1, -1, -1):
        found = {}
        for out in (0, 1):
            ways = [
                circuit.and_node([literals[place][x], literals[k + place][y], *([node] if node is not None else [])])
                for carry, node in carries.items()
                for x, y in product(range(10), repeat=2)
                if x + y + carry == total[place + 1] + 10 * out
            ]
            if ways:
                found[out] = circuit.or_node(ways)
        carries = found
    circuit.set_root(carries[total[0]])
    module = circuit.to_torch_module(semiring="log", compile=False)

    def evaluate(digits: Tensor) -> Tensor:
        positive = digits.float().log().flatten()
        return module(positive, torch.zeros_like(positive))

    return evaluate


def klay_board() -> Callable[[Tensor], Tensor]:
    """KLay over an SDD of the 4×4 boards by PySDD: log P(valid) from ``[16, 4]`` probabilities."""
    import klay
    from pysdd.sdd import SddManager, Vtree

    manager = SddManager.from_vtree(Vtree(var_count=64, vtree_type="balanced"))
    manager.auto_gc_and_minimize_on()
    groups = [[4 * cell + digit + 1 for digit in range(4)] for cell in range(16)]
    rows = [[4 * row + column for column in range(4)] for row in range(4)]
    columns = [list(cells) for cells in zip(*rows, strict=True)]
    boxes = [[4 * row + column for row in (r, r + 1) for column in (c, c + 1)] for r in (0, 2) for c in (0, 2)]
    groups += [[4 * cell + digit + 1 for cell in cells] for cells in (*rows, *columns, *boxes) for digit in range(4)]
    root = manager.true()
    for group in groups:
        one = manager.false()
        for variable in group:
            one = one | manager.literal(variable)
        for first, second in combinations(group, 2):
            one = one & (~manager.literal(first) | ~manager.literal(second))
        kept = root & one
        kept.ref()
        root.deref()
        root = kept
    circuit = klay.Circuit()
    circuit.add_sdd(root)
    module = circuit.to_torch_module(semiring="log", compile=False)

    def evaluate(cells: Tensor) -> Tensor:
        positive = cells.float().log().flatten()
        return module(positive, torch.zeros_like(positive))

    return evaluate


def problog_sum(k: int, digits: Tensor, total: Sequence[int]) -> float:
    """P of one sum by ProbLog, from a program with a carry: parsing, grounding and compiling included."""
    from problog import get_evaluatable
    from problog.program import PrologString

    lines = [
        "; ".join(f"{p:.17g}::d({image},{digit})" for digit, p in enumerate(row)) + "."
        for image, row in enumerate(digits.tolist())
    ]
    lines.append(f"c({k},0).")
    for place in range(k):
        body = f"c({place + 1},R), d({place},X), d({k + place},Y), S is X + Y + R, {total[place + 1]} is S mod 10"
        lines.append(f"c({place},C) :- {body}, C is S // 10.")
    lines += [f"hit :- c(0,{total[0]}).", "query(hit)."]
    found = get_evaluatable().create_from(PrologString("\n".join(lines))).evaluate()
    return float(next(iter(found.values())))
