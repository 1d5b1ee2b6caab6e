"""Which ``:-`` rules error rules rest on, and whether they may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from nesy.abduction.error_rules.surroundings import Surroundings
from nesy.dsl.checks.walk import calls
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.statements import Choice, Disjunction, ErrorRule, Rule
from nesy.dsl.syntax import Call
from nesy.solvers.grounding.vocabulary import attribute_key, attribute_of


def relevant_rules(surroundings: Surroundings, rules: Sequence[ErrorRule]) -> list[Rule]:
    """The rules and facts that define the relations in the bodies of ``rules``, those below them included.

    Raises E577 where one depends on something else than readings, metadata and crisp relations: on the fused attribute,
    whose values the error rules help to find, on a concept, or on a choice.
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
    waiting: list[ErrorRule | Rule] = list(rules)
    seen: set[tuple[str, int]] = set()
    while waiting:
        for call in calls(waiting.pop().body):
            if attribute_of(checked, call) is not None:
                _check_reading(surroundings, call)
                continue
            key = _key(call)
            if key in chosen:
                raise _refuse(call, f"'{call.name}' depends on a choice")
            if key not in seen:
                seen.add(key)
                for other in by_head.get(key, ()):
                    found[id(other)] = other
                    waiting.append(other)
    return list(found.values())


def _key(call: Call) -> tuple[str, int]:
    return call.name, len(call.arguments)


def _check_reading(surroundings: Surroundings, call: Call) -> None:
    if attribute_key(call) in surroundings.readings:
        return
    if call.name == surroundings.percept and call.source is None:
        models = surroundings.predictions.models
        hint = f"name the source: {call.name}@{models[0]}(…)" if models else "name a source"
        reason = f"'{call.name}' without a source is what abduction finds, with the help of these rules"
        raise NesyError(Diagnostic("E577", f"an error rule reads {reason}", call.span, hint))
    raise _refuse(call, f"there is no reading of '{attribute_key(call)}' for the objects")


def _refuse(call: Call, reason: str) -> NesyError:
    hint = "error rules see readings of the same objects, metadata, and relations that follow from these and from facts"
    return NesyError(Diagnostic("E577", f"an error rule cannot be evaluated: {reason}", call.span, hint))
