"""Safety: each variable of a crisp rule gets its values from a positive formula of the body.

As in answer set programming. An attribute in a positive formula binds the variables of its index, since it is total,
and ``cell(R, C) = V`` binds V as well. ``X = term`` binds X when the variables of the term are bound, and
``X + 1 = term`` does when X is its only variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nesy.dsl.checks.report import Report
from nesy.dsl.checks.symbols import Symbols
from nesy.dsl.statements import (
    Choice,
    ConceptDeclaration,
    Constraint,
    Definition,
    Disjunction,
    ErrorRule,
    IndexItem,
    Optimize,
    PerceptDeclaration,
    RandomDeclaration,
    Rule,
    SoftConstraint,
)
from nesy.dsl.syntax import (
    Aggregate,
    And,
    Binary,
    Call,
    Comparison,
    Element,
    Formula,
    Interval,
    Membership,
    Negative,
    Node,
    Not,
    Or,
    Quantified,
    SetTerm,
    Term,
    TupleTerm,
    Variable,
    children,
)


class Safety:
    """Checks the statements of crisp logic; what is unsafe goes to ``report``."""

    def __init__(self, symbols: Symbols, report: Report) -> None:
        self._symbols = symbols
        self._report = report
        self._reported: set[str] = set()
        self._asking = False

    # ----- statements

    def rule(self, rule: Rule) -> None:
        """A rule: head, then body. Without a body, all variables of the head are unsafe."""
        self._reported.clear()
        bound = self._bound_by(rule.body, frozenset())
        match rule.head:
            case Choice(elements, low, high):
                for element in elements:
                    self._element(element, bound, "the head")
                self._need((end for end in (low, high) if end is not None), bound, "a bound of the choice")
            case Disjunction(items):
                self._head(items, bound)
            case Call() | Comparison():
                self._head((rule.head,), bound)
        self._body(rule.body, frozenset())

    def constraint(self, constraint: Constraint) -> None:
        """``:- body.``"""
        self._reported.clear()
        self._body(constraint.body, frozenset())

    def soft_constraint(self, constraint: SoftConstraint) -> None:
        """``:~ body. [weight@level, terms]``"""
        self._reported.clear()
        bound = self._body(constraint.body, frozenset())
        level = () if constraint.level is None else (constraint.level,)
        self._need((constraint.weight, *level, *constraint.terms), bound, "the weight")

    def optimize(self, statement: Optimize) -> None:
        """``maximize { … }``: each element on its own."""
        self._reported.clear()
        for element in statement.elements:
            self._element(element, frozenset(), "the element")

    def error_rule(self, rule: ErrorRule) -> None:
        """``error reading :- body.``: the variables of the reading's index range over what the source has read."""
        self._reported.clear()
        given = frozenset(
            argument.name
            for argument in rule.reading.arguments
            if isinstance(argument, Variable) and not argument.anonymous
        )
        bound = self._body(rule.body, given)
        self._head((rule.reading,), bound | given)

    def query(self, formula: Formula) -> None:
        """A query has an instance for each value of its variables, which indices, values and atoms must give."""
        self._reported.clear()
        self._asking = True
        bound = self._indices(formula, True, False) | self._atoms(formula)
        self._need((formula,), bound, "a query", anonymous=False)
        self._asking = False

    def expectation(self, formula: Formula) -> None:
        """An expectation speaks of one instance, so it has no variables outside quantifiers and sets."""
        self._reported.clear()
        self._asking = True
        self._expected(formula)
        self._asking = False

    def _expected(self, formula: Formula) -> None:
        match formula:
            case And(items) | Or(items):
                for item in items:
                    self._expected(item)
            case Not(operand):
                self._expected(operand)
            case Quantified():
                self._formula(formula, frozenset())
            case _:
                self._need((formula,), frozenset(), "an expectation", code="E303")

    def declaration(self, statement: PerceptDeclaration | ConceptDeclaration | RandomDeclaration) -> None:
        """Index variables must be bound by the ``for`` condition."""
        self._reported.clear()
        bound = self._body(statement.condition, frozenset())
        self._index(statement.index, bound)
        if isinstance(statement, RandomDeclaration):
            self._need(statement.distribution.arguments, bound, "the distribution")

    def definition(self, statement: Definition) -> None:
        """The variables of a definition's index are its parameters; all others must be bound in the expression."""
        self._reported.clear()
        parameters = frozenset(item.name for item in statement.index if isinstance(item, Variable))
        bound = self._body(statement.condition, parameters)
        self._need((statement.expression,), bound, "the definition")

    def _index(self, index: Sequence[IndexItem], bound: frozenset[str]) -> None:
        for item in index:
            if isinstance(item, Variable) and (item.anonymous or item.name not in bound):
                text = f"the index variable {item.name} is not bound"
                hint = "write a type in its place, or bind it: … for relation(" + item.name + ")"
                self._report.add("E307", text, item.span, hint)

    # ----- bodies

    def bound_by(self, body: Sequence[Formula]) -> frozenset[str]:
        """The variables that a conjunction binds by itself."""
        return self._bound_by(body, frozenset())

    def _body(self, body: Sequence[Formula], outer: frozenset[str]) -> frozenset[str]:
        bound = self._bound_by(body, outer)
        for formula in body:
            self._formula(formula, bound)
        return bound

    def _bound_by(self, body: Sequence[Formula], outer: frozenset[str]) -> frozenset[str]:
        """All variables that a conjunction binds, to a fixpoint: equations may wait for one another.

        The passes go forwards and backwards in turn, so that a chain of equations takes two whichever way it runs.
        """
        bound, order = outer, list(body)
        while True:
            now = bound
            for formula in order:
                now = now | self._binds(formula, now)
            if now == bound:
                return bound
            bound = now
            order.reverse()

    def _binds(self, formula: Formula, bound: frozenset[str]) -> frozenset[str]:
        match formula:
            case Call(_, arguments, _):
                return self._patterns(arguments)
            case Comparison(operator, left, right):
                found = self._total(left) | self._total(right)
                if operator == "=":
                    found |= self._equated(left, right, bound) | self._equated(right, left, bound)
                return found
            case Membership(term, values):
                found = self._total(term)
                if isinstance(values, Interval):
                    found |= self._equated(term, values, bound)
                elif not values.condition and all(names_of(item) <= bound for item in values.items):
                    found |= self._patterns((term,))
                return found
            case And(items):
                return self._bound_by(items, bound) - bound
            case Or(items):
                return frozenset.intersection(*(self._bound_by((item,), bound) for item in items))
            case _:
                return frozenset()

    def _patterns(self, terms: Iterable[Term]) -> frozenset[str]:
        """The variables that matching against known values binds: plain, in tuples, and in ``X + 1``."""
        found: set[str] = set()
        for term in terms:
            match term:
                case Variable(name):
                    found.update({name} - {"_"})
                case TupleTerm(items):
                    found |= self._patterns(items)
                case Binary() | Negative():
                    found |= self._linear(term) | self._total(term)
                case Call():
                    found |= self._total(term)
        return frozenset(found)

    def _linear(self, term: Term) -> frozenset[str]:
        """The one variable of ``X + 1``, ``2 * X``, ``5 - X``; nothing for other arithmetic."""
        match term:
            case Variable(name):
                return frozenset((name,)) if name != "_" else frozenset()
            case Negative(operand):
                return self._linear(operand)
            case Binary("+" | "-", left, right):
                if self._symbols.fold(right) is not None:
                    return self._linear(left)
                return self._linear(right) if self._symbols.fold(left) is not None else frozenset()
            case Binary("*", left, right):
                for factor, other in ((left, right), (right, left)):
                    if self._symbols.fold(factor) not in (None, 0):
                        return self._linear(other)
        return frozenset()

    def _total(self, term: Node) -> frozenset[str]:
        """The index variables of the attributes in a term, a comparison or a membership."""
        if isinstance(term, Call) and self._symbols.attribute_of(term) is not None:
            return self._patterns(term.arguments)
        if isinstance(term, Aggregate):
            return frozenset()
        inner = (child for child in children(term) if not isinstance(child, Element))
        return frozenset().union(*(self._total(child) for child in inner))

    def _equated(self, side: Term, other: Term, bound: frozenset[str]) -> frozenset[str]:
        """What ``side = other`` binds in ``side``."""
        if isinstance(other, Aggregate):
            return self._linear(side)
        if free_names(other) <= bound or self._symbols.attribute_of(other) is not None:
            return self._patterns((side,))
        return frozenset()

    # ----- what must be bound

    def _formula(self, formula: Formula, bound: frozenset[str]) -> None:
        match formula:
            case Quantified():
                self._need((formula,), bound, "the quantified formula", anonymous=False)
            case And(items):
                for item in items:
                    self._formula(item, bound)
            case Or(items):
                for item in items:
                    self._formula(item, self._bound_by((item,), bound) if self._closed(item, bound) else bound)
            case Not(operand):
                what = "the quantified formula" if isinstance(operand, Quantified) else "a negated formula"
                self._need((formula,), bound, what, anonymous=False)
            case Comparison() | Membership() | Call():
                self._need((formula,), bound, "the body", anonymous=False)

    def _within(self, formula: Quantified, bound: frozenset[str], negative: bool) -> frozenset[str]:
        """The variables with values inside a quantified formula: its own range over the indices in which they stand.

        What ``all`` says of a variable does not give it values; its condition does.
        """
        body, condition = formula.body, formula.condition
        if self._asking:
            inner = bound | self._indices(body, True, negative)
            return self._bound_by(condition, inner if formula.quantifier == "all" else inner | self._atoms(body))
        every = (formula.quantifier == "all") != negative
        inner = bound | self._indices(body, every, negative)
        return self._bound_by(condition if every or negative else (body, *condition), inner)

    def _atoms(self, formula: Formula) -> frozenset[str]:
        """The variables in the atoms of a conjunction, attributes aside."""
        items = formula.items if isinstance(formula, And) else (formula,)
        atoms = (item for item in items if isinstance(item, Call) and self._symbols.attribute_of(item) is None)
        return frozenset().union(*(self._patterns(atom.arguments) for atom in atoms))

    def _indices(self, formula: Formula, every: bool, negative: bool) -> frozenset[str]:
        """The index variables of the attributes in a quantified body or a query, and in a query their values.

        Attributes are total, so that they say which values there are wherever they stand below ``all`` and in a
        query (``every``); below ``any`` in a rule each alternative has to say it.
        """
        match formula:
            case Not(operand):
                return self._indices(operand, every, not negative)
            case And(items) | Or(items):
                parts = [self._indices(item, every, negative) for item in items]
                joined = every or isinstance(formula, And) != negative
                return frozenset().union(*parts) if joined else frozenset.intersection(*parts)
            case Quantified():
                return frozenset()
            case Comparison("=" | "!=", left, right) if self._asking:
                sides = ((left, right), (right, left))
                values = (other for side, other in sides if self._symbols.attribute_of(side) is not None)
                return self._total(formula) | {value.name for value in values if isinstance(value, Variable)} - {"_"}
            case Membership(term, SetTerm(_, condition)) if condition:
                return self._total(term)
            case _:
                return self._total(formula)

    def _closed(self, item: Formula, bound: frozenset[str]) -> bool:
        return names_of(item) <= self._bound_by((item,), bound)

    def _element(self, element: Element, outer: frozenset[str], what: str) -> None:
        bound = self._body(element.condition, outer)
        priority = () if element.priority is None else (element.priority,)
        if what == "the head":
            self._head(element.terms, bound)
            self._need(priority, bound, what)
        else:
            self._need((*element.terms, *priority), bound, what)

    def _head(self, parts: Iterable[Node], bound: frozenset[str]) -> None:
        self._need(parts, bound, "the head", anonymous=True, code="E304")

    def _need(
        self,
        parts: Iterable[Node],
        bound: frozenset[str],
        what: str,
        anonymous: bool = True,
        code: str = "E301",
    ) -> None:
        """Report each variable of ``parts`` that is not bound; ``anonymous``: ``_`` is not possible there either."""
        for variable in self._free(parts, bound):
            if variable.anonymous:
                if anonymous:
                    text = f"'_' in {what} does not say which value is meant"
                    hint = _QUANTIFY if what == "an expectation" else "name a variable that the body binds"
                    self._report.add(code, text, variable.span, hint)
            elif variable.name not in self._reported:
                self._reported.add(variable.name)
                text = f"the variable {variable.name} in {what} is not bound"
                self._report.add("E301", text, variable.span, _binding_hint(variable.name, what))

    def _free(self, parts: Iterable[Node], bound: frozenset[str], negative: bool = False) -> Iterator[Variable]:
        """The variables of ``parts`` that are not bound; ``negative``: below an odd number of ``not``."""
        for part in parts:
            match part:
                case Not(operand):
                    yield from self._free((operand,), bound, not negative)
                case Quantified(_, body, condition):
                    # it ranges over every '_'
                    free = self._free((body, *condition), self._within(part, bound, negative), negative)
                    yield from (variable for variable in free if not variable.anonymous)
                case Variable(name):
                    if name not in bound:
                        yield part
                case Aggregate(_, elements):
                    for element in elements:
                        self._element(element, bound, "the aggregate")
                case SetTerm(items, condition):
                    inner = bound | {name for item in items for name in names_of(item)}
                    within = self._bound_by(condition, inner) if condition else bound
                    inside = (*(item for item in items if not condition), *condition)
                    yield from (variable for variable in self._free(inside, within) if not variable.anonymous)
                case _:
                    yield from self._free(children(part), bound, negative)


_QUANTIFY = "write a value, or quantify: any path(a, _)"


def _binding_hint(name: str, what: str) -> str:
    if what == "an expectation":
        return _QUANTIFY
    if what == "a query":
        return f"use it as an index or a value of an attribute, or in an atom: query relation({name}) and …"
    if what == "the quantified formula":
        return f"say which values it takes: … for relation({name}), or for a type in its place"
    where = "the condition after ':'" if what in ("the aggregate", "the element") else "the body"
    return f"bind it by a positive formula in {where}, such as a relation or type with {name}"


def names_of(node: Node) -> frozenset[str]:
    """The named variables anywhere in ``node``."""
    if isinstance(node, Variable):
        return frozenset() if node.anonymous else frozenset((node.name,))
    return frozenset().union(*map(names_of, children(node)))


def free_names(node: Node) -> frozenset[str]:
    """As :func:`names_of`, without what is local to an aggregate."""
    return frozenset() if isinstance(node, Aggregate) else names_of(node)
