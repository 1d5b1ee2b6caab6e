"""Ground models as readable text and as plain data: what ``nesy ground`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nesy.dsl.checks.constants import Scalar
from nesy.dsl.diagnostics import span_to_json
from nesy.dsl.values import format_scalar, format_value
from nesy.solvers.answer import json_value
from nesy.solvers.ground_model import (
    AllOf,
    AnyOf,
    AtomLiteral,
    Attribute,
    GroundFormula,
    GroundModel,
    GroundQuery,
    GroundRule,
    GroundUncertainRule,
    Origin,
    describe_membership,
)

_MANY = 12
"""Longer lists of values and indices are shortened in the text; the plain data holds all."""


def describe_model(model: GroundModel) -> str:
    """The whole model as text, one section for each part that is not empty."""
    sections = (
        ("attributes", [_attribute(attribute) for attribute in model.attributes]),
        ("facts", [_fact(name, row) for name, rows in model.facts.items() for row in rows]),
        ("rules", list(_by_origin(model, model.rules))),
        ("uncertain rules", list(_by_origin(model, model.uncertain))),
        ("queries", [_query(model, query) for query in model.queries]),
        ("warnings", [str(warning) for warning in model.warnings]),
    )
    blocks = [f"{title} ({len(_own(lines))})\n" + "\n".join(lines) for title, lines in sections if lines]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _own(lines: Sequence[str]) -> list[str]:
    """The lines that are entries: source lines start with ``%``."""
    return [line for line in lines if not line.startswith("  %")]


def _attribute(attribute: Attribute) -> str:
    values = _shortened([format_value(value) for value in attribute.domain.values])
    place = ""
    if attribute.shape:
        extent = " x ".join(map(str, attribute.shape))
        names = _shortened([attribute.label(place) for place in range(len(attribute.index))])
        place = f" [{extent}] = {names}"
    return f"  {attribute.kind} {attribute.name}{place} : {{{values}}}"


def _shortened(items: list[str]) -> str:
    if len(items) <= _MANY:
        return ", ".join(items)
    return f"{', '.join(items[:3])}, ... ({len(items)} in all), {items[-1]}"


def _fact(name: str, row: tuple[Scalar, ...]) -> str:
    arguments = f"({','.join(map(format_scalar, row))})" if row else ""
    return f"  {name}{arguments}."


def _by_origin(model: GroundModel, rules: Sequence[GroundRule] | Sequence[GroundUncertainRule]) -> Iterator[str]:
    """Each statement's source once, then its instances."""
    before = None
    for rule in rules:
        if rule.origin.span != before:
            before = rule.origin.span
            yield f"  % {before}{': ' if rule.origin.statement else ''}{rule.origin.statement}"
        text = _rule(model, rule) if isinstance(rule, GroundRule) else _uncertain(model, rule)
        yield f"  {text}{_bindings(rule.origin)}"


def _bindings(origin: Origin) -> str:
    if not origin.bindings:
        return ""
    return "   % " + ", ".join(f"{name} = {format_value(value)}" for name, value in origin.bindings)


def _rule(model: GroundModel, rule: GroundRule) -> str:
    head = model.describe(rule.head)
    return f"{head} :- {', '.join(map(model.describe, rule.body))}." if rule.body else f"{head}."


def _uncertain(model: GroundModel, rule: GroundUncertainRule) -> str:
    parameters = f"s = {rule.s:g}, r = {rule.r:g}"
    if rule.learn:
        parameters += f", learn {','.join(rule.learn)}"
        if rule.group:
            parameters += f" for {','.join(map(format_value, rule.group))}"
    return f"if {model.describe(rule.premise)} then {model.describe(rule.conclusion)} [{parameters}]."


def _query(model: GroundModel, query: GroundQuery) -> str:
    if query.formula is None:
        return f"  {query.label}"
    meaning = model.describe(query.formula)
    return f"  {query.label}" if meaning == query.label else f"  {query.label}: {meaning}"


# ----- plain data


def model_to_json(model: GroundModel) -> dict[str, object]:
    """The model as plain data; attributes, values and atoms are written out, places are not used."""
    return {
        "attributes": [
            {
                "name": attribute.name,
                "kind": attribute.kind,
                "index": [json_value(entry) for entry in attribute.index],
                "shape": list(attribute.shape),
                "type": attribute.domain.name,
                "values": [json_value(value) for value in attribute.domain.values],
            }
            for attribute in model.attributes
        ],
        "facts": {name: [[json_value(item) for item in row] for row in rows] for name, rows in model.facts.items()},
        "atoms": [str(atom) for atom in model.atoms],
        "rules": [
            {
                "head": _formula_data(model, rule.head),
                "body": [_formula_data(model, item) for item in rule.body],
                "origin": _origin_data(rule.origin),
            }
            for rule in model.rules
        ],
        "uncertain": [
            {
                "premise": _formula_data(model, rule.premise),
                "conclusion": _formula_data(model, rule.conclusion),
                "s": rule.s,
                "r": rule.r,
                "learn": list(rule.learn),
                "group": json_value(rule.group),
                "origin": _origin_data(rule.origin),
            }
            for rule in model.uncertain
        ],
        "queries": [_query_data(model, query) for query in model.queries],
        "warnings": [warning.to_json() for warning in model.warnings],
    }


def _origin_data(origin: Origin) -> dict[str, object]:
    return {
        "span": span_to_json(origin.span),
        "statement": origin.statement,
        "bindings": {name: json_value(value) for name, value in origin.bindings},
    }


def _query_data(model: GroundModel, query: GroundQuery) -> dict[str, object]:
    data: dict[str, object] = {"label": query.label, "family": query.family, "kind": query.kind}
    if query.formula is not None:
        data["formula"] = _formula_data(model, query.formula)
    return data


def _formula_data(model: GroundModel, formula: GroundFormula) -> dict[str, object]:
    match formula:
        case AtomLiteral():
            return {"atom": str(model.atoms[formula.atom]), "negated": formula.negated}
        case AllOf():
            return {"all": [_formula_data(model, item) for item in formula.items]}
        case AnyOf():
            return {"any": [_formula_data(model, item) for item in formula.items]}
        case _:
            attribute = model.attributes[formula.attribute]
            label = attribute.label(formula.index)
            return {
                "attribute": label,
                "values": [json_value(attribute.domain.values[value]) for value in formula.values],
                "text": describe_membership(label, attribute.domain, formula.values),
            }
