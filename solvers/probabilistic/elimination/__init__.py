"""Exact inference in discrete networks by variable elimination on dense tensors.

A :class:`Network` is a product of constant tables and of inputs that come with each batch. :func:`compile_elimination`
orders its variables (:mod:`~.ordering`), makes steps that sum them out (:mod:`~.planning`), and joins steps of one form
(:mod:`~.grouping`), so that a chain of a hundred digits with a carry takes a handful of tensor operations. An
:class:`Elimination` then gives the log of the sum, joint posteriors of any declared sets of variables, all from one
backward differentiation (Darwiche 2003), and most probable assignments, in the same way by max-product. Batches are
tensors ``[batch or 1, row, card…]``; gradients flow to them.
"""

from nesy.solvers.probabilistic.elimination.elimination import (
    Elimination,
    Probe,
    compile_elimination,
    elimination_order,
)
from nesy.solvers.probabilistic.elimination.network import Input, Network, Table, table
from nesy.solvers.probabilistic.elimination.ordering import Order, min_fill

__all__ = [
    "Elimination",
    "Input",
    "Network",
    "Order",
    "Probe",
    "Table",
    "compile_elimination",
    "elimination_order",
    "min_fill",
    "table",
]
