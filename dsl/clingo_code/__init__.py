"""Files in clingo's own language, as far as a rule file that includes them has to know them.

Text goes in, :class:`~nesy.dsl.statements.ClingoStatement` objects come out: each statement with its place, the
predicates that it defines and those that it reads. What the statements mean is left to clingo.
"""

from nesy.dsl.clingo_code.statements import read_clingo

__all__ = ["read_clingo"]
