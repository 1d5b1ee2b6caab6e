"""Templates as tensor functions: each takes the state of the blocks before it and gives ``[traces or 1, members]``.

What several templates that are evaluated together have in common is computed once: the shares of a mixture all ask
in which band the same strength lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import TypeAlias

import torch
from torch import Tensor

from nesy.solvers.probabilistic.model.expressions import Constant, Reference, Scalar
from nesy.solvers.probabilistic.vectorised.codes import FLOAT, Codes
from nesy.solvers.probabilistic.vectorised.plates import Applied, Chosen, Each, Plates, Template

State: TypeAlias = list[Tensor]
"""The values of the blocks so far, each ``[traces or 1, members]``: bool, or float64 codes."""

Function: TypeAlias = Callable[[State], Tensor]
Functions: TypeAlias = Callable[[State], list[Tensor]]


class _Evaluation(State):
    """A state with what templates that are evaluated together have computed from it so far."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.found: dict[Template, Tensor] = {}


class Compiler:
    """Compiles the templates of one graph's blocks."""

    def __init__(self, plates: Plates, codes: Codes) -> None:
        self._places = plates.places
        self._codes = codes
        self._sizes = [block.size for block in plates.blocks]
        self._shared: set[Template] = set()

    def together(self, templates: Sequence[Template]) -> Functions:
        """The values of several templates in one state."""
        counts = Counter(part for template in templates for part in _parts(template))
        self._shared = {part for part, count in counts.items() if count > 1}
        functions = [self.compile(template) for template in templates]
        shares, self._shared = bool(self._shared), set()

        def evaluate(state: State) -> list[Tensor]:
            seen = _Evaluation(state) if shares else state
            return [function(seen) for function in functions]

        return evaluate

    def compile(self, template: Template) -> Function:
        """The function of a template."""
        function = self._compiled(template)
        if template not in self._shared:
            return function

        def once(state: State) -> Tensor:
            assert isinstance(state, _Evaluation)
            found = state.found.get(template)
            if found is None:
                found = state.found[template] = function(state)
            return found

        return once

    def _compiled(self, template: Template) -> Function:
        match template:
            case Constant(value):
                tensor = self._codes.tensor([value])[None]
                return lambda _: tensor
            case Reference(label):
                return self._gathered([label])
            case Each(items):
                if isinstance(items[0], Constant):
                    row = self._codes.tensor(item.value for item in items if isinstance(item, Constant))[None]
                    return lambda _: row
                return self._gathered([item.label for item in items if isinstance(item, Reference)])
            case Applied(operator, arguments):
                return applied(operator, [self.compile(argument) for argument in arguments])
            case Chosen(selector, cases):
                return self._chosen(self.compile(selector), [(value, self.compile(case)) for value, case in cases])

    def _gathered(self, labels: Sequence[str]) -> Function:
        """The columns of nodes, wherever they lie."""
        places = [self._places[label] for label in labels]
        blocks = list(dict.fromkeys(number for number, _ in places))
        if len(blocks) == 1:
            (number,) = blocks
            columns = [place for _, place in places]
            if columns == list(range(self._sizes[number])):
                return lambda state: state[number]
            if len(columns) == 1 or columns == list(range(columns[0], columns[0] + len(columns))):
                start, stop = columns[0], columns[0] + len(columns)
                return lambda state: state[number][:, start:stop]
            picked = torch.tensor(columns)
            return lambda state: members(state[number], picked)
        starts, total = {}, 0
        for number in blocks:
            starts[number] = total
            total += self._sizes[number]
        index = torch.tensor([starts[number] + place for number, place in places])
        return lambda state: members(joined([state[number] for number in blocks]), index)

    def _chosen(self, selector: Function, cases: Sequence[tuple[Scalar, Function]]) -> Function:
        codes = [self._codes.code(value) for value, _ in cases]
        functions = [function for _, function in cases]

        def choose(state: State) -> Tensor:
            chosen = selector(state)
            found = functions[-1](state)
            for code, function in zip(codes[:-1], functions[:-1], strict=True):
                found = torch.where(chosen == code, function(state), found)
            return found

        return choose


def _parts(template: Template) -> Iterator[Template]:
    """What takes work to evaluate, every occurrence."""
    match template:
        case Each():
            yield template
        case Applied(_, arguments):
            yield template
            for argument in arguments:
                yield from _parts(argument)
        case Chosen(selector, cases):
            yield template
            yield from _parts(selector)
            for _, case in cases:
                yield from _parts(case)
        case Constant() | Reference():
            pass


def joined(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors ``[traces or 1, members]`` side by side."""
    traces = max(tensor.shape[0] for tensor in tensors)
    kinds = {tensor.dtype for tensor in tensors}
    same = [tensor if len(kinds) == 1 else tensor.to(FLOAT) for tensor in tensors]
    return torch.cat([tensor.expand(traces, -1).T for tensor in same]).T


def members(tensor: Tensor, picked: Tensor) -> Tensor:
    """The columns ``picked`` of ``[traces or 1, members]``, each in one piece of memory."""
    return tensor.T.index_select(0, picked).T


def applied(operator: str, functions: Sequence[Function]) -> Function:
    """The function of an operator over functions."""
    if operator == "if":
        condition, then, otherwise = functions
        return lambda state: torch.where(condition(state), then(state), otherwise(state))
    if operator in _NARY:
        combine, convert = _NARY[operator]
        return lambda state: reduce(combine, [convert(function(state)) for function in functions])
    if len(functions) == 1:
        (function,), unary = functions, _UNARY[operator]
        return lambda state: unary(function(state))
    left, right = functions
    binary, convert = _BINARY[operator]
    return lambda state: binary(convert(left(state)), convert(right(state)))


def _number(tensor: Tensor) -> Tensor:
    return tensor.to(FLOAT) if tensor.dtype == torch.bool else tensor


def _same(tensor: Tensor) -> Tensor:
    return tensor


Combination = tuple[Callable[[Tensor, Tensor], Tensor], Callable[[Tensor], Tensor]]

_NARY: dict[str, Combination] = {
    "and": (torch.logical_and, _same),
    "or": (torch.logical_or, _same),
    "sum": (torch.add, _number),
    "count": (torch.add, _number),
    "min": (torch.minimum, _number),
    "max": (torch.maximum, _number),
}
_BINARY: dict[str, Combination] = {
    "+": (torch.add, _number),
    "-": (torch.sub, _number),
    "*": (torch.mul, _number),
    "/": (torch.div, _number),
    "mod": (torch.remainder, _number),
    "=": (torch.eq, _same),
    "!=": (torch.ne, _same),
    "<": (torch.lt, _number),
    "<=": (torch.le, _number),
    ">": (torch.gt, _number),
    ">=": (torch.ge, _number),
}
_UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "neg": lambda x: -_number(x),
    "not": torch.logical_not,
    "exp": lambda x: _number(x).exp(),
    "log": lambda x: _number(x).log(),
    "sqrt": lambda x: _number(x).sqrt(),
    "abs": lambda x: _number(x).abs(),
}
