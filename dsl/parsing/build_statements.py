"""From grammar rules to statements: one method for each statement of the grammar."""

from __future__ import annotations

from typing import Literal

from lark import Token

from nesy.dsl.knowledge import Variant
from nesy.dsl.parsing.build_knowledge import KnowledgeBuilder
from nesy.dsl.parsing.build_terms import unquote
from nesy.dsl.parsing.building import (
    Body,
    Braces,
    Index,
    NamedCall,
    Part,
    Sources,
    as_formula,
    as_index_item,
    as_term,
    as_type,
    between,
    describe,
    refusal,
    whole,
)
from nesy.dsl.parsing.heads import Alternatives, choice_head, rule_head
from nesy.dsl.parsing.named_arguments import ordered
from nesy.dsl.parsing.uncertain_parameters import ParameterPart, read_parameters
from nesy.dsl.statements import (
    Choice,
    ConceptDeclaration,
    ConstantDeclaration,
    Constraint,
    Definition,
    ErrorRule,
    Expect,
    Include,
    IndexItem,
    Observe,
    Optimize,
    Parameters,
    PerceptDeclaration,
    Query,
    RandomDeclaration,
    RelationDeclaration,
    Rule,
    SoftConstraint,
    Statement,
    TypeDeclaration,
    UncertainRule,
)
from nesy.dsl.syntax import Call, Comparison, Formula, Membership, Not, Number, Variable


class StatementBuilder(KnowledgeBuilder):
    """The statements of the grammar. Lark calls the method that has the name of the rule with the rule's children."""

    def start(self, parts: list[Part]) -> tuple[Statement, ...]:
        return tuple(parts)

    # ----- declarations

    def type_declaration(self, parts: list[Part]) -> TypeDeclaration:
        definition = as_type(parts[3]) if len(parts) > 3 else None
        return TypeDeclaration(str(parts[1]), definition, whole(parts))

    def constant_declaration(self, parts: list[Part]) -> ConstantDeclaration:
        return ConstantDeclaration(str(parts[1]), as_term(parts[3]), whole(parts))

    def percept_declaration(self, parts: list[Part]) -> PerceptDeclaration:
        sources = next((part.names for part in parts if isinstance(part, Sources)), ())
        value = as_type(after(parts, ":"))
        return PerceptDeclaration(str(parts[1]), index_of(parts), value, sources, condition_of(parts), whole(parts))

    def concept_declaration(self, parts: list[Part]) -> ConceptDeclaration:
        value = as_type(after(parts, ":"))
        return ConceptDeclaration(str(parts[1]), index_of(parts), value, condition_of(parts), whole(parts))

    def relation_declaration(self, parts: list[Part]) -> RelationDeclaration:
        arguments = []
        for item in index_of(parts):
            if isinstance(item, Variable):
                raise refusal(
                    "E117",
                    f"the variable {item.name} stands where a type is expected",
                    item,
                    "a relation lists types: relation edge(node, node).",
                )
            arguments.append(item)
        return RelationDeclaration(str(parts[1]), tuple(arguments), whole(parts))

    def index(self, parts: list[Part]) -> Index:
        return Index(tuple(map(as_index_item, parts[1:-1:2])), between(parts[0], parts[-1]))

    def sources(self, parts: list[Part]) -> Sources:
        return Sources(tuple(map(str, parts[1::2])), between(parts[0], parts[-1]))

    def restriction(self, parts: list[Part]) -> Body:
        return Body(parts[1].items, between(parts[0], parts[1]))

    where = restriction
    given = restriction

    # ----- crisp logic

    def rule(self, parts: list[Part]) -> Rule:
        body = parts[2].items if len(parts) > 2 else ()
        return Rule(rule_head(parts[0]), body, whole(parts))

    def disjunction(self, parts: list[Part]) -> Alternatives:
        return Alternatives(tuple(parts[::2]), between(parts[0], parts[-1]))

    def choice(self, parts: list[Part]) -> Choice:
        return choice_head(parts)

    def constraint(self, parts: list[Part]) -> Constraint:
        return Constraint(parts[1].items, whole(parts))

    def soft_constraint(self, parts: list[Part]) -> SoftConstraint:
        weight = as_term(parts[4])
        level = as_term(parts[6]) if parts[5] == "@" else None
        rest = parts[8 if level is not None else 6 : -1]
        terms = tuple(as_term(part) for part in rest if part.__class__ is not Token)
        if level is None and isinstance(weight, Call) and weight.source and not weight.arguments:
            weight, level = Call(weight.name, span=weight.span), Call(str(weight.source), span=weight.span)
        return SoftConstraint(parts[1].items, weight, level, terms, whole(parts))

    def optimize(self, parts: list[Part]) -> Optimize:
        braces: Braces = parts[1]
        for element in braces.elements:
            tuple(map(as_term, element.terms))
        direction: Literal["maximize", "minimize"] = "maximize" if "max" in parts[0] else "minimize"
        return Optimize(direction, braces.elements, whole(parts))

    # ----- uncertain rules

    def uncertain_if(self, parts: list[Part]) -> UncertainRule:
        return uncertain("if", parts[1], parts[3], parts)

    def uncertain_iff(self, parts: list[Part]) -> UncertainRule:
        return uncertain("iff", parts[2], parts[0], parts)

    def parameters(self, parts: list[Part]) -> Parameters:
        return read_parameters(parts[1:-1:2], between(parts[0], parts[-1]))

    def parameter(self, parts: list[Part]) -> ParameterPart:
        return ParameterPart(tuple(parts), between(parts[0], parts[-1]))

    # ----- probabilistic models

    def random_declaration(self, parts: list[Part]) -> RandomDeclaration:
        distribution = after(parts, "~")
        names: tuple[str, ...] = ()
        if isinstance(distribution, NamedCall):
            found = ordered(distribution)
            distribution, names = found.call, found.names
        if not isinstance(distribution, Call):
            hint = "name a distribution, as in: random height : real ~ normal(170, 10)."
            raise refusal(
                "E117", f"{describe(distribution)} stands where a distribution is expected", distribution, hint
            )
        value = as_type(after(parts, ":"))
        condition, variant = condition_of(parts), variant_of(parts)
        index = index_of(parts)
        return RandomDeclaration(str(parts[1]), index, value, distribution, condition, variant, names, whole(parts))

    def definition(self, parts: list[Part]) -> Definition:
        expression = after(parts, "=")
        condition, variant = condition_of(parts), variant_of(parts)
        return Definition(str(parts[1]), index_of(parts), expression, condition, variant, whole(parts))

    def observe(self, parts: list[Part]) -> Observe:
        return Observe(as_formula(parts[1]), whole(parts))

    # ----- the others

    def error_rule(self, parts: list[Part]) -> ErrorRule:
        reading = parts[1]
        if not isinstance(reading, Call) or reading.source is None:
            hint = "name the percept and its source, as in: error label@m1(O) :- …"
            raise refusal("E113", f"{describe(reading)} is not the reading of a source", reading, hint)
        return ErrorRule(reading, parts[3].items if len(parts) > 3 else (), whole(parts))

    def query(self, parts: list[Part]) -> Query:
        return Query(as_formula(parts[1]), whole(parts))

    def expect_certain(self, parts: list[Part]) -> Expect:
        return Expect("certain", as_formula(parts[1]), condition_of(parts), span=whole(parts))

    def expect_mode(self, parts: list[Part]) -> Expect:
        return Expect(parts[1].value, as_formula(parts[2]), condition_of(parts), span=whole(parts))

    def expect_degree(self, parts: list[Part]) -> Expect:
        threshold = self.number([parts[3]]) if parts[3].type == "NUMBER" else self.name([parts[3]])
        return degree(parts, as_formula(parts[4]), parts[2], threshold)

    def expect_measure(self, parts: list[Part]) -> Expect:
        return degree(parts, as_formula(parts[3]), parts[5], as_term(parts[6]))

    def include(self, parts: list[Part]) -> Include:
        return Include(unquote(parts[1]), whole(parts))


def after(parts: list[Part], sign: str) -> Part:
    """The part behind a sign that the grammar guarantees."""
    return parts[next(place for place, part in enumerate(parts) if part.__class__ is Token and part == sign) + 1]


def index_of(parts: list[Part]) -> tuple[IndexItem, ...]:
    """The index of a declaration, empty where it has none."""
    return parts[2].items if isinstance(parts[2], Index) else ()


def condition_of(parts: list[Part]) -> tuple[Formula, ...]:
    """What follows ``for``, ``where`` or ``given`` among the parts, empty where there is none."""
    return next((part.items for part in parts if isinstance(part, Body)), ())


def variant_of(parts: list[Part]) -> Variant | None:
    """The variant that a declaration belongs to."""
    return next((part for part in parts if isinstance(part, Variant)), None)


def degree(parts: list[Part], formula: Formula, operator: Token, threshold: Number | Call | Part) -> Expect:
    """An expectation about a degree."""
    return Expect(
        "degree",
        formula,
        condition_of(parts),
        measure=parts[1].value,
        operator=operator.value,
        threshold=threshold,
        span=whole(parts),
    )


def uncertain(form: Literal["if", "iff"], premise: Part, conclusion: Part, parts: list[Part]) -> UncertainRule:
    """An uncertain rule; its conclusion is one literal."""
    conclusion = as_formula(conclusion)
    literal = conclusion.operand if isinstance(conclusion, Not) else conclusion
    if not isinstance(literal, Comparison | Membership | Call):
        hint = "conclude one literal: c = 3, c in {1, 2}, valid, not valid; write one rule for each conclusion"
        raise refusal("E113", f"{describe(literal)} is not a conclusion", conclusion, hint)
    parameters = next((part for part in parts if isinstance(part, Parameters)), Parameters())
    return UncertainRule(form, as_formula(premise), conclusion, parameters, condition_of(parts), whole(parts))
