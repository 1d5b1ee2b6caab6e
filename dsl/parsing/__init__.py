"""From text to :class:`~nesy.dsl.statements.Program`: the parser of ``grammar.lark``, the builders of the syntax tree,
and what is said about text that is no program (``recovery`` finds all errors, ``mistakes`` puts them into words).
"""
