"""Types and their values (the other half of 2xx)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

VALUES: tuple[Entry, ...] = (
    Entry(
        "E207",
        "value outside the type",
        "A value stands where the type does not have it.",
        "percept lamp : {red, green}.\nconcept stop : bool.\nstop iff lamp = rde.\nquery stop.",
        "percept lamp : {red, green}.\nconcept stop : bool.\nstop iff lamp = red.\nquery stop.",
    ),
    Entry(
        "E208",
        "value of another type",
        "A name stands where a number belongs, a tuple has the wrong number of components, or two attributes whose "
        "types share no value are compared.",
        "type digit = 0..9.\npercept a : digit.\nconcept c : (digit, digit).\nc in {(K, _, _)} iff a = K.\nquery c.",
        "type digit = 0..9.\npercept a : digit.\nconcept c : (digit, digit).\nc in {(K, _)} iff a = K.\nquery c.",
    ),
    Entry(
        "E212",
        "nothing in it",
        "A type, set or interval has no values; often the ends of an interval are the wrong way round.",
        "type digit = 9..0.\npercept a : digit.\nquery a.",
        "type digit = 0..9.\npercept a : digit.\nquery a.",
    ),
    Entry(
        "E213",
        "type too large",
        "A type has more values than can be laid out. Products multiply the numbers of values of their parts.",
        "type digit = 0..9.\ntype number = (digit, digit, digit, digit, digit, digit, digit).\n"
        "concept c : number.\nquery c.",
        "type digit = 0..9.\nconcept c(1..7) : digit.\nquery c(_).",
    ),
    Entry(
        "E214",
        "type contains itself",
        "The definition of a type leads back to it.",
        "type list = (0..9, list).\nconcept c : list.\nquery c.",
        "type list = (0..9, 0..9).\nconcept c : list.\nquery c.",
    ),
    Entry(
        "E215",
        "value twice in a type",
        "A set that defines a type lists the same value twice.",
        "type light = {red, amber, red}.\npercept lamp : light.\nquery lamp.",
        "type light = {red, amber, green}.\npercept lamp : light.\nquery lamp.",
    ),
    Entry(
        "E216",
        "no finite type",
        "A percept, a concept or an index has the type real or int, or the definition of a type is no interval, set "
        "or product of values.",
        "percept speed : real.\nquery speed.",
        "percept speed : 0..200.\nquery speed.",
    ),
    Entry(
        "E217",
        "arithmetic without a result",
        "A constant is defined by itself, or arithmetic divides by zero, computes with names, or leaves the range of "
        "integers.",
        "const n = 9 / 0.\ntype digit = 0..n.\npercept a : digit.\nquery a.",
        "const n = 9 / 3.\ntype digit = 0..n.\npercept a : digit.\nquery a.",
    ),
)
