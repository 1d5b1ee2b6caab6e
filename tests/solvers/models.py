"""Ground models made by hand, for tests of the back ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain
from nesy.dsl.span import Span
from nesy.dsl.statements import Program
from nesy.dsl.values import Value
from nesy.solvers.ground_model import (
    AtomLiteral,
    Attribute,
    AttributeLiteral,
    GroundAtom,
    GroundFormula,
    GroundModel,
    GroundQuery,
    GroundRule,
    GroundUncertainRule,
    Origin,
)

BOOL = Domain("bool", (False, True))


def numbers(size: int, name: str = "number") -> Domain:
    """The domain 0 … size − 1."""
    return Domain(name, tuple(range(size)))


def product(*factors: Domain) -> Domain:
    """The product of two or more domains, last component fastest."""
    values: list[tuple[Value, ...]] = [()]
    for factor in factors:
        values = [(*value, more) for value in values for more in factor.values]
    return Domain(f"({', '.join(factor.name for factor in factors)})", tuple(values), factors)


@dataclass
class Builder:
    """A ground model in the making. Every statement gets a line of its own in the file ``<built>``."""

    attributes: list[Attribute] = field(default_factory=list)
    atoms: list[GroundAtom] = field(default_factory=list)
    rules: list[GroundRule] = field(default_factory=list)
    uncertain: list[GroundUncertainRule] = field(default_factory=list)
    queries: list[GroundQuery] = field(default_factory=list)
    line: int = 0

    def span(self) -> Span:
        self.line += 1
        return Span("<built>", self.line, 1, self.line, 9)

    def attribute(
        self, kind: Literal["percept", "concept"], name: str, domain: Domain | int, shape: Sequence[int] = ()
    ) -> int:
        """Declare an attribute with a domain (a number: 0 … n − 1) and index 1 … n along each axis; its place."""
        index: list[tuple[Value, ...]] = [()]
        for extent in shape:
            index = [(*entry, more) for entry in index for more in range(1, extent + 1)]
        values = numbers(domain) if isinstance(domain, int) else domain
        self.attributes.append(Attribute(name, kind, tuple(index), tuple(shape), values, self.span()))
        return len(self.attributes) - 1

    def percept(self, name: str, domain: Domain | int, shape: Sequence[int] = ()) -> int:
        return self.attribute("percept", name, domain, shape)

    def concept(self, name: str, domain: Domain | int, shape: Sequence[int] = ()) -> int:
        return self.attribute("concept", name, domain, shape)

    def atom(self, name: str, *arguments: Value) -> int:
        """Declare a derived atom; its place."""
        self.atoms.append(GroundAtom(name, arguments))
        return len(self.atoms) - 1

    def rule(self, premise: GroundFormula, conclusion: AttributeLiteral, s: float = 0.0, r: float = 0.0) -> None:
        """Add an uncertain rule."""
        self.uncertain.append(GroundUncertainRule(premise, conclusion, s, r, Origin(self.span(), "if … then …")))

    def clause(self, head: AtomLiteral | AttributeLiteral, body: Iterable[AttributeLiteral | AtomLiteral] = ()) -> None:
        """Add a ``:-`` rule."""
        self.rules.append(GroundRule(head, tuple(body), Origin(self.span(), "… :- …")))

    def ask(self, attribute: int, index: int | None = None) -> None:
        """Query an attribute at one index, or at all."""
        family = self.attributes[attribute]
        for place in range(len(family.index)) if index is None else [index]:
            self.queries.append(GroundQuery(family.label(place), family.name, "attribute", attribute, place))

    def ask_formula(self, label: str, formula: GroundFormula) -> None:
        """Query a formula."""
        self.queries.append(GroundQuery(label, label, "formula", formula=formula))

    def ask_atom(self, atom: int) -> None:
        """Query an atom."""
        query = GroundQuery(str(self.atoms[atom]), self.atoms[atom].name, "formula", formula=AtomLiteral(atom))
        self.queries.append(query)

    def build(self) -> GroundModel:
        """The ground model, with as much of a checked program as checks of evidence need."""
        infos = {
            attribute.name: AttributeInfo(
                attribute.name, attribute.kind, (), attribute.domain, (), (), (), attribute.span
            )
            for attribute in self.attributes
        }
        program = CheckedProgram(Program("<built>", ()), {}, {}, infos, {}, (), {})
        return GroundModel(
            program,
            tuple(self.attributes),
            {},
            tuple(self.atoms),
            tuple(self.rules),
            tuple(self.uncertain),
            tuple(self.queries),
        )


def literal(attribute: int, index: int, *values: int) -> AttributeLiteral:
    """A membership literal."""
    return AttributeLiteral(attribute, index, tuple(sorted(values)))
