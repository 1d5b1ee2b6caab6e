"""A reference interpreter of model graphs: one trace at a time, in plain Python and NumPy.

It shares no code with the torch executor nor with the emitted Pyro programs, and is their oracle in tests.
"""
