"""Arguments that are given by name: ``normal(loc = 0, scale = 1)``. Distributions alone have them."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.dsl.diagnostics import did_you_mean
from nesy.dsl.distributions import DISTRIBUTIONS, Signature
from nesy.dsl.parsing.building import NamedArgument, NamedCall, as_term, refusal
from nesy.dsl.span import Span
from nesy.dsl.syntax import Call, Number, Term

OTHERWISE = {
    "mu": "loc",
    "mean": "loc",
    "sigma": "scale",
    "sd": "scale",
    "std": "scale",
    "alpha": "concentration1",
    "a": "concentration1",
    "b": "concentration0",
    "shape": "concentration",
    "lambda": "rate",
    "n": "total_count",
    "p": "probs",
    "nu": "df",
    "min": "low",
    "max": "high",
}
"""What other languages call arguments."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A distribution with its arguments in their order; ``names`` is empty for each that was given without one."""

    call: Call
    names: tuple[str, ...]


def ordered(call: NamedCall) -> Ordered:
    """The arguments of a distribution in the order of its signature, defaults filled in.

    Raises NesyError: E206 for names that the distribution does not have, that come twice or that are missing, and for
    an argument without a name behind one with a name; E218 for an unknown distribution.
    """
    signature = DISTRIBUTIONS.get(call.name)
    if signature is None:
        hint = did_you_mean(call.name, DISTRIBUTIONS) or f"the distributions are {', '.join(DISTRIBUTIONS)}"
        raise refusal("E218", f"unknown distribution '{call.name}'", call, hint)
    if signature.is_open:
        message = f"'{call.name}' takes one argument for each category, without names"
        raise refusal("E206", message, call, f"give them in order: {call.name}(0.2, 0.8)")
    given = _given(call, signature)
    arguments: list[Term] = []
    for place, name in enumerate(signature.arguments):
        if name in given:
            arguments.append(given[name])
        elif place < signature.least:
            raise refusal("E206", f"'{call.name}' is given no '{name}'", call, listed(call.name, signature))
        else:
            arguments.append(Number(signature.defaults[place - signature.least], call.span))
    unnamed = sum(not isinstance(part, NamedArgument) for part in call.arguments)
    names = tuple("" if place < unnamed else name for place, name in enumerate(signature.arguments))
    return Ordered(Call(call.name, tuple(arguments), None, call.span), names)


def listed(name: str, signature: Signature) -> str:
    """What a distribution takes, as a hint."""
    return f"the arguments are those of Pyro, in its order: {name}({', '.join(signature.arguments)})"


def _given(call: NamedCall, signature: Signature) -> dict[str, Term]:
    found: dict[str, Term] = {}
    named = False
    for place, part in enumerate(call.arguments):
        if isinstance(part, NamedArgument):
            named = True
            name, term, span = part.name, part.term, part.span
        elif named:
            message = "an argument without a name stands behind one with a name"
            raise refusal("E206", message, part, "give this one a name as well, or put it first")
        elif place < len(signature.arguments):
            name, term, span = signature.arguments[place], as_term(part), part.span
        else:
            message = f"'{call.name}' takes at most {len(signature.arguments)} arguments"
            raise refusal("E206", message, call, listed(call.name, signature))
        _check(name, span, call.name, signature, found)
        found[name] = term
    return found


def _check(name: str, span: Span, distribution: str, signature: Signature, found: dict[str, Term]) -> None:
    if name in found:
        raise refusal("E206", f"the argument '{name}' is given twice", span, "leave one of them out")
    if name not in signature.arguments:
        meant = OTHERWISE.get(name, "")
        near = f"did you mean '{meant}'?" if meant in signature.arguments else did_you_mean(name, signature.arguments)
        hint = near or listed(distribution, signature)
        raise refusal("E206", f"'{distribution}' has no argument '{name}'", span, hint)
