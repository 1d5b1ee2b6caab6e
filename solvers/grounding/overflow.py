"""Finding arithmetic beyond 32 bits, where gringo wraps around without a word.

First a bound: no value is larger than the largest integer in the ground program, so most arithmetic is cleared
without looking at it. What the bound does not clear is computed again, exactly, for every instance of the rule.
The sums of ``sum`` aggregates are not followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nesy.dsl.checked import CheckedProgram, Domain
from nesy.dsl.diagnostics import Diagnostic
from nesy.dsl.span import Span
from nesy.dsl.statements import Constraint, Rule, head_parts
from nesy.dsl.syntax import Binary, Call, Comparison, Formula, Negative, Node, Number, Variable, walk
from nesy.dsl.values import Value, format_value
from nesy.solvers.grounding.clingo_parts import application, rule
from nesy.solvers.grounding.clingo_text import Clause
from nesy.solvers.grounding.gringo import Grounding, Line, run
from nesy.solvers.grounding.selection import Selection
from nesy.solvers.grounding.symbols import LARGEST
from nesy.solvers.grounding.text import GroundingText
from nesy.solvers.grounding.walking import clauses, global_variables, variables

Bindings = Mapping[str, Value]


def overflows(
    checked: CheckedProgram, chosen: Selection, text: GroundingText, grounding: Grounding
) -> list[Diagnostic]:
    """E517 for each statement that computes a number beyond 32 bits, with the bindings of its first instance."""
    check = _Check(checked, _largest(checked, chosen, grounding))
    rules: list[Rule | Constraint] = [one for _, one in (*chosen.crisp, *chosen.over_attributes)]
    rules += [one for _, one in chosen.crisp_constraints]
    doubtful = [_Doubtful(one.span, _nodes(one), body, {}) for one in rules for body in clauses(one.body)]
    for _, typed in chosen.uncertain:
        one = typed.statement
        nodes = (one.premise, one.conclusion, *one.where)
        doubtful.append(_Doubtful(one.span, nodes, one.where, dict(typed.variables)))
    doubtful = [one for one in doubtful if check.suspicious(one.nodes)]
    return _recomputed(check, doubtful, text) if doubtful else []


@dataclass(frozen=True, slots=True)
class _Doubtful:
    """What may compute too large numbers: the terms in ``nodes``, under ``body`` and the types of variables."""

    span: Span
    nodes: tuple[Node, ...]
    body: tuple[Formula, ...]
    domains: Mapping[str, Domain]


def _recomputed(check: _Check, doubtful: Sequence[_Doubtful], text: GroundingText) -> list[Diagnostic]:
    """Ground once more with a predicate for the operands of each doubtful statement, and compute exactly.

    Conditions that gringo itself may compute wrongly are left away, and so are the variables that they define.
    """
    vocabulary = text.vocabulary
    added: list[Line] = []
    asked: list[tuple[_Doubtful, str, tuple[str, ...]]] = []
    for number, one in enumerate(doubtful):
        wrong = [formula for formula in one.body if check.suspicious([formula])]
        bound = {name for formula in one.body if isinstance(formula, Call) for name in variables([formula])}
        lost = {name for formula in wrong for name in _targets(formula)} - bound
        kept = [formula for formula in one.body if formula not in wrong and not lost & set(variables([formula]))]
        typed = {name: domain for name, domain in one.domains.items() if name not in lost}
        names = tuple(dict.fromkeys([*typed, *global_variables(kept)]))
        clause = Clause(vocabulary, f"operands_{number}", names)
        for name, domain in typed.items():
            clause.add(f"{vocabulary.domain_predicate(domain)}({name})")
        clause.add_all(kept)
        predicate = f"_operands_{number}"
        added += [Line(line) for line in (rule(application(predicate, names), clause.body), *clause.lines())]
        asked.append((one, predicate, names))
    grounding = run([*text.lines, *added])
    found = []
    for one, predicate, names in asked:
        rows = [dict(zip(names, row, strict=True)) for row in grounding.rows(predicate, len(names))]
        found += check.first(one.nodes, rows, one.span)
    return found


def _targets(formula: Formula) -> set[str]:
    """The variables that an equation defines."""
    if not isinstance(formula, Comparison) or formula.operator != "=":
        return set()
    return {side.name for side in (formula.left, formula.right) if isinstance(side, Variable)}


def _nodes(statement: Rule | Constraint) -> tuple[Node, ...]:
    return (*head_parts(statement.head), *statement.body) if isinstance(statement, Rule) else statement.body


class _Check:
    """Bounds and exact values of arithmetic terms."""

    def __init__(self, checked: CheckedProgram, largest: int) -> None:
        self._constants = checked.constants
        self._largest = largest

    def suspicious(self, nodes: Iterable[Node]) -> bool:
        """Whether the bound leaves room for a number beyond 32 bits."""
        inside = [part for node in nodes for part in walk(node)]
        if not any(isinstance(part, Binary | Negative) for part in inside):
            return False
        known: dict[str, int] = {}
        for part in inside:
            # Y = X * X: what is computed with Y is bounded by the right side
            if isinstance(part, Comparison) and part.operator == "=":
                for name, term in ((part.left, part.right), (part.right, part.left)):
                    if isinstance(name, Variable):
                        known[name.name] = max(known.get(name.name, self._largest), self._bound(term, known))
        return any(self._bound(part, known) > LARGEST for part in inside if isinstance(part, Binary | Negative))

    def _bound(self, node: Node, known: Mapping[str, int]) -> int:
        match node:
            case Number(value):
                return abs(int(value))
            case Variable(name):
                return known.get(name, self._largest)
            case Negative(operand):
                return self._bound(operand, known)
            case Binary(operator, left, right):
                first, second = self._bound(left, known), self._bound(right, known)
                return {"+": first + second, "-": first + second, "*": first * second}.get(operator, first)
            case _:
                return self._largest

    def first(self, nodes: Sequence[Node], rows: Iterable[Bindings], span: Span) -> list[Diagnostic]:
        """The first number beyond 32 bits that an instance computes, if there is one."""
        inside = [part for node in nodes for part in walk(node)]
        terms = [part for part in inside if isinstance(part, Binary | Negative)]
        equations = [part for part in inside if isinstance(part, Comparison) and _targets(part)]
        for row in rows:
            bindings = self._completed(row, equations)
            for term in terms:
                value = self._exact(term, bindings)
                if value is not None and abs(value) > LARGEST:
                    where = ", ".join(f"{name} = {format_value(bound)}" for name, bound in bindings.items())
                    message = f"the rule computes {value:,} for {where}, beyond the integers of the grounder"
                    hint = f"numbers stay between -{LARGEST:,} and {LARGEST:,}: scale them"
                    return [Diagnostic("E517", message, span, hint)]
        return []

    def _completed(self, row: Bindings, equations: Sequence[Comparison]) -> Bindings:
        """``row`` with the exact values of the variables that equations define, followed as far as they lead."""
        bindings = dict(row)
        for _ in equations:
            for equation in equations:
                for target, term in ((equation.left, equation.right), (equation.right, equation.left)):
                    if isinstance(target, Variable) and target.name not in bindings:
                        value = self._exact(term, bindings)
                        if value is not None:
                            bindings[target.name] = value
        return bindings

    def _exact(self, node: Node, bindings: Bindings) -> int | None:
        match node:
            case Number(int() as value):
                return value
            case Variable(name):
                bound = bindings.get(name)
                return bound if isinstance(bound, int) else None
            case Call(name, ()):
                constant = self._constants.get(name)
                return constant if isinstance(constant, int) else None
            case Negative(operand):
                inner = self._exact(operand, bindings)
                return None if inner is None else -inner
            case Binary(operator, left, right):
                first, second = self._exact(left, bindings), self._exact(right, bindings)
                if first is None or second is None or (operator in ("/", "mod") and second == 0):
                    return None
                match operator:
                    case "+":
                        return first + second
                    case "-":
                        return first - second
                    case "*":
                        return first * second
                    case "/":
                        return abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
                    case "mod":
                        return first % second
            case _:
                return None


def _largest(checked: CheckedProgram, chosen: Selection, grounding: Grounding) -> int:
    """The largest absolute integer that a variable can have."""
    found = [1]
    for name, arity in checked.relations:
        if name in chosen.needed:
            found += [_size(value) for row in grounding.rows(name, arity) for value in row]
    domains = [domain for _, rule_ in chosen.uncertain for _, domain in rule_.variables]
    domains += [domain for info in chosen.attributes for domain in info.index]
    domains += [info.value for info in chosen.attributes if isinstance(info.value, Domain)]
    found += [_largest_of(domain) for domain in (*domains, *checked.types.values())]
    statements: list[Node] = [node for _, one in (*chosen.crisp, *chosen.over_attributes) for node in _nodes(one)]
    found += [abs(int(part.value)) for node in statements for part in walk(node) if isinstance(part, Number)]
    found += [abs(value) for value in checked.constants.values() if isinstance(value, int)]
    return max(found)


def _largest_of(domain: Domain) -> int:
    if domain.components:
        return max(map(_largest_of, domain.components))
    return max(map(_size, domain.values), default=0)


def _size(value: Value) -> int:
    if isinstance(value, tuple):
        return max(map(_size, value), default=0)
    return abs(value) if isinstance(value, int) else 0
