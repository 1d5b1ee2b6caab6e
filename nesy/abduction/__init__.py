"""Consistency-based abduction over several perception models that read the same objects.

In go predictions, error rules and domain constraints, as one :class:`~.problem.AbductionProblem`; out comes a
:class:`~.hypothesis.Hypothesis`: which model is believed about which class, so that as many objects as possible have a
label while the rate of inconsistency stays under a given bound, with what it takes to check that without a solver.

Following Leiva, Ngu, Kricheli, Taparia, Senanayake, Shakarian, Bastian, Corcoran and Simari, arXiv 2505.19361.
"""

from __future__ import annotations
