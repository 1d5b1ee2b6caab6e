"""What grounding refuses or leaves out (51x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E510",
        "a rule gives a value outside the type",
        "For some values of its variables a rule sets or concludes a value that the concept's type does not have. "
        "Nothing is dropped silently.",
        wrong="percept a(1..2) : 0..9.\nconcept y : 0..9.\ny = A + B :- a(1) = A, a(2) = B.\nquery y.\n",
        mended="percept a(1..2) : 0..9.\nconcept y : 0..18.\ny = A + B :- a(1) = A, a(2) = B.\nquery y.\n",
    ),
    Entry(
        "E511",
        "an index outside the index set",
        "A rule sets, or a query asks for, an attribute at an index that it does not have.",
        wrong="percept a(1..2) : 0..9.\nconcept b(1..2) : 0..9.\nb(I + 1) = V :- a(I) = V.\nquery b(_).\n",
        mended="percept a(1..2) : 0..9.\nconcept b(1..2) : 0..9.\nb(I + 1) = V :- a(I) = V, I < 2.\nquery b(_).\n",
    ),
    Entry(
        "E512",
        "the grounding would be too large",
        "One statement means more than 10 million combinations of values, so the estimate before grounding, or "
        "grounding gave more than 3 million rules and was stopped. The message names the variables that multiply.",
        wrong="type t = 1..1000.\npercept a(t) : bool.\nconcept c(t) : bool.\n"
        "if a(I) and a(J) and a(K) then c(I).\nquery c(_).\n",
        mended="type t = 1..1000.\npercept a(t) : bool.\nconcept c(t) : bool.\n"
        "if a(I) and a(J) then c(I) where J = I + 1.\nquery c(_).\n",
        cure="Let an equation or a relation of facts give the values of a variable; `nesy plan` shows the size of "
        "every line. `--budget N` allows more, `--budget 0` anything.",
    ),
    Entry(
        "W512",
        "the grounding may be too large",
        "One statement means up to more than 10 million combinations of values; how many there are is not known before "
        "grounding, because it rests on a recursion. Grounding goes on, and stops after 3 million rules (E512).",
        cure="Wait, or narrow the statement; `nesy plan` shows the size of every line.",
    ),
    Entry(
        "E513",
        "a construct without a place in the ground model",
        "A query depends on a choice, a disjunction, an aggregate over attributes, a random variable or a definition. "
        "The message names the back ends that take it.",
        wrong="type node = {a, b}.\n{ picked(N) } :- node(N).\nquery picked(a).\n",
        mended="type node = {a, b}.\npicked(a).\nquery picked(a).\n",
    ),
    Entry(
        "E514",
        "facts violate a constraint",
        "A constraint that speaks of crisp relations alone is checked while grounding.",
        wrong="relation edge({a, b}, {a, b}).\nedge(a, a).\n:- edge(X, X).\nquery edge(a, b).\n",
        mended="relation edge({a, b}, {a, b}).\nedge(a, b).\n:- edge(X, X).\nquery edge(a, b).\n",
    ),
    Entry(
        "E515",
        "a constraint would be left out",
        "Constraints over attributes, soft constraints and optimisation are no part of possibility degrees. With "
        "--strict this is an error, otherwise the warning W515.",
        cure="run without --strict, or with a back end that honours constraints (asp, integer)",
    ),
    Entry(
        "W515",
        "a constraint is left out",
        "Constraints over attributes, soft constraints and optimisation are no part of possibility degrees; the "
        "answer is what the other statements mean.",
        wrong="percept a(1..2) : 0..9.\n:- a(1) = a(2).\nquery a(_).\n",
        mended="percept a(1..2) : 0..9.\nconcept differ : bool.\ndiffer iff a(1) != a(2).\nquery differ.\n",
    ),
    Entry(
        "E516",
        "the grounder refuses a statement",
        "A variable gets no value from the rule's conditions, or a rule computes something that is no value, such as "
        "the minimum of nothing.",
        wrong="relation q(1..3).\nsmallest(M) :- M = min { X : q(X) }.\nquery smallest(1).\n",
        mended="relation q(1..3).\nsmallest(M) :- q(_), M = min { X : q(X) }.\nquery smallest(1).\n",
    ),
    Entry(
        "W516",
        "an undefined operation",
        "A rule divides by zero or computes with names for some values of its variables. These instances are left "
        "out, as in answer set programming.",
        wrong="half(10 / X) :- X = 0..2.\nquery half(5).\n",
        mended="half(10 / X) :- X = 1..2.\nquery half(5).\n",
    ),
    Entry(
        "E517",
        "a number that the grounder cannot hold",
        "Crisp rules compute with integers of 32 bits. Larger numbers have no place in them. Decimal numbers have one "
        "in error rules and beside random variables only; there, rules compare them but do not compute with them.",
        wrong="p(X * X) :- X = 100000.\nquery p(_).\n",
        mended="p(X * X) :- X = 10000.\nquery p(_).\n",
    ),
    Entry(
        "W518",
        "nothing to instantiate",
        "No values of the variables of a rule or a query satisfy its conditions, so that it says nothing.",
        wrong="percept a(1..3) : bool.\nconcept c : bool.\nif a(I) then c where I > 3.\nquery c.\n",
        mended="percept a(1..3) : bool.\nconcept c : bool.\nif a(I) then c where I > 2.\nquery c.\n",
    ),
)
