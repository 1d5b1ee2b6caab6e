"""What the names of a checked program stand for, and how gringo is to see them.

Predicates that the translation makes start with ``_`` or hold a ``'``, which no name of a rule file does, so
nothing clashes: ``_index_cell(R,C)``, ``label'm1(O,V)``. Everything else keeps the user's name: attribute
``cell(R, C) = V`` is the predicate ``cell(R,C,V)``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain, NumericType, RelationInfo
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.syntax import Call, Node, walk
from nesy.dsl.values import Value
from nesy.solvers.grounding.symbols import LARGEST, SMALLEST, value_text

Kind = Literal["attribute", "relation", "type", "constant", "name"]


class Vocabulary:
    """The names of one checked program; remembers which domains and indices the text has asked for."""

    def __init__(self, checked: CheckedProgram) -> None:
        self.checked = checked
        self._domains: dict[tuple[tuple[type, Value], ...], str] = {}
        self._domain_lines: list[str] = []
        self.indexed: dict[str, None] = {}
        self.valued: dict[str, tuple[str, str | None]] = {}

    def kind(self, call: Call) -> Kind:
        """What ``call`` stands for."""
        checked, arity = self.checked, len(call.arguments)
        if attribute_of(checked, call) is not None:
            return "attribute"
        if (call.name, arity) in checked.relations:
            return "relation"
        if arity == 1 and call.name in checked.types:
            return "type"
        if arity == 0 and call.name in checked.constants:
            return "constant"
        return "name"

    def is_attribute(self, node: Node) -> bool:
        return attribute_of(self.checked, node) is not None

    def has_attribute(self, node: Node) -> bool:
        """Whether an attribute occurs anywhere in ``node``."""
        return any(self.is_attribute(part) for part in walk(node))

    def attribute(self, call: Call) -> AttributeInfo:
        return self.checked.attributes[call.name]

    def relation(self, call: Call) -> RelationInfo | None:
        return self.checked.relations.get((call.name, len(call.arguments)))

    def value_domain(self, info: AttributeInfo, span: Span) -> Domain:
        """The finite domain of an attribute's values; E513 for random variables."""
        if isinstance(info.value, NumericType):
            message = f"'{info.name}' takes values of the infinite type '{info.value.name}'; it cannot be grounded"
            hint = "the back end 'probabilistic' takes random variables"
            raise NesyError(Diagnostic("E513", message, span, hint))
        return info.value

    def head_predicate(self, call: Call) -> str:
        """``cell`` for ``cell(R, C)``, ``label'm1`` for ``label@m1(O)``."""
        return call.name if call.source is None else f"{call.name}'{call.source}"

    def value_predicate(self, call: Call) -> str:
        """The same for use in a body: ``valued`` remembers it, so that its atoms can be declared."""
        name = self.head_predicate(call)
        self.valued[name] = (call.name, call.source)
        return name

    def index_predicate(self, name: str) -> str:
        """``_index_cell``; its definition becomes part of the text."""
        self.indexed[name] = None
        return f"_index_{name}"

    def domain_predicate(self, domain: Domain) -> str:
        """The unary predicate that holds for the values of ``domain``; its facts become part of the text."""
        key = tuple((type(value), value) for value in domain.values)
        found = self._domains.get(key)
        if found is None:
            named = self.checked.types.get(domain.name)
            is_named = domain.is_bool or (named is not None and named.values == domain.values)
            found = domain.name if is_named else f"_domain_{len(self._domains)}"
            self._domains[key] = found
            self._domain_lines.extend(self._domain_facts(found, domain))
        return found

    def type_predicate(self, name: str) -> str:
        """The predicate of a named type as the user writes it."""
        found = self.domain_predicate(self.checked.types[name])
        if found != name:
            # an equal domain with another name was met first: both predicates are needed
            line = f"{name}(X) :- {found}(X)."
            if line not in self._domain_lines:
                self._domain_lines.append(line)
        return name

    def _domain_facts(self, predicate: str, domain: Domain) -> list[str]:
        values = domain.values
        if not values:
            return [f"#defined {predicate}/1."]
        if domain.components:
            parts = [self.domain_predicate(part) for part in domain.components]
            names = [f"X{place}" for place in range(len(parts))]
            body = ", ".join(f"{part}({name})" for part, name in zip(parts, names, strict=True))
            return [f"{predicate}(({','.join(names)})) :- {body}."]
        numbers = [value for value in values if type(value) is int]
        if len(numbers) == len(values):
            check_range(values, domain.name)
            if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
                return [f"{predicate}({values[0]}..{values[-1]})."]
        return [f"{predicate}({';'.join(map(value_text, values))})."]

    def domain_lines(self) -> tuple[str, ...]:
        """The facts of all domains that have been asked for."""
        return tuple(self._domain_lines)


def attribute_of(checked: CheckedProgram, node: object) -> AttributeInfo | None:
    """The attribute that a term or atom refers to, if it is one.

    The bare name of an attribute that has an index stands for a value: ``edge(a, b)`` beside ``percept a(1..2)``.
    """
    if not isinstance(node, Call) or node.name in checked.constants:
        return None
    info = checked.attributes.get(node.name)
    return info if info is not None and (node.arguments or node.source or not info.index) else None


def attribute_key(call: Call) -> str:
    """The name of the ground attribute: ``cell``, or ``label@m1`` for one source's reading."""
    return call.name if call.source is None else f"{call.name}@{call.source}"


def check_range(values: Iterable[Value], what: str, span: Span | None = None) -> None:
    """E517 if an integer among ``values`` is beyond gringo's 32 bits."""
    for value in values:
        if type(value) is int and not SMALLEST <= value <= LARGEST:
            message = f"{value} in '{what}' is beyond the integers of the grounder, {SMALLEST}..{LARGEST}"
            hint = "scale the numbers, or use names where no arithmetic is needed"
            raise NesyError(Diagnostic("E517", message, span or Span("<none>", 0, 0, 0, 0), hint))
