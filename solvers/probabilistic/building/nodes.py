"""From a needed instance to its node: random variables with their distributions, definitions, percepts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from nesy.dsl.checked import AttributeInfo, CheckedProgram, Domain, NumericType
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.dsl.span import Span
from nesy.dsl.statements import Definition as DefinitionStatement
from nesy.dsl.statements import RandomDeclaration
from nesy.dsl.syntax import Call
from nesy.dsl.values import format_reference
from nesy.solvers.probabilistic.building.expressions import Bindings, wrong_value
from nesy.solvers.probabilistic.building.folding import applied
from nesy.solvers.probabilistic.building.instances import Index, Instance, Registry
from nesy.solvers.probabilistic.model.distributions import FAMILIES, PERCEPT
from nesy.solvers.probabilistic.model.expressions import Constant, Expression, Reference
from nesy.solvers.probabilistic.model.graph import Definition, Distribution, Node, RandomVariable


class NodeBuilder:
    """Builds nodes; definitions are of the kind ``number`` until all nodes are known."""

    def __init__(self, checked: CheckedProgram, registry: Registry) -> None:
        self._registry = registry
        self._checked = checked
        self._random = {
            entry.name: entry for entry in checked.program.statements if isinstance(entry, RandomDeclaration)
        }
        self._defined = {
            entry.name: entry for entry in checked.program.statements if isinstance(entry, DefinitionStatement)
        }

    def build(self, label: str, instance: Instance) -> Iterator[Node]:
        """The node called ``label``, and hidden ones that it needs."""
        info, index = instance.info, instance.index
        if info.kind == "percept":
            yield self._variable(info, index, label, Distribution(PERCEPT))
        elif info.kind == "random":
            statement = self._random[info.name]
            if statement.distribution.name == "dirichlet":
                yield from self._dirichlet(info, index, label, statement)
            else:
                yield self._variable(info, index, label, self._distribution(info, index, label, statement))
        else:
            yield self._definition(info, index, label)

    def _definition(self, info: AttributeInfo, index: Index, label: str) -> Definition:
        statement = self._defined[info.name]
        bindings = self._registry.parameters(info, index)
        ways = list(self._registry.solver.solve(info.condition, bindings))
        found = {self._registry.translator.term_or_formula(statement.expression, solution) for solution, _ in ways}
        if len(found) > 1:
            raise _several(f"definitions of {label}", statement.span)
        return Definition(label, info.name, index, found.pop(), "number", span=info.span)

    def _variable(self, info: AttributeInfo, index: Index, label: str, distribution: Distribution) -> RandomVariable:
        domain = info.value if isinstance(info.value, Domain) else _counted(distribution)
        integer = isinstance(info.value, NumericType) and info.value.name == "int"
        return RandomVariable(label, info.name, index, distribution, domain, integer, span=info.span)

    def _distribution(
        self, info: AttributeInfo, index: Index, label: str, statement: RandomDeclaration
    ) -> Distribution:
        found = {self._arguments(statement.distribution, bindings) for bindings in self._registry.rows(info)[index]}
        if len(found) > 1:
            raise _several(f"distributions of {label}", statement.distribution.span)
        (arguments,) = found
        return Distribution(statement.distribution.name, arguments)

    def _arguments(self, call: Call, bindings: Bindings) -> tuple[Expression, ...]:
        given = tuple(self._registry.translator.term(argument, bindings) for argument in call.arguments)
        family = FAMILIES[call.name]
        missing = islice(family.arguments, len(given), None)
        return (*given, *(Constant(argument.default) for argument in missing if argument.default is not None))

    # ----- Dirichlet

    def _dirichlet(self, info: AttributeInfo, index: Index, label: str, statement: RandomDeclaration) -> Iterator[Node]:
        """The shares of a Dirichlet distribution, by breaking a stick.

        Of what the shares before it have left, each share takes a part ~ beta(a, sum of the concentrations after it).
        """
        siblings = [row for row in self._registry.rows(info) if row[:-1] == index[:-1]] if index else []
        concentrations = self._distribution(info, index, label, statement).arguments
        if len(siblings) != len(concentrations):
            message = (
                f"'dirichlet' has {len(concentrations)} arguments, but '{info.name}' has {len(siblings) or 'no'} "
                "values at the last place of its index"
            )
            hint = "give one argument for each: random share(colour) : real ~ dirichlet(1, 1, 1)"
            raise NesyError(Diagnostic("E592", message, statement.distribution.span, hint))
        place = siblings.index(index)
        parts = [Reference(format_reference(f"{info.name}'part", row)) for row in siblings]
        left: list[Expression] = [applied("-", Constant(1.0), part) for part in parts[:place]]
        share: list[Expression] = [*left] if place == len(siblings) - 1 else [*left, parts[place]]
        yield Definition(label, info.name, index, self._product(share), "number", span=info.span)
        if place < len(siblings) - 1:
            after = self._sum(concentrations[place + 1 :], statement.distribution.span)
            distribution = Distribution("beta", (concentrations[place], after))
            name = f"{info.name}'part"
            yield RandomVariable(parts[place].label, name, index, distribution, span=info.span)
        for row in siblings[:place]:
            self._registry.reference(info, row, statement.span)

    @staticmethod
    def _product(factors: Sequence[Expression]) -> Expression:
        found = factors[0]
        for factor in factors[1:]:
            found = applied("*", found, factor)
        return found

    @staticmethod
    def _sum(terms: Sequence[Expression], span: Span) -> Expression:
        if not terms:
            raise wrong_value("there is nothing to add", span)
        return applied("sum", *terms)


LARGEST_COUNT = 512
"""A binomial variable with a constant count up to this is finite."""


def _counted(distribution: Distribution) -> Domain | None:
    """The values of a binomial variable whose count is known."""
    match distribution:
        case Distribution("binomial", (Constant(int() as count), _)) if 0 <= count <= LARGEST_COUNT:
            return Domain(f"0..{count}", tuple(range(count + 1)))
        case _:
            return None


def _several(what: str, span: Span) -> NesyError:
    message = f"the condition gives several {what}"
    return NesyError(Diagnostic("E590", message, span, "let the condition determine every variable by the index"))
