"""Model graphs on tensors: many traces at once, differentiable.

``plates`` puts nodes that are computed alike side by side; ``codes`` turns values into numbers; ``templates`` compiles
expressions to tensor operations; ``densities`` and ``drawing`` are the distributions; ``executor`` runs a graph.
Tensors of traces have the shape ``[traces, members]``; traces is 1 where all are alike.
"""
