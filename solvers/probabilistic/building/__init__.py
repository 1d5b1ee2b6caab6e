"""From a checked program to its model graph.

``facts`` grounds the crisp relations by gringo, ``solutions`` solves crisp conditions over them, ``expressions`` turns
terms and formulas into ground expressions, ``instances`` and ``nodes`` build what is needed, ``conditions`` reads
observations and queries, and ``build`` puts the parts in order and checks them.
"""
