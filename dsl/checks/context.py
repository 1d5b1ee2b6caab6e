"""What may stand where: each kind of place in a program admits some constructs and not others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """A kind of place. ``name`` is how messages call it (“the body of a rule”).

    ``attributes``: percepts, concepts and random variables may be used; ``functions``: ``exp``, ``log``, ``sqrt``
    and ``abs``; ``conditionals``: ``if … then … else``; ``aggregates``: ``count { … }`` and its like;
    ``confidence``: ``confidence(label@m1(O))``; ``reals``: decimal numbers.
    """

    name: str
    attributes: bool = True
    functions: bool = False
    conditionals: bool = False
    aggregates: bool = False
    confidence: bool = False
    reals: bool = False


HEAD = Context("the head of a rule", reals=True)
BODY = Context("the body of a rule", aggregates=True, reals=True)
PREMISE = Context("an uncertain rule")
WHERE = Context("a 'where' condition", attributes=False, aggregates=True)
FOR = Context("a 'for' condition", attributes=False, aggregates=True)
RANDOM_FOR = Context(FOR.name, attributes=False, aggregates=True, reals=True)
QUANTIFIER = Context("the 'for' condition of a quantifier", attributes=False, aggregates=True)
WEIGHT = Context("a weight", reals=True)
DISTRIBUTION = Context("a distribution", functions=True, conditionals=True, aggregates=True, reals=True)
DEFINITION = Context("a definition", functions=True, conditionals=True, aggregates=True, reals=True)
OBSERVATION = Context("an observation", functions=True, reals=True)
ERROR_RULE = Context("an error rule", confidence=True, reals=True, aggregates=True)
QUESTION = Context("a query", functions=True, aggregates=True, reals=True)
EXPECTATION = Context("an expectation", functions=True, aggregates=True, reals=True)
