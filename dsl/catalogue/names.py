"""Names and types (2xx)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry
from nesy.dsl.catalogue.knowledge import KNOWLEDGE
from nesy.dsl.catalogue.values import VALUES
from nesy.dsl.catalogue.warnings import WARNINGS

NAMES: tuple[Entry, ...] = (
    Entry(
        "E201",
        "unknown name",
        "A formula uses a name that no declaration, fact or rule knows. The nearest known name is offered.",
        "percept lamp : {red, green}.\nconcept stop : bool.\nstop iff lmap(1) = red.\nquery stop.",
        "percept lamp : {red, green}.\nconcept stop : bool.\nstop iff lamp = red.\nquery stop.",
    ),
    Entry(
        "E202",
        "unknown type",
        "A declaration names a type that is neither declared nor built in (bool, real, int).",
        "type digit = 0..9.\npercept a : digits.\nquery a.",
        "type digit = 0..9.\npercept a : digit.\nquery a.",
    ),
    Entry(
        "E203",
        "constant cannot be set",
        "A constant that was given from outside is not declared in the rule file, or its value is none that a "
        "constant can have.",
        cure="Declare the constant in the rule file (const n = 9.), or correct the name or value.",
    ),
    Entry(
        "E204",
        "declared twice",
        "Two declarations of the same kind have the same name.",
        "type digit = 0..9.\npercept a : digit.\npercept a : digit.\nquery a.",
        "type digit = 0..9.\npercept a : digit.\npercept b : digit.\nquery a. query b.",
    ),
    Entry(
        "E205",
        "one name for two things",
        "A name is declared as two kinds of thing, is built in, or is both an attribute and a value of a type.",
        "type lamp = {red, green}.\npercept lamp : lamp.\nquery lamp.",
        "type colour = {red, green}.\npercept lamp : colour.\nquery lamp.",
    ),
    Entry(
        "E206",
        "wrong number of arguments",
        "An attribute, relation, type, function or distribution is used with more or fewer arguments than it has. An "
        "attribute that has an index needs it everywhere.",
        "percept cell(1..3, 1..3) : bool.\nconcept full : bool.\nfull iff cell(1) = true.\nquery full.",
        "percept cell(1..3, 1..3) : bool.\nconcept full : bool.\nfull iff cell(1, 1) = true.\nquery full.",
    ),
    Entry(
        "E209",
        "attribute is not true or false",
        "An attribute stands where something must hold or fail, but its type is not bool.",
        "percept lamp : {red, green}.\nconcept stop : bool.\nstop iff lamp.\nquery stop.",
        "percept lamp : {red, green}.\nconcept stop : bool.\nstop iff lamp = red.\nquery stop.",
    ),
    Entry(
        "E210",
        "unknown source",
        "After @ stands a name that the percept's declaration does not list after 'from'.",
        "percept lamp : {red, green} from m1, m2.\nconcept stop : bool.\nstop iff lamp@m3 = red.\nquery stop.",
        "percept lamp : {red, green} from m1, m2.\nconcept stop : bool.\nstop iff lamp@m2 = red.\nquery stop.",
    ),
    Entry(
        "E211",
        "percept concluded",
        "A rule concludes a percept. Percepts are read by networks; rules derive concepts.",
        "percept a : bool.\npercept b : bool.\nif a then b.\nquery b.",
        "percept a : bool.\nconcept b : bool.\nif a then b.\nquery b.",
    ),
    Entry(
        "E218",
        "unknown distribution or function",
        "After ~ stands a name that is no distribution, or 'confidence' or 'margin' is used on something else than a "
        "reading.",
        "random height : real ~ normall(170, 10).\nquery height.",
        "random height : real ~ normal(170, 10).\nquery height.",
    ),
    Entry(
        "E219",
        "relation used as a value",
        "A relation stands where a value belongs. Relations hold or fail; attributes have values.",
        "size(a, 3).\nbig(X) :- size(X, _), size(X) > 2.\nquery big(a).",
        "size(a, 3).\nbig(X) :- size(X, S), S > 2.\nquery big(a).",
    ),
    Entry(
        "E220",
        "degree outside 0 to 1",
        "A parameter of an uncertain rule or the threshold of an expectation is no number between 0 and 1.",
        "percept a : bool.\nconcept b : bool.\nif a then b [r = 1.5].\nquery b.",
        "percept a : bool.\nconcept b : bool.\nif a then b [r = 0.15].\nquery b.",
    ),
    Entry(
        "E221",
        "parameters contradict the rule",
        "'per' names a variable that the rule does not have, or a parameter is both set and learned.",
        "percept a : 0..3.\nconcept b : 0..3.\nb = K iff a = K [learn per V].\nquery b.",
        "percept a : 0..3.\nconcept b : 0..3.\nb = K iff a = K [learn per K].\nquery b.",
    ),
    Entry(
        "E222",
        "conclusion is no concept",
        "An uncertain rule concludes something else than a value of one declared concept.",
        "percept a : bool.\nitem(1).\nif a then item(2).\nquery item(2).",
        "percept a : bool.\nconcept b : bool.\nif a then b.\nquery b.",
    ),
    Entry(
        "E223",
        "no reading after 'given'",
        "After 'given' stands something else than the value of a percept at one index.",
        "percept a : bool.\nconcept b : bool.\nb iff a.\nexpect b given b = true.",
        "percept a : bool.\nconcept b : bool.\nb iff a.\nexpect b given a = true.",
    ),
    Entry(
        "E224",
        "construct in a place that does not take it",
        "Functions, conditionals and aggregates belong in certain statements only, heads and elements of choices have "
        "a fixed form, and 'for' needs an index to restrict.",
        "percept a(1..3) : bool.\nconcept b : bool.\nb iff count { I : a(I) } > 1.\nquery b.",
        "percept a(1..3) : bool.\nconcept b : bool.\nb iff any a(_).\nquery b.",
    ),
    Entry(
        "E225",
        "error rule without a reading",
        "An error rule says when a reading of a percept is not to be trusted; it names something else.",
        "percept lamp : {red, green} from m1, m2.\nconcept stop : bool.\nstop iff lamp = red.\n"
        "error stop@m1 :- lamp@m1 = red.\nquery stop.",
        "percept lamp : {red, green} from m1, m2.\nconcept stop : bool.\nstop iff lamp = red.\n"
        "error lamp@m1 :- lamp@m1 = red.\nquery stop.",
    ),
    Entry(
        "E226",
        "declared value concluded",
        "A rule concludes a random variable or a definition, whose value its declaration gives.",
        "random tired : bool ~ bernoulli(0.2).\npercept a : bool.\nif a then tired.\nquery tired.",
        "random tired : bool ~ bernoulli(0.2).\npercept a : bool.\nconcept b : bool.\nif a then b.\n"
        "query b. query tired.",
    ),
    Entry(
        "E227",
        "value added to a type",
        "A fact or rule adds a value to a type whose values are fixed, or a rule adds one to an open type.",
        "type row = 1..3.\nrow(4).\npercept a(row) : bool.\nquery a(_).",
        "type row = 1..4.\npercept a(row) : bool.\nquery a(_).",
    ),
)

ENTRIES: tuple[Entry, ...] = tuple(sorted((*NAMES, *VALUES, *KNOWLEDGE, *WARNINGS), key=lambda entry: entry.code))
