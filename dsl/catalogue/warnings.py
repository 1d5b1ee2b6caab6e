"""Warnings about names (W2xx): the program can run, but may not say what was meant."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

WARNINGS: tuple[Entry, ...] = (
    Entry(
        "W201",
        "not used",
        "Nothing draws on a declared type, relation or attribute, and no query asks for it.",
        "percept a : bool.\npercept b : bool.\nconcept c : bool.\nc iff a.\nquery c.",
        "percept a : bool.\npercept b : bool.\nconcept c : bool.\nc iff a and b.\nquery c.",
    ),
    Entry(
        "W202",
        "variable occurs once",
        "A variable that occurs only once in a rule is often misspelt.",
        "edge(a, b).\nsource(X) :- edge(X, Y).\nquery source(a).",
        "edge(a, b).\nsource(X) :- edge(X, _).\nquery source(a).",
    ),
    Entry(
        "W203",
        "query asked twice",
        "Two queries are the same.",
        "percept a : bool.\nquery a.\nquery a.",
        "percept a : bool.\nquery a.",
    ),
    Entry(
        "W204",
        "no query",
        "The program has rules, but nothing says what an answer shall report.",
        "percept a : bool.\nconcept b : bool.\nb iff a.",
        "percept a : bool.\nconcept b : bool.\nb iff a.\nquery b.",
    ),
    Entry(
        "W205",
        "concept without rules",
        "No rule concludes a concept, so nothing is ever known of it.",
        "percept a : bool.\nconcept b : bool.\nconcept c : bool.\nc iff a and b.\nquery c.",
        "percept a : bool.\nconcept b : bool.\nconcept c : bool.\nb iff a.\nc iff a and b.\nquery c.",
    ),
    Entry(
        "W206",
        "open type without values",
        "No fact gives an open type a value. That is right if the facts come from data files.",
        "type object.\npercept seen(object) : bool.\nquery seen(_).",
        "type object.\nobject(o1).\npercept seen(object) : bool.\nquery seen(_).",
    ),
    Entry(
        "W207",
        "no influence on any query",
        "Something is used, but only by what no query, expectation or constraint needs.",
        "percept a : bool.\nconcept c : bool.\nconcept d : bool.\nconcept e : bool.\nc iff a.\nd iff a.\ne iff d.\n"
        "query c.",
        "percept a : bool.\nconcept c : bool.\nc iff a.\nquery c.",
    ),
    Entry(
        "W208",
        "variants",
        "A program with variants is run as it stands. The option of the greatest weight is taken in each group.",
        "random a : real ~ normal(0, 1).\nrandom a : real ~ normal(0, 9) [variant wide].\nquery a.",
        "random a : real ~ normal(0, 1).\nquery a.",
    ),
)
