"""From a checked program to a ground model. gringo, inside clingo, is the only grounder.

``selection`` chooses what the queries need; ``text`` writes it for gringo (``clingo_text``, ``clingo_statements``,
``attribute_rules``, ``uncertain_rules``, ``query_rules``, with ``scopes`` and ``columns`` for premises and queries);
``gringo`` grounds it once; ``ground`` reads the result back (``indices``, ``instantiate``).
"""

from nesy.solvers.grounding.ground import ground
from nesy.solvers.grounding.printing import describe_model, model_to_json

__all__ = ["describe_model", "ground", "model_to_json"]
