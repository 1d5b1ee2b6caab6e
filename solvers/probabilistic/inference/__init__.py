"""Inference in model graphs: one module for each method, one that chooses among them.

``finite`` sums discrete models exactly; ``results`` is what every method returns.
"""
