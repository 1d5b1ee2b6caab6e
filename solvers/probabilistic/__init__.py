"""The probabilistic back end: posteriors of probabilistic programs and of programs over percepts.

``building`` makes a model graph (``model``) of a program with random variables; ``vectorised`` runs it on tensors,
``interpreter`` one trace at a time. ``elimination`` sums discrete networks exactly.
"""
