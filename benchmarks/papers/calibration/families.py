"""Families of models whose methods are held against simulated truth, each as a rule file.

``queries`` are what is ranked: parameters that the data speak of. The families are kept small, since each one is
answered a thousand times by every method that takes it, and proper throughout, since truths are drawn from the priors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nesy import load
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.model.graph import ModelGraph


@dataclass(frozen=True)
class Family:
    """A model. ``seen`` are the attributes that an experiment shows; ``methods`` those that take the model."""

    name: str
    said: str
    text: str
    seen: tuple[str, ...]
    methods: tuple[str, ...]

    @property
    def graph(self) -> ModelGraph:
        """The model before anything is seen, with what can be seen in it."""
        checked = load(self.text).checked
        shown = (f"query {name}({', '.join('_' * len(checked.attributes[name].index))})." for name in self.seen)
        graph = build(load("\n".join((self.text, *shown))).checked).graph
        return replace(graph, estimands=tuple(e for e in graph.estimands if e.family not in self.seen))


FINITE = Family(
    "finite",
    "illness and signs: truth values and a count",
    """
    type sign = 1..3.
    random ill : bool ~ bernoulli(0.4).
    random severe : 0..3 ~ categorical(if ill then 1 else 4, 2, 2, if ill then 3 else 1).
    random shown(S) : bool ~ bernoulli((1 + S * severe) / 12) for sign(S).
    query ill. query severe.
    """,
    ("shown",),
    ("exact", "weighting", "smc"),
)
CONJUGATE = Family(
    "conjugate",
    "a rate with a gamma prior, three counts",
    """
    type day = 1..3.
    random rate : real ~ gamma(2, 0.5).
    random calls(D) : int ~ poisson(rate) for day(D).
    query rate.
    """,
    ("calls",),
    ("quadrature", "weighting", "smc", "laplace", "nuts", "svi"),
)
GAUSSIAN = Family(
    "linear Gaussian",
    "a random walk seen through noise",
    """
    type step = 1..4.
    random x(T) : real ~ normal(if T = 1 then 0 else x(T - 1), 1) for step(T).
    random y(T) : real ~ normal(x(T), 0.7) for step(T).
    query x(1). query x(4).
    """,
    ("y",),
    ("exact", "filter", "weighting", "smc"),
)
DRIFT = Family(
    "drift",
    "a random walk of 12 steps with an unknown drift, seen through noise",
    """
    type step = 1..12.
    random drift : real ~ normal(0, 1).
    random x(T) : real ~ normal(if T = 1 then drift else x(T - 1) + drift, 1) for step(T).
    random y(T) : real ~ normal(x(T), 2) for step(T).
    query drift. query x(1). query x(12).
    """,
    ("y",),
    ("exact", "filter"),
)
VOLATILITY = Family(
    "volatility",
    "ten returns whose log variance is a random walk with unknown steps: no closed form",
    """
    type day = 1..10.
    random step : real ~ halfnormal(0.5).
    random level(T) : real ~ normal(if T = 1 then 0 else level(T - 1), if T = 1 then 1 else step) for day(T).
    random change(T) : real ~ normal(0, exp(level(T) / 2)) for day(T).
    query step. query level(1). query level(10).
    """,
    ("change",),
    ("filter",),
)
SWITCHES = Family(
    "switches",
    "two components, normal measurements",
    """
    type item = 1..3.
    random centre : real ~ normal(2, 2).
    random far(I) : bool ~ bernoulli(0.3) for item(I).
    random y(I) : real ~ normal(centre + (if far(I) then 4 else 0), 1) for item(I).
    query centre. query far(1).
    """,
    ("y",),
    ("exact", "weighting", "smc"),
)
HIERARCHY = Family(
    "hierarchy",
    "four schools, common mean and spread",
    """
    type school = 1..4.
    random mu : real ~ normal(0, 3).
    random tau : real ~ halfnormal(2).
    random theta(S) : real ~ normal(mu, tau) for school(S).
    random y(S) : real ~ normal(theta(S), 1.5) for school(S).
    query mu. query tau. query theta(1).
    """,
    ("y",),
    ("quadrature", "weighting", "smc", "laplace", "nuts", "svi"),
)
LOGISTIC = Family(
    "logistic",
    "a logistic curve with a rate of guessing: three numbers, no closed form",
    """
    type point = 1..12.
    random level : real ~ normal(0, 1.5).
    random slope : real ~ normal(1, 1).
    random guess : real ~ beta(2, 8).
    random right(I) : bool ~ bernoulli(1 - (1 - guess) / (1 + exp(level + slope * (I - 6.5) / 3)))
        for point(I).
    query level. query slope. query guess.
    """,
    ("right",),
    ("weighting", "smc", "laplace", "nuts", "svi"),
)
CONTESTS = Family(
    "contests",
    "tug of war: strength and laziness, seen only through who won",
    """
    type player = {ann, bob, cal}.
    type match = 1..3.
    plays(ann, bob, 1). plays(bob, cal, 2). plays(ann, cal, 3).
    random strength(P) : real ~ normal(10, 3) for player(P).
    random lazy(P, M) : bool ~ bernoulli(0.2) for player(P), match(M).
    define pull(P, M) = if lazy(P, M) then strength(P) / 2 else strength(P).
    define wins(M) = (any pull(P, M) > pull(Q, M) for plays(P, Q, M)) for match(M).
    query strength(ann). query strength(cal). query lazy(bob, 2).
    """,
    ("wins",),
    ("weighting", "smc"),
)

FAMILIES = (FINITE, CONJUGATE, GAUSSIAN, DRIFT, VOLATILITY, SWITCHES, HIERARCHY, LOGISTIC, CONTESTS)
SAMPLES = {"weighting": 20_000, "filter": 16_000, "smc": 1_600, "laplace": 4_000, "svi": 4_000, "nuts": 3_200}
"""Samples by method, fewer than an answer would take, enough for the diagnostics of almost all replicates."""
