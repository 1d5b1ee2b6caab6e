"""Programs over percepts that have no probability, or none that can be worked out (60x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E600",
        "a degree of possibility where a probability is asked for",
        "An uncertain rule has a parameter between 0 and 1. That is a degree of possibility, which says nothing "
        "about how often the rule fails; the probabilistic back end takes rules whose s and r are 0 or 1, as crisp "
        "conditions.",
        wrong="""percept smoke : bool.
concept fire : bool.
fire iff smoke [s = 0.05, r = 0.3].
query fire.
""",
        mended="""percept smoke : bool.
percept toast : bool.
concept fire : bool.
fire iff smoke and not toast.
query fire.
""",
    ),
    Entry(
        "E601",
        "a choice where a probability is asked for",
        "A choice or a disjunction says which alternatives there may be, not how probable each of them is.",
        wrong="""percept rain : bool.
{ umbrella } :- rain.
query umbrella.
""",
        mended="""percept rain : bool.
percept careful : bool.
umbrella :- rain, careful.
query umbrella.
""",
    ),
    Entry(
        "E602",
        "soft constraints at several levels",
        "Levels are an order of importance: nothing at a lower level outweighs anything at a higher one. As a "
        "probability a broken soft constraint of weight w makes a world exp(−w) times as probable, and there is no "
        "order.",
        wrong="""percept a : bool.
percept b : bool.
:~ a. [1@1]
:~ b. [1@2]
query a.
""",
        mended="""percept a : bool.
percept b : bool.
:~ a. [1]
:~ b. [5]
query a.
""",
    ),
    Entry(
        "E603",
        "something that depends on itself",
        "A relation depends on its own negation, or concepts depend on one another, so that a reading of the "
        "percepts may leave several worlds, or none.",
        wrong="""percept a : bool.
p :- a, not q.
q :- a, not p.
query p.
""",
        mended="""percept a : bool.
percept b : bool.
p :- a, b.
q :- a, not p.
query p.
""",
    ),
    Entry(
        "E604",
        "too much to count",
        "An exact posterior would need tables, circuits or lists of worlds beyond the budget; the message says how "
        "large each of them would be, and what ties so many percepts together.",
        cure="Ask for less at once, split a concept into steps with few values each, or take the back end "
        "`possibilistic`, `asp` or `integer`, whose cost does not grow like this.",
    ),
    Entry(
        "E605",
        "a concept that is left open in an entangled program",
        "Where rules leave a concept several values these share the probability evenly. That takes tables over what"
        " the rules speak of, which are too large here.",
        cure="Add rules that decide about the concept in every case.",
    ),
    Entry(
        "W606",
        "a concept that the rules may leave open",
        "In some case the rules allow a concept several values. Nothing says which is more probable, so each of "
        "them gets an equal share.",
        wrong="""percept smoke : bool.
concept alarm : {none, message, siren}.
if smoke then alarm = siren.
query alarm.
""",
        mended="""percept smoke : bool.
concept alarm : {none, message, siren}.
alarm = siren iff smoke.
if not smoke then alarm = none.
query alarm.
""",
    ),
)
