"""Explanations: which readings and which rules decide a degree. Filled by the back ends, drawn by the facade."""

from __future__ import annotations

from dataclasses import dataclass

from nesy.dsl.span import Span
from nesy.dsl.values import Value


@dataclass(frozen=True, slots=True)
class Reading:
    """A percept degree that an explanation rests on: ``π(cell(1,2) = 3) = 0.4``.

    ``statement`` is a membership such as ``cell(1,2) = 3`` or ``a(1) != 3``. ``slack`` says how far this degree may
    move, up and down, before the explained degree changes (as far as the reading alone is concerned);
    ``probability`` is the network's own number where one value is meant.
    """

    percept: str
    statement: str
    degree: float
    probability: float | None = None
    slack: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain from the answer down to the readings.

    ``statement`` is what has the degree (``Π(y = 8)``), ``because`` says in words how the binding rule
    gives it; ``span``/``source`` are the rule's place and line, ``bindings`` its variables' values.
    """

    statement: str
    degree: float
    because: str
    span: Span | None = None
    source: str = ""
    bindings: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """The next-best value of the query, its degree, and the chain that decides it.

    ``contrast`` is a sentence that says which readings would have to be different for this value to be as good as the
    answered one; empty where no few readings do it.
    """

    value: str
    degree: float
    steps: tuple[Step, ...] = ()
    readings: tuple[Reading, ...] = ()
    contrast: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A percept that a model reads otherwise than the network: ``read`` by it, ``became`` in the model, at ``cost``.

    ``forbidding`` are the ground constraints that the reading contradicts, together with the values ``given`` of other
    percepts. Where none does (``forbidding`` is empty), ``breaking`` are the soft constraints it would break.
    """

    percept: str
    read: str
    became: str
    cost: float
    forbidding: tuple[Step, ...] = ()
    given: tuple[str, ...] = ()
    breaking: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Statements and readings that cannot hold together; ``minimal`` if leaving out any one of them resolves it."""

    statements: tuple[Step, ...]
    readings: tuple[str, ...]
    minimal: bool


@dataclass(frozen=True, slots=True)
class Influence:
    """What an observation did to a posterior.

    ``effect`` is KL(posterior ‖ posterior without it) in ``nats``, or the shift of the mean in units of ``sd``;
    ``without`` the figure (probability or mean) without it; ``path`` a shortest way through the model from the query.
    """

    statement: str
    effect: float
    unit: str
    without: float
    path: str
    span: Span
    source: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why ``measure(query = value)`` is ``degree`` in one instance.

    ``readings`` are all the percept degrees that decide it: changing any other reading, within
    its slack, leaves the degree. ``supporting`` are the other readings that have to stay on their side of the degree;
    all of them may move at once within their slack, and all that are named nowhere may take any degree. So, too, may
    all readings but the deciding ones move by ``margin`` at once. ``notes`` are sentences on ties and on rules that
    contradict one another.

    Back ends that search for models explain the model first (``measure`` is ``cost``, ``query`` is empty): its
    ``repairs``, or the ``conflict`` where there is no model. Then comes each query with what supports its value in
    the model (``measure`` is ``model``, ``degree`` 1).

    The probabilistic back end gives the ``prior`` figure and the ``influences`` of what was observed, the strongest
    first (``measure`` is ``probability`` of the value, or ``mean``). For programs over percepts ``steps`` are reasons,
    readings that decide about the query, with their probability.
    """

    instance: int
    query: str
    value: str
    measure: str
    degree: float
    steps: tuple[Step, ...]
    readings: tuple[Reading, ...]
    alternative: Alternative | None = None
    supporting: tuple[Reading, ...] = ()
    margin: float = 1.0
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    conflict: Conflict | None = None
    prior: float | None = None
    influences: tuple[Influence, ...] = ()


def degree_text(degree: float) -> str:
    """A degree with three decimals; 0 and 1 are written only where they are meant exactly."""
    if degree in (0, 1):
        return str(int(degree))
    shown = f"{degree:.3f}"
    return {"0.000": "<0.001", "1.000": ">0.999"}.get(shown, shown)
