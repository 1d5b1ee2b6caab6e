"""Which part of a model is linear and Gaussian once the rest is known, and with which coefficients.

``outer`` variables are those whose value has to be known for the others, the ``inner`` ones, to be jointly normal.
Without outer variables the posterior is a mixture of Gaussians over the finite ones; with one or two, a quadrature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nesy.dsl.values import Value
from nesy.solvers.probabilistic.building.folding import applied, conditional
from nesy.solvers.probabilistic.model.arithmetic import UndefinedError
from nesy.solvers.probabilistic.model.expressions import Apply, Constant, Expression, Lookup, Reference, references
from nesy.solvers.probabilistic.model.graph import (
    Definition,
    Equation,
    ModelGraph,
    Observation,
    RandomVariable,
)

ZERO, ONE = Constant(0), Constant(1)


@dataclass(frozen=True)
class Affine:
    """``constant`` + Σ coefficient · inner variable; the coefficients do not depend on inner variables."""

    constant: Expression
    coefficients: Mapping[str, Expression]


@dataclass(frozen=True)
class Split:
    """A model's unobserved numbers: ``inner`` normal given the others, in topological order, and ``outer``."""

    inner: tuple[str, ...]
    outer: tuple[str, ...]


class Linear:
    """Affine forms of one graph's expressions in its inner variables."""

    def __init__(self, graph: ModelGraph, inner: frozenset[str]) -> None:
        self._graph = graph
        self._inner = inner
        self._known: dict[str, Affine | None] = {}
        self._depends: dict[str, bool] = {}
        for node in graph.nodes:
            if isinstance(node, Definition):
                self._depends[node.label] = any(self._depends[label] for label in node.parents)
            else:
                self._depends[node.label] = node.label in inner

    def depends(self, expression: Expression) -> bool:
        """Whether an inner variable has any influence on an expression."""
        return any(self._depends[label] for label in references(expression))

    def inner_of(self, expression: Expression) -> frozenset[str]:
        """The inner variables that have an influence on an expression."""
        return self._graph.sources_of(references(expression)) & self._inner

    def form(self, expression: Expression) -> Affine | None:
        """The affine form of an expression; None if it has none."""
        if not self.depends(expression):
            return Affine(expression, {})
        match expression:
            case Reference(label):
                return self._node(label)
            case Apply("+" | "-" as operator, (left, right)):
                first, second = self.form(left), self.form(right)
                return None if first is None or second is None else _added(first, second, operator)
            case Apply("neg", (operand,)):
                found = self.form(operand)
                return None if found is None else _scaled(found, Constant(-1))
            case Apply("sum", operands):
                total = Affine(ZERO, {})
                for operand in operands:
                    part = self.form(operand)
                    if part is None:
                        return None
                    total = _added(total, part, "+")
                return total
            case Apply("*", (left, right)):
                factor, other = (left, right) if not self.depends(left) else (right, left)
                found = None if self.depends(factor) else self.form(other)
                return None if found is None else _scaled(found, factor)
            case Apply("/", (left, right)) if not self.depends(right):
                found = self.form(left)
                return None if found is None else _scaled(found, applied("/", ONE, right))
            case Apply("if", (condition, then, otherwise)) if not self.depends(condition):
                first, second = self.form(then), self.form(otherwise)
                return None if first is None or second is None else _either(condition, first, second)
            case Lookup(selector, cases) if not self.depends(selector):
                forms = [(value, self.form(case)) for value, case in cases]
                return _looked_up(selector, [(v, form) for v, form in forms if form is not None], len(forms))
            case _:
                return None

    def _node(self, label: str) -> Affine | None:
        if label in self._inner:
            return Affine(ZERO, {label: ONE})
        if label not in self._known:
            node = self._graph.by_label[label]
            assert isinstance(node, Definition)
            self._known[label] = self.form(node.expression)
        return self._known[label]


def _added(left: Affine, right: Affine, sign: Literal["+", "-"]) -> Affine:
    names = dict.fromkeys((*left.coefficients, *right.coefficients))
    found = {
        name: applied(sign, left.coefficients.get(name, ZERO), right.coefficients.get(name, ZERO)) for name in names
    }
    return Affine(applied(sign, left.constant, right.constant), found)


def _scaled(form: Affine, factor: Expression) -> Affine:
    found = {name: applied("*", factor, coefficient) for name, coefficient in form.coefficients.items()}
    return Affine(applied("*", factor, form.constant), found)


def _either(condition: Expression, then: Affine, otherwise: Affine) -> Affine:
    names = dict.fromkeys((*then.coefficients, *otherwise.coefficients))
    found = {
        name: conditional(condition, then.coefficients.get(name, ZERO), otherwise.coefficients.get(name, ZERO))
        for name in names
    }
    return Affine(conditional(condition, then.constant, otherwise.constant), found)


def _looked_up(selector: Expression, cases: list[tuple[Value, Affine]], wanted: int) -> Affine | None:
    if len(cases) < wanted:
        return None
    names = dict.fromkeys(name for _, form in cases for name in form.coefficients)
    constant = Lookup(selector, tuple((value, form.constant) for value, form in cases))
    found = {
        name: Lookup(selector, tuple((value, form.coefficients.get(name, ZERO)) for value, form in cases))
        for name in names
    }
    return Affine(constant, found)


def split(graph: ModelGraph, *, decentred: bool = False) -> Split:
    """The split with as few outer variables as this takes: normals are inner until something speaks against it.

    ``decentred``: what an outer normal with uncertain scale varies around is outer, too. Deviations from it can then be
    coordinates; from its mean alone they would grow without bound as the scale goes to 0.
    """
    numbers = [v for v in graph.variables if v.domain is None and v.label not in graph.observed]
    inner = {variable.label for variable in numbers if variable.distribution.name == "normal"}
    while True:
        linear = Linear(graph, frozenset(inner))
        try:
            offending = set(_offending(graph, linear))
            if decentred:
                offending |= _centres(graph, linear)
        except UndefinedError:
            offending = inner
        if not offending & inner:
            break
        inner -= offending
    return Split(
        tuple(variable.label for variable in numbers if variable.label in inner),
        tuple(variable.label for variable in numbers if variable.label not in inner),
    )


def _offending(graph: ModelGraph, linear: Linear) -> list[str]:
    """Inner variables that something depends on in a way that is not linear and Gaussian."""
    found: list[str] = []
    for variable in graph.variables:
        found += _against(variable, linear)
    for condition in graph.conditions:
        if isinstance(condition, Observation):
            continue
        if isinstance(condition, Equation) and linear.form(condition.expression) is not None:
            continue
        found += linear.inner_of(condition.expression)
    return found


def _centres(graph: ModelGraph, linear: Linear) -> set[str]:
    """The inner variables around which outer normals with uncertain scale vary."""
    found: set[str] = set()
    for variable in graph.variables:
        own = linear.depends(Reference(variable.label))
        if own or variable.distribution.name != "normal" or variable.label in graph.observed:
            continue
        loc, scale = variable.distribution.arguments
        if not isinstance(scale, Constant):
            found |= linear.inner_of(loc)
    return found


def _against(variable: RandomVariable, linear: Linear) -> frozenset[str]:
    arguments = variable.distribution.arguments
    if variable.distribution.name != "normal":
        return frozenset().union(*map(linear.inner_of, arguments))
    loc, scale = arguments
    return linear.inner_of(scale) | (linear.inner_of(loc) if linear.form(loc) is None else frozenset())
