"""Which ``:-`` rules error rules and constraints rest on, and whether they may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.dsl.checks.walk import calls
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Choice, Disjunction, Rule
from nesy.dsl.syntax import Call, Formula
from nesy.solvers.grounding.vocabulary import attribute_key, attribute_of


def relevant_rules(surroundings: Surroundings, bodies: Iterable[Formula], *, fused: bool = False) -> list[Rule]:
    """The rules and facts that define the relations in ``bodies``, those below them included.

    Raises E577 where one depends on something else than readings, metadata and crisp relations: on a concept, on a
    choice, or (unless ``fused``, for the constraints) on the fused attribute, whose values error rules help to find.
    """
    checked = surroundings.checked
    assert checked is not None
    by_head: dict[tuple[str, int], list[Rule]] = defaultdict(list)
    chosen: set[tuple[str, int]] = set()
    for statement in checked.program.statements:
        if isinstance(statement, Rule):
            match statement.head:
                case Call(name, arguments):
                    by_head[name, len(arguments)].append(statement)
                case Choice(elements):
                    chosen |= {_key(call) for element in elements for call in calls(element.terms[:1])}
                case Disjunction(items):
                    chosen |= {_key(call) for call in calls(items)}
    found: dict[int, Rule] = {}
    waiting = [tuple(bodies)]
    seen: set[tuple[str, int]] = set()
    while waiting:
        for call in calls(waiting.pop()):
            if attribute_of(checked, call) is not None:
                if not (fused and is_fused(surroundings, call)):
                    _check_reading(surroundings, call)
                continue
            key = _key(call)
            if key in chosen:
                raise refusal(call, f"'{call.name}' depends on a choice")
            if key not in seen:
                seen.add(key)
                for other in by_head.get(key, ()):
                    found[id(other)] = other
                    waiting.append(other.body)
    return list(found.values())


def _key(call: Call) -> tuple[str, int]:
    return call.name, len(call.arguments)


def is_fused(surroundings: Surroundings, call: Call) -> bool:
    """Whether ``call`` is the fused attribute: the percept without a source."""
    return call.name == surroundings.percept and call.source is None


def _check_reading(surroundings: Surroundings, call: Call) -> None:
    if attribute_key(call) in surroundings.readings:
        return
    if is_fused(surroundings, call):
        models = surroundings.predictions.models
        hint = f"name the source: {call.name}@{models[0]}(…)" if models else "name a source"
        reason = f"'{call.name}' without a source is what abduction finds, with the help of these rules"
        raise NesyError(Diagnostic("E577", f"an error rule reads {reason}", call.span, hint))
    raise refusal(call, f"there is no reading of '{attribute_key(call)}' for the objects")


def refusal(call: Call, reason: str) -> NesyError:
    """E577 at ``call``."""
    hint = "use readings of the same objects, metadata, and relations that follow from these and from facts"
    return NesyError(Diagnostic("E577", f"this cannot be evaluated: {reason}", call.span, hint))
