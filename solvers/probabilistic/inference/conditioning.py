"""Gaussian conditioning for many settings of the other variables at once.

Inner variables z are normal given a row (the values of all outer and finite variables): z = a + B z + S ε with B
strictly lower triangular. Normals whose value a row holds, observed or outer, are y = c + C z + R ε, equations D z = d.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi

import torch
from torch import Tensor

from nesy.solvers.probabilistic.inference.affine import Affine, Linear
from nesy.solvers.probabilistic.model.expressions import Constant, Expression
from nesy.solvers.probabilistic.model.graph import Equation, ModelGraph, RandomVariable
from nesy.solvers.probabilistic.vectorised.codes import FLOAT
from nesy.solvers.probabilistic.vectorised.executor import Executor
from nesy.solvers.probabilistic.vectorised.templates import Function, State

NOTHING = 1e-300
"""A variance up to this is none: what does not vary has no density."""
FEW = 8
"""Observations beyond twice the number of variables up to which the covariance form is used."""


@dataclass(frozen=True)
class Gaussian:
    """The posterior of the inner variables in each row: mean ``[rows, n]``, covariance ``[rows, n, n]``, and the log
    density of the observed normals and equations, ``[rows]``."""

    mean: Tensor
    covariance: Tensor
    log_evidence: Tensor


class Conditioner:
    """Conditions the inner variables of one model."""

    def __init__(self, executor: Executor, linear: Linear, inner: Sequence[str]) -> None:
        self._executor = executor
        self.linear = linear
        self._functions: dict[Expression, Function] = {}
        self.inner = tuple(inner)
        graph = executor.graph
        self._nodes = [node for node in map(graph.by_label.__getitem__, inner) if isinstance(node, RandomVariable)]
        forms = [linear.form(node.distribution.arguments[0]) for node in self._nodes]
        self._forms = [form for form in forms if form is not None]
        self._seen = self._observed(graph)
        self._equations = [
            (entry, form)
            for entry in graph.conditions
            if isinstance(entry, Equation) and (form := linear.form(entry.expression)) is not None
        ]

    def _observed(self, graph: ModelGraph) -> list[tuple[RandomVariable, Affine]]:
        """The normals that depend on inner variables and whose value is known in every row."""
        found = []
        for variable in graph.variables:
            if variable.label not in self.inner and variable.distribution.name == "normal":
                loc = variable.distribution.arguments[0]
                form = self.linear.form(loc) if self.linear.depends(loc) else None
                if form is not None:
                    found.append((variable, form))
        return found

    def _value(self, variable: RandomVariable, state: State, rows: int) -> Tensor:
        """The value of an observed or outer variable, ``[rows]``."""
        number, place = self._executor.plates.places[variable.label]
        return state[number].to(FLOAT).expand(rows, -1)[:, place]

    @property
    def covered(self) -> frozenset[str]:
        """The variables whose densities are part of :attr:`Gaussian.log_evidence`."""
        return frozenset((*self.inner, *(variable.label for variable, _ in self._seen)))

    # ----- evaluating coefficients

    def values(self, expression: Expression, state: State, rows: int) -> Tensor:
        """An expression that no inner variable influences, ``[rows]``."""
        return self._function(expression)(state)[:, 0].to(FLOAT).expand(rows)

    def _function(self, expression: Expression) -> Function:
        """The compiled expression; each is compiled once."""
        if expression not in self._functions:
            self._functions[expression] = self._executor.function(expression)
        return self._functions[expression]

    def line(self, form: Affine, state: State, rows: int) -> tuple[Tensor, Tensor]:
        """Constant ``[rows]`` and coefficients ``[rows, n]`` of an affine form."""
        fixed = torch.zeros(len(self.inner), dtype=FLOAT)
        moving: list[tuple[int, Expression]] = []
        for place, name in enumerate(self.inner):
            coefficient = form.coefficients.get(name)
            if isinstance(coefficient, Constant) and isinstance(coefficient.value, int | float):
                fixed[place] = float(coefficient.value)
            elif coefficient is not None:
                moving.append((place, coefficient))
        table = fixed.expand(rows, -1)
        if moving:
            columns = dict(moving)
            table = torch.stack(
                [
                    self.values(columns[place], state, rows) if place in columns else table[:, place]
                    for place in range(len(self.inner))
                ],
                1,
            )
        return self.values(form.constant, state, rows), table

    # ----- conditioning

    def condition(self, state: State, rows: int) -> Gaussian:
        """The inner variables given everything that is known, in each row of ``state``."""
        size = len(self.inner)
        if not size:
            empty = torch.zeros(rows, 0, dtype=FLOAT)
            return Gaussian(empty, torch.zeros(rows, 0, 0, dtype=FLOAT), torch.zeros(rows, dtype=FLOAT))
        lines = [self.line(form, state, rows) for form in self._forms]
        offset = torch.stack([constant for constant, _ in lines], 1)
        matrix = torch.eye(size, dtype=FLOAT) - torch.stack([coefficients for _, coefficients in lines], 1)
        scale = torch.stack([self.values(node.distribution.arguments[1], state, rows) for node in self._nodes], 1)
        seen = [
            (
                *self.line(form, state, rows),
                self._value(variable, state, rows),
                self.values(variable.distribution.arguments[1], state, rows),
            )
            for variable, form in self._seen
        ]
        if len(seen) <= 2 * size + FEW:
            found = _by_covariance(offset, matrix, scale, seen)
        else:
            found = _by_information(offset, matrix, scale, seen)
        for entry, form in self._equations:
            constant, coefficients = self.line(form, state, rows)
            found = _equated(found, constant, coefficients, entry.value)
        return found


Seen = Sequence[tuple[Tensor, Tensor, Tensor, Tensor]]
"""Normals that are known: constant and coefficients of the mean, the value, and the scale."""


def _by_covariance(offset: Tensor, matrix: Tensor, scale: Tensor, seen: Seen) -> Gaussian:
    """Kalman's form: sound however small a scale is; its matrix is as large as there are observations."""
    rows, size = offset.shape
    inverse = torch.linalg.solve_triangular(matrix, torch.eye(size, dtype=FLOAT).expand_as(matrix), upper=False)
    mean = (inverse @ offset[..., None])[..., 0]
    root = inverse * scale[:, None, :]
    covariance = root @ root.mT
    if not seen:
        return Gaussian(mean, covariance, torch.zeros(rows, dtype=FLOAT))
    design = torch.stack([coefficients for _, coefficients, _, _ in seen], 1)
    left = torch.stack([value - constant for constant, _, value, _ in seen], 1) - (design @ mean[..., None])[..., 0]
    noise = torch.stack([each for _, _, _, each in seen], 1)
    cross = covariance @ design.mT
    spread = design @ cross + torch.diag_embed(noise**2)
    factor, failed = torch.linalg.cholesky_ex(spread)
    good = (failed == 0)[:, None, None]
    factor = torch.where(good, factor, torch.eye(len(seen), dtype=FLOAT))
    whitened = torch.linalg.solve_triangular(factor, left[..., None], upper=False)[..., 0]
    gain = torch.linalg.solve_triangular(factor, cross.mT, upper=False)
    evidence = -0.5 * (whitened**2).sum(1) - factor.diagonal(dim1=-2, dim2=-1).log().sum(1)
    evidence = evidence - 0.5 * len(seen) * log(2 * pi)
    return Gaussian(
        mean + (gain.mT @ whitened[..., None])[..., 0],
        covariance - gain.mT @ gain,
        torch.where(good[:, 0, 0], evidence, -torch.inf),
    )


def _by_information(offset: Tensor, matrix: Tensor, scale: Tensor, seen: Seen) -> Gaussian:
    """The form for many observations of few variables; the determinant of ``I − B`` is 1."""
    precision = scale**-2
    weighted = matrix.mT * precision[:, None, :]
    information = weighted @ matrix
    vector = (weighted @ offset[..., None])[..., 0]
    total = 0.5 * precision.log().sum(1) - 0.5 * (precision * offset**2).sum(1)
    for constant, coefficients, value, noise in seen:
        weight = noise**-2
        left = value - constant
        information = information + weight[:, None, None] * coefficients[:, :, None] * coefficients[:, None, :]
        vector = vector + (weight * left)[:, None] * coefficients
        total = total + 0.5 * weight.log() - 0.5 * log(2 * pi) - 0.5 * weight * left**2
    factor, failed = torch.linalg.cholesky_ex(information)
    good = (failed == 0)[:, None, None] & factor.isfinite().all(-1, keepdim=True).all(-2, keepdim=True)
    factor = torch.where(good, factor, torch.eye(offset.shape[1], dtype=FLOAT))
    covariance = torch.cholesky_inverse(factor)
    mean = (covariance @ vector[..., None])[..., 0]
    determinant = 2 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    evidence = total - 0.5 * determinant + 0.5 * (vector * mean).sum(1)
    return Gaussian(mean, covariance, torch.where(good[:, 0, 0], evidence, -torch.inf))


def _equated(found: Gaussian, shift: Tensor, coefficients: Tensor, value: float) -> Gaussian:
    """Condition on ``shift + coefficients · z = value`` without noise."""
    spread = (found.covariance @ coefficients[..., None])[..., 0]
    variance = (coefficients * spread).sum(1).clamp(min=NOTHING)
    left = value - shift - (coefficients * found.mean).sum(1)
    gain = spread / variance[:, None]
    evidence = found.log_evidence - 0.5 * (left**2 / variance + variance.log() + log(2 * pi))
    return Gaussian(
        found.mean + gain * left[:, None],
        found.covariance - gain[:, :, None] * spread[:, None, :],
        torch.where(variance > NOTHING, evidence, -torch.inf),
    )
