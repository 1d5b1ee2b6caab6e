"""Safety and stratification (3xx)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E301",
        "unbound variable",
        "A variable gets its values from no positive formula of the body. Negated formulas, comparisons and heads do "
        "not bind variables.",
        "closed(a).\nopen(X) :- not closed(X).\nquery open(a).",
        "door(a). door(b).\nclosed(a).\nopen(X) :- door(X), not closed(X).\nquery open(a).",
    ),
    Entry(
        "E302",
        "variable without a type",
        "Nothing says which values a variable of an uncertain rule or of an index takes.",
        "percept a : bool.\nconcept b : 0..3.\nif a then b in {0, 1} where X < 2.\nquery b.",
        "percept a : bool.\nconcept b : 0..3.\nif a then b = X where X < 2.\nquery b.",
    ),
    Entry(
        "E303",
        "'_' outside a quantifier",
        "In an uncertain rule, '_' as an index does not say whether every value is meant or some value.",
        "percept lamp(1..3) : {red, green}.\nconcept stop : bool.\nstop iff lamp(_) = red.\nquery stop.",
        "percept lamp(1..3) : {red, green}.\nconcept stop : bool.\nstop iff any lamp(_) = red.\nquery stop.",
    ),
    Entry(
        "E304",
        "'_' in a head",
        "A head must say which atom it derives.",
        "edge(a, b).\npath(X, _) :- edge(X, _).\nquery path(a, b).",
        "edge(a, b).\npath(X, Y) :- edge(X, Y).\nquery path(a, b).",
    ),
    Entry(
        "E305",
        "types of a variable conflict",
        "A variable stands at two places whose types have no value in common.",
        "percept a : 0..3.\nconcept b : {low, high}.\nb = V iff a = V.\nquery b.",
        "percept a : 0..3.\nconcept b : 0..3.\nb = V iff a = V.\nquery b.",
    ),
    Entry(
        "E306",
        "recursion through negation",
        "A relation depends on its own negation, which the back end at hand does not take. The message shows the whole "
        "cycle.",
        cure="Break the cycle, or run the program with a back end that takes it (nesy backends lists them).",
    ),
    Entry(
        "E307",
        "unbound index variable",
        "A declaration's index names a variable that its 'for' condition does not bind.",
        "percept near(A, B) : bool.\nquery near(_, _).",
        "pair(1, 2).\npercept near(A, B) : bool for pair(A, B).\nquery near(_, _).",
    ),
    Entry(
        "E308",
        "condition is not crisp",
        "Conditions after 'for' and 'where' are decided while grounding, so percepts, concepts and what depends on "
        "them or on a choice cannot stand there.",
        "percept a(1..3) : bool.\nconcept b : bool.\nif a(I) then b where a(I).\nquery b.",
        "percept a(1..3) : bool.\nconcept b : bool.\nif a(I) then b where I > 1.\nquery b.",
    ),
    Entry(
        "E309",
        "value depends on itself",
        "A definition or random variable without index is computed from itself, perhaps by way of others.",
        "define low = high - 1.\ndefine high = low + 1.\nquery low > 0.",
        "random high : real ~ normal(10, 2).\ndefine low = high - 1.\nquery low > 0.",
    ),
    Entry(
        "W301",
        "recursion through negation",
        "A relation depends on its own negation: there may be several answer sets or none, and not every back end "
        "takes it.",
        "day :- not night.\nnight :- not day.\nquery day.",
        "{ day ; night } = 1.\nquery day.",
    ),
)
