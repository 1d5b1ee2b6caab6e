"""Programs that several test modules share, and their model graphs."""

from __future__ import annotations

import nesy
from nesy.solvers.probabilistic.building.build import build
from nesy.solvers.probabilistic.model.graph import ModelGraph

BURGLARY = """
random burglary : bool ~ bernoulli(0.001).
random earthquake : bool ~ bernoulli(0.002).
random alarm : bool ~ bernoulli(
    if burglary and earthquake then 0.95 else if burglary then 0.94 else if earthquake then 0.29 else 0.001).
random john : bool ~ bernoulli(if alarm then 0.9 else 0.05).
random mary : bool ~ bernoulli(if alarm then 0.7 else 0.01).
observe john.
observe mary.
query burglary. query earthquake. query alarm.
"""
"""Russell and Norvig's alarm."""

TUG_OF_WAR = """
type player = {ann, bob, cat, dan}.
member(ann, red, 1). member(bob, red, 1). member(cat, blue, 1). member(dan, blue, 1).
member(cat, red, 2). member(ann, blue, 2).
random strength(P) : real ~ normal(0, 1) for player(P).
random lazy(P, M) : bool ~ bernoulli(0.25) for member(P, _, M).
define effort(P, M) = if lazy(P, M) then strength(P) - 1 else strength(P).
define pull(T, M) = sum { effort(P, M), P : member(P, T, M) }.
define beats(A, B, M) = pull(A, M) > pull(B, M).
observe beats(red, blue, 1).
observe beats(red, blue, 2).
query strength(_).
query lazy(ann, 2).
"""
"""Two pairs pull, then two of them alone."""

SCHOOLS = """
type school = 1..8.
result(1, 28, 15). result(2, 8, 10). result(3, -3, 16). result(4, 7, 11).
result(5, -1, 9). result(6, 1, 11). result(7, 18, 10). result(8, 12, 18).
random mu : real ~ normal(0, 5).
random tau : real ~ halfcauchy(5).
random theta(S) : real ~ normal(mu, tau) for school(S).
random y(S) : real ~ normal(theta(S), D) for result(S, _, D).
observe all y(S) = Y for result(S, Y, _).
query mu. query tau. query theta(_).
"""
"""Rubin's eight schools."""

MIXTURE = """
type kind = {low, high}.
type item = 1..4.
reading(1, 0). reading(2, 1). reading(3, 10). reading(4, 11).
random share(kind) : real ~ dirichlet(1, 2).
random centre(kind) : real ~ normal(5, 6).
random of(I) : kind ~ categorical(share(low), share(high)) for item(I).
random at(I) : real ~ normal(centre(of(I)), 1) for item(I).
observe all at(I) = Y for reading(I, Y).
define many = count { I : item(I), of(I) = high }.
observe centre(low) < centre(high).
query of(_). query many. query any of(I) = low for item(I).
"""
"""A mixture of two: Dirichlet shares, a random index, an event."""

EVERYTHING = """
type k = {a, b, c}.
random n1 : real ~ normal(1, 2).           random n2 : real ~ lognormal(0.1, 0.5).
random n3 : real ~ uniform(-1, 2).         random n4 : real ~ beta(2, 3).
random n5 : real ~ gamma(2.5, 1.5).        random n6 : real ~ exponential(n5).
random n7 : int ~ poisson(n2).             random n8 : int ~ binomial(5, n4).
random n9 : bool ~ bernoulli(n4).          random n10 : k ~ categorical(1, n2, n5).
random n11 : real ~ studentt(4, n1, n5).   random n12 : real ~ cauchy(n1, n2).
random n13 : real ~ laplace(n3, n5).       random n14 : real ~ halfnormal(n2).
random n15 : real ~ halfcauchy(n2).        random n16 : int ~ poisson(if n9 then 2 else n5).
random w(k) : real ~ dirichlet(1, 2, 3).
define rest = n11 + n12 + n13 + n14 + n15 + n16 + n6.
define t = exp(-n1) + log(n2) * sqrt(n4) / abs(n3) - min { n1; n3; 2 } + max { n5 - 1; n7 }.
define m = (n7 + n8) mod 3 + (if n10 = b then 1 else if n10 in {a} then 2 else 3) + w(a) - w(c).
define q = n9 or n1 > 0 and not n10 = c.
observe q.
:~ n7 > 2. [2]
query t. query rest. query m. query q. query n10.
"""
"""Every distribution and operator."""


def graph_of(text: str) -> ModelGraph:
    """The model graph of a program."""
    return build(nesy.load(text).checked).graph
