"""Ground logic programs: the common ground of answer-set solving and integer programming.

A checked program becomes clingo text (:mod:`~.text`), which gringo grounds once; what gringo says is read back as a
:class:`~.program.LogicProgram` (:mod:`~.reading`). Solvers, the checker of models and the explanations start from it.
"""
