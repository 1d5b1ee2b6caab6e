"""Why an answer has its degree: rules and readings that decide it, how far they may move, and what comes next.

For each query the possibility of the answered value is explained, and its necessity N(v) = 1 − max of the others by
the strongest competitor. The theorem behind ``readings``, ``supporting`` and ``margin`` stands in
:mod:`~.explain_paths`.

Ties are settled by order: of values, of rules as they were instantiated, of conditions as they are written. Where the
best value is tied, the first is explained and a note names the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nesy.dsl.values import format_value
from nesy.solvers.explanation import Alternative, Explanation, Reading, Step
from nesy.solvers.ground_model import AnyOf, AttributeLiteral, GroundFormula, GroundQuery
from nesy.solvers.possibilistic.explain_conflicts import contradiction, contrast
from nesy.solvers.possibilistic.explain_paths import Witnesses, witnesses
from nesy.solvers.possibilistic.explain_steps import Inputs, chain, probability
from nesy.solvers.possibilistic.explain_words import degree_words, membership_words
from nesy.solvers.possibilistic.interpreter import Degrees, Structures, evaluate, reread
from nesy.solvers.possibilistic.premise import literals, separate

EXACT = 16
"""Deciding readings up to which the slack of each is worked out exactly; of more, it is given as 0."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value of a query: its text, what Π is asked of, how a step names it, and its degree."""

    value: str
    formula: GroundFormula
    title: str
    degree: float


def explain(structures: Structures, inputs: Inputs, instance: int, query: str | None = None) -> tuple[Explanation, ...]:
    """Explain the answered value of each query of one instance, or of the query (or family) called ``query``.

    For each query first its possibility, then its necessity. Raises KeyError for an unknown ``query``.
    """
    asked = [entry for entry in structures.model.queries if query is None or query in (entry.label, entry.family)]
    if not asked and query is not None:
        known = ", ".join(entry.label for entry in structures.model.queries[:8])
        raise KeyError(f"'{query}' is not among the queries; the answer holds {known}")
    degrees = evaluate(structures, inputs.possibilities)
    return tuple(found for entry in asked for found in _Explainer(degrees, inputs, instance, entry).both())


@dataclass(frozen=True, slots=True)
class Reasons:
    """The chain of rules, the deciding and the supporting readings, and the margin of one degree."""

    steps: tuple[Step, ...]
    readings: tuple[Reading, ...] = ()
    supporting: tuple[Reading, ...] = ()
    margin: float = 1.0


class _Explainer:
    """Explains one query."""

    def __init__(self, degrees: Degrees, inputs: Inputs, instance: int, query: GroundQuery) -> None:
        self.degrees = degrees
        self.inputs = inputs
        self.instance = instance
        self.query = query
        self._known: dict[GroundFormula, Reasons] = {}
        self.candidates = _candidates(degrees, query)
        self.best = max(self.candidates, key=lambda candidate: candidate.degree)
        others = [candidate for candidate in self.candidates if candidate is not self.best]
        self.second = max(others, key=lambda candidate: candidate.degree, default=None)

    def both(self) -> tuple[Explanation, Explanation]:
        return self._possibility(), self._necessity()

    def _possibility(self) -> Explanation:
        best = self.best
        why = self._reasons(best)
        return Explanation(
            self.instance,
            self.query.label,
            best.value,
            "possibility",
            best.degree,
            why.steps,
            why.readings,
            self._alternative(),
            why.supporting,
            why.margin,
            self._notes(),
        )

    def _necessity(self) -> Explanation:
        """N(v) = 1 − Π of the other values; the readings are those that decide the latter."""
        second = self.second
        title = f"N({self.best.title})"
        if second is None:
            step = Step(title, 1.0, "there is no other value")
            return Explanation(self.instance, self.query.label, self.best.value, "necessity", 1.0, (step,), ())
        others = [candidate.formula for candidate in self.candidates if candidate is not self.best]
        why = self._reasons(second, _any_of(others))
        shown = degree_words(second.degree)
        step = Step(title, 1.0 - second.degree, f"1 − Π({second.title}) = 1 − {shown}, its strongest competitor")
        return Explanation(
            self.instance,
            self.query.label,
            self.best.value,
            "necessity",
            1.0 - second.degree,
            (step, *why.steps),
            why.readings,
            None,
            why.supporting,
            why.margin,
        )

    def _reasons(self, candidate: Candidate, whole: GroundFormula | None = None) -> Reasons:
        """Why a candidate has its degree; ``whole`` is the formula that has the degree, where it is not its own."""
        formula = candidate.formula if whole is None else whole
        known = self._known.get(formula)
        if known is None:
            known = self._known[formula] = self._worked_out(candidate, formula)
        return known

    def _worked_out(self, candidate: Candidate, formula: GroundFormula) -> Reasons:
        if next(literals(formula), None) is None:
            return Reasons((Step(f"Π({candidate.title})", candidate.degree, "the facts decide it"),))
        steps, _ = chain(self.degrees, self.inputs, candidate.formula, candidate.title)
        found = witnesses(self.degrees, formula)
        return Reasons(steps, self._deciding(formula, found), *self._supporting(found))

    # ----- readings

    def _deciding(self, formula: GroundFormula, found: Witnesses) -> tuple[Reading, ...]:
        """The percept degrees in a witness that equal the degree, with their exact slack."""
        named = [item for item in dict.fromkeys((*found.upper, *found.lower)) if self._degree(item) == found.degree]
        if len(named) > EXACT:
            return tuple(self._reading(item, (0.0, 0.0)) for item in named)
        below = self.degrees.structures.below(formula)

        def moved(item: AttributeLiteral, to: float) -> float:
            return reread(self.degrees, {item: to}, below).possibility(formula)

        def slack(item: AttributeLiteral) -> tuple[float, float]:
            degree = found.degree
            down = 0.0 if degree == 0 or moved(item, 0.0) < degree else degree
            up = 0.0 if degree == 1 or moved(item, 1.0) > degree else 1.0 - degree
            return down, up

        return tuple(self._reading(item, slack(item)) for item in named)

    def _supporting(self, found: Witnesses) -> tuple[tuple[Reading, ...], float]:
        """The other percept degrees of the witnesses, and how far the nearest is from the degree."""
        readings = []
        margin = 1.0
        for item in found.lower:
            degree = self._degree(item)
            if degree != found.degree:
                readings.append(self._reading(item, (degree - found.degree, 1.0 - degree)))
                margin = min(margin, degree - found.degree)
        for item in found.upper:
            degree = self._degree(item)
            if degree != found.degree:
                readings.append(self._reading(item, (degree, found.degree - degree)))
                margin = min(margin, found.degree - degree)
        return tuple(readings), margin

    def _degree(self, literal: AttributeLiteral) -> float:
        return self.degrees.possibility(literal)

    def _reading(self, literal: AttributeLiteral, slack: tuple[float, float]) -> Reading:
        model = self.degrees.structures.model
        label = model.attributes[literal.attribute].label(literal.index)
        known = probability(self.degrees, self.inputs, literal)
        return Reading(label, membership_words(model, literal), self._degree(literal), known, slack)

    # ----- what else

    def _alternative(self) -> Alternative | None:
        second = self.second
        if second is None:
            return None
        why = self._reasons(second)
        change = contrast(self.degrees, second.formula, second.title, self.best.degree)
        return Alternative(second.value, second.degree, why.steps, why.readings, change)

    def _notes(self) -> tuple[str, ...]:
        notes = []
        tied = [candidate.title for candidate in self.candidates if candidate.degree == self.best.degree]
        if len(tied) > 1:
            notes.append(f"tie: {_listed(tied)} are equally possible, so that no value is answered")
        if self.best.degree < 1 and self.query.kind == "attribute":
            notes.append(contradiction(self.degrees, (self.query.attribute, self.query.index), self.best.degree))
        return tuple(notes)


def _listed(texts: Sequence[str]) -> str:
    shown = list(texts) if len(texts) <= 4 else [*texts[:3], f"{len(texts) - 3} others"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _candidates(degrees: Degrees, query: GroundQuery) -> list[Candidate]:
    """The values of a query in the order of its domain; false and true of a formula."""
    if query.formula is not None:
        true = separate(query.formula, query.span)
        false = degrees.structures.denial(query.formula)
        label = query.label
        denied = f"not ({label})" if " " in label else f"not {label}"
        return [
            Candidate("false", false, denied, degrees.possibility(false)),
            Candidate("true", true, label, degrees.possibility(true)),
        ]
    found = []
    for value, name in enumerate(degrees.structures.model.attributes[query.attribute].domain.values):
        literal = AttributeLiteral(query.attribute, query.index, (value,))
        title = membership_words(degrees.structures.model, literal)
        found.append(Candidate(format_value(name), literal, title, degrees.possibility(literal)))
    return found


def _any_of(formulas: Sequence[GroundFormula]) -> GroundFormula:
    return formulas[0] if len(formulas) == 1 else AnyOf(tuple(formulas))
