"""From a checked program to answers: the grounder, the ground model, and one package for each back end.

``grounding`` makes a :class:`~nesy.solvers.ground_model.GroundModel`; a back end lowers it to what its solver takes,
solves, and lifts the result to an :class:`~nesy.solvers.answer.Answer`. ``backend`` lists them.
"""
