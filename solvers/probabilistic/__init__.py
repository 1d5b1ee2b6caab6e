"""The probabilistic back end: posteriors of probabilistic programs and of programs over percepts.

:mod:`~.elimination` sums discrete networks exactly.
"""
