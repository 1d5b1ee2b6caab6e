"""Racing: two solvers search for the same model in processes of their own, and the first proof counts.

``race`` is the solver that engines see, ``process`` a worker as seen from outside, ``worker`` what runs inside,
``messages`` what they say to each other.
"""
