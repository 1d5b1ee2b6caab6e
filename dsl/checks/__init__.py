"""The checks, one concern a module; :func:`nesy.dsl.check` runs them in order.

In goes a :class:`~nesy.dsl.statements.Program`, out come diagnostics, and tables that make up the
:class:`~nesy.dsl.checked.CheckedProgram`. Nothing is lost: the statements stay as they were written.
"""
