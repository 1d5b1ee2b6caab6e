"""All back ends side by side, and the relations that must hold between what they answer.

In goes a program and a batch, out comes a :class:`~.comparison.Comparison`: the answer of each back end that can take
the program, why the others cannot, and every relation that was checked. A relation that fails is an alarm.
"""
