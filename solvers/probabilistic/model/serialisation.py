"""Model graphs as plain data (JSON) and back: ``read(written(graph)) == graph``, spans included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from nesy.dsl.checked import Domain
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import NOWHERE, Span
from nesy.dsl.values import Value
from nesy.solvers.probabilistic.model.expressions import (
    Apply,
    Constant,
    Expression,
    Lookup,
    Operator,
    Reference,
    Scalar,
)
from nesy.solvers.probabilistic.model.graph import (
    Condition,
    Definition,
    Distribution,
    Equation,
    Estimand,
    Event,
    Factor,
    ModelGraph,
    Node,
    Observation,
    RandomVariable,
)

FORMAT = "nesy model graph 1"
Data = dict[str, Any]
OPERATORS = frozenset(get_args(Operator))


def written(graph: ModelGraph) -> Data:
    """The graph as plain data."""
    return {
        "format": FORMAT,
        "nodes": [_node_data(node) for node in graph.nodes],
        "conditions": [_condition_data(condition) for condition in graph.conditions],
        "estimands": [_estimand_data(estimand) for estimand in graph.estimands],
    }


def digest(graph: ModelGraph) -> str:
    """A hash of the graph without its places in files: equal for equal graphs."""
    text = json.dumps(_without_spans(written(graph)), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(data: Mapping[str, Any]) -> ModelGraph:
    """The graph that :func:`written` made. Raises E444 for anything else."""
    try:
        if data["format"] != FORMAT:
            raise ValueError(f"the format is {data['format']!r}, not {FORMAT!r}")
        return ModelGraph(
            tuple(map(_node, data["nodes"])),
            tuple(map(_condition, data["conditions"])),
            tuple(map(_estimand, data["estimands"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"this is no model graph: {error!r}"
        raise NesyError(Diagnostic("E444", message, hint="write it by written(graph)", place="model graph")) from None


def _without_spans(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_spans(value) for key, value in data.items() if key != "span"}
    return [_without_spans(item) for item in data] if isinstance(data, list) else data


# ----- values, domains, spans


def _scalar_data(value: Scalar) -> Any:
    if isinstance(value, tuple):
        return {"tuple": [_scalar_data(item) for item in value]}
    return {"number": str(value)} if isinstance(value, float) and abs(value) == float("inf") else value


def _scalar(data: Any) -> Any:
    if isinstance(data, dict):
        return float(data["number"]) if "number" in data else tuple(map(_scalar, data["tuple"]))
    if not isinstance(data, bool | int | float | str):
        raise TypeError(f"{data!r} is no value")
    return data


def _values(data: Sequence[Any]) -> tuple[Value, ...]:
    return tuple(map(_scalar, data))


def _domain_data(domain: Domain | None) -> Data | None:
    if domain is None:
        return None
    data: Data = {"name": domain.name, "values": [_scalar_data(value) for value in domain.values]}
    if domain.components:
        data["components"] = [_domain_data(part) for part in domain.components]
    return data | ({"open": True} if domain.is_open else {})


def _domain(data: Data | None) -> Domain | None:
    if data is None:
        return None
    parts = tuple(part for part in map(_domain, data.get("components", ())) if part is not None)
    return Domain(data["name"], _values(data["values"]), parts, data.get("open", False))


def _span_data(span: Span) -> list[Any] | None:
    return None if span == NOWHERE else [span.file, span.line, span.column, span.end_line, span.end_column]


def _span(data: Sequence[Any] | None) -> Span:
    return NOWHERE if data is None else Span(*data)


# ----- expressions


def _expression_data(expression: Expression) -> Any:
    match expression:
        case Constant(value):
            return {"value": _scalar_data(value)}
        case Reference(label):
            return label
        case Apply(operator, arguments):
            return [operator, *map(_expression_data, arguments)]
        case Lookup(selector, cases):
            rows = [[_scalar_data(value), _expression_data(case)] for value, case in cases]
            return {"of": _expression_data(selector), "cases": rows}


def _expression(data: Any) -> Expression:
    match data:
        case str():
            return Reference(data)
        case {"value": value}:
            return Constant(_scalar(value))
        case {"of": selector, "cases": rows}:
            return Lookup(_expression(selector), tuple((_scalar(value), _expression(case)) for value, case in rows))
        case [operator, *arguments] if operator in OPERATORS:
            return Apply(operator, tuple(map(_expression, arguments)))
        case _:
            raise ValueError(f"{data!r} is no expression")


# ----- nodes


def _node_data(node: Node) -> Data:
    data: Data = {"label": node.label, "family": node.family, "index": [_scalar_data(value) for value in node.index]}
    if isinstance(node, RandomVariable):
        distribution = node.distribution
        data["distribution"] = [distribution.name, *map(_expression_data, distribution.arguments)]
        data["domain"] = _domain_data(node.domain)
        data["integer"] = node.integer
    else:
        data["expression"] = _expression_data(node.expression)
        data["kind"] = node.kind
    return data | {"unit": node.unit, "span": _span_data(node.span)}


def _node(data: Data) -> Node:
    label, family, index = data["label"], data["family"], _values(data["index"])
    unit, span = data["unit"], _span(data["span"])
    if "expression" in data:
        return Definition(label, family, index, _expression(data["expression"]), data["kind"], unit, span)
    name, *arguments = data["distribution"]
    distribution = Distribution(name, tuple(map(_expression, arguments)))
    return RandomVariable(label, family, index, distribution, _domain(data["domain"]), data["integer"], unit, span)


def _condition_data(condition: Condition) -> Data:
    data: Data = {"text": condition.text, "span": _span_data(condition.span)}
    match condition:
        case Observation(label, value):
            return {"observed": label, "value": _scalar_data(value)} | data
        case Event(expression):
            return {"event": _expression_data(expression)} | data
        case Equation(expression, value):
            return {"equation": _expression_data(expression), "value": value} | data
        case Factor(expression):
            return {"factor": _expression_data(expression)} | data


def _condition(data: Data) -> Condition:
    text, span = data["text"], _span(data["span"])
    if "observed" in data:
        return Observation(data["observed"], _scalar(data["value"]), text, span)
    if "event" in data:
        return Event(_expression(data["event"]), text, span)
    if "equation" in data:
        return Equation(_expression(data["equation"]), data["value"], text, span)
    return Factor(_expression(data["factor"]), text, span)


def _estimand_data(estimand: Estimand) -> Data:
    return {
        "label": estimand.label,
        "family": estimand.family,
        "expression": _expression_data(estimand.expression),
        "domain": _domain_data(estimand.domain),
        "unit": estimand.unit,
        "span": _span_data(estimand.span),
    }


def _estimand(data: Data) -> Estimand:
    expression, domain = _expression(data["expression"]), _domain(data["domain"])
    return Estimand(data["label"], data["family"], expression, domain, data["unit"], _span(data["span"]))
