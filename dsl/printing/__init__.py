"""From :class:`~nesy.dsl.statements.Program` to text in the one canonical form, comments kept (``nesy fmt``)."""
