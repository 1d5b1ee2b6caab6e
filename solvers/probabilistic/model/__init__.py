"""The model graph: the typed, ground form of a probabilistic program, and what can be said of it without inference.

``expressions`` and ``graph`` are the types, ``distributions`` the table of families; ``arithmetic`` is the meaning of
expressions on single values, ``supports`` which values they can take, ``kinds`` and ``validation`` the checks,
``serialisation`` the JSON form. Nothing here imports torch or pyro.
"""
