"""Syntax: what the parser refuses (1xx)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E101",
        "Unexpected word or sign",
        "Something stands where the grammar does not allow it. The hint lists what could stand there. In the "
        "premise of "
        "an uncertain rule, conditions are joined by `and` and `or`, not by commas.",
        wrong="if a = 1, b = 2 then c.",
        mended="if a = 1 and b = 2 then c.",
    ),
    Entry(
        "E102",
        "Full stop missing",
        "Every statement ends in a full stop. The caret marks where it is missing.",
        wrong="type row = 1..9\ntype col = 1..9.",
        mended="type row = 1..9.\ntype col = 1..9.",
    ),
    Entry(
        "E103",
        "Unbalanced bracket",
        "A bracket is opened and never closed, closed by another kind of bracket, or closed without being opened.",
        wrong="edge(a, (b, c).",
        mended="edge(a, (b, c)).",
    ),
    Entry(
        "E104",
        "Unknown character",
        "The language has no such character outside of texts and comments. Names are made of the letters a "
        "to z in either "
        "case, digits and `_`, and begin with a letter; other letters stand in quotes.",
        wrong="likes(zoë, tea).",
        mended='likes("zoë", tea).',
    ),
    Entry(
        "E105",
        "Malformed text in quotes",
        'A text ends on the line on which it begins, and a backslash in it is followed by `"`, `\\` or `n`.',
        wrong='name("light red).',
        mended='name("light red").',
    ),
    Entry(
        "E106",
        "Sign of another language",
        "The sign is common elsewhere, but is written differently here: `=` for `==`, `:-` for `<-`, `and` for `&&`.",
        wrong="far(X) :- distance(X) == 3.",
        mended="far(X) :- distance(X) = 3.",
    ),
    Entry(
        "E107",
        "Capital letter at the beginning of a name",
        "Capital letters begin variables; types, constants, attributes and relations begin with a small letter.",
        wrong="type Digit = 0..9.",
        mended="type digit = 0..9.",
    ),
    Entry(
        "E108",
        "Reserved word as a name",
        "The words `if then else iff and or not all any where true false mod` cannot be names.",
        wrong="type else = 1..3.",
        mended="type others = 1..3.",
    ),
    Entry(
        "E109",
        "Condition where a value is expected",
        "A comparison, a membership or a compound condition holds or fails; it has no value to compute with.",
        wrong="far(X) :- place(X), (X > 1) + 3 = 4.",
        mended="far(X) :- place(X), X > 1, X + 3 = 4.",
    ),
    Entry(
        "E110",
        "Value where a condition is expected",
        "Numbers, texts, variables, arithmetic and aggregates have a value, but do not hold or fail. Compare them.",
        wrong=":- count { X : in(X) }.",
        mended=":- count { X : in(X) } > 3.",
    ),
    Entry(
        "E111",
        "Number too large",
        "Integers reach to 2147483647, because the grounder computes with 32 bits; other numbers to about 1.8e308.",
        wrong="budget(3000000000).",
        mended="budget(3000).",
    ),
    Entry(
        "E112",
        "Nested too deep",
        "A statement may nest terms and formulas 100 levels deep. Sums count too: `a + b + c` nests two levels.",
        wrong="ok :- " + "not " * 101 + "a.",
        mended="ok :- not not a.",
    ),
    Entry(
        "E113",
        "Not a head or a conclusion",
        "The head of a rule is an atom or sets the value of a concept with `=`; an uncertain rule concludes "
        "one literal "
        "about a concept; an error rule speaks of the reading of one source.",
        wrong="X > 3 :- item(X).",
        mended="large(X) :- item(X), X > 3.",
    ),
    Entry(
        "E114",
        "Malformed choice",
        "The elements of a choice are separated by `;`, and each is one atom with its condition behind `:`. "
        "A choice has at "
        "most one lower and one upper bound.",
        wrong="{ red, green }.",
        mended="{ red ; green }.",
    ),
    Entry(
        "E115",
        "Malformed set",
        "After `in` stands an interval or a set. A set lists its values with `,`, or has one condition "
        "behind `:`. Levels "
        "(`@1`) belong to `maximize`, `minimize` and soft constraints.",
        wrong="c in {1; 2} iff a.",
        mended="c in {1, 2} iff a.",
    ),
    Entry(
        "E116",
        "Malformed parameters of an uncertain rule",
        "The bracket gives s and r each at most once, as a value or to be learnt.",
        wrong="if a then c [q = 0.1].",
        mended="if a then c [r = 0.1].",
    ),
    Entry(
        "E117",
        "Malformed declaration",
        "A type is a name, an interval, a set of values or a product of types; the index of an attribute "
        "lists types or "
        "variables that `for` binds; a random variable names a distribution.",
        wrong="percept cell(9, 9) : digit.",
        mended="percept cell(1..9, 1..9) : digit.",
    ),
    Entry(
        "E118",
        "Chained comparison",
        "A comparison has two sides. Compare twice to bound a value from below and above.",
        wrong="small(X) :- item(X), 1 < X < 5.",
        mended="small(X) :- item(X), 1 < X, X < 5.",
    ),
    Entry(
        "E119",
        "Directive of clingo",
        "Words that begin with `#` belong to clingo. The hint names what is written here instead; everything else goes "
        'into a file of its own: `include "file.lp".`',
        wrong="#const n = 3.",
        mended="const n = 3.",
    ),
    Entry(
        "E130",
        "File not found",
        "The rule file does not exist.",
        cure="check the path; it is relative to the folder in which the command runs",
    ),
    Entry(
        "E131",
        "Not UTF-8",
        "A rule file holds bytes that are no UTF-8 text.",
        cure="save the file as UTF-8, without or with a byte order mark",
    ),
    Entry(
        "E132",
        "File cannot be read",
        "The path names a folder, or the file may not be read.",
        cure="name a rule file, and check its permissions",
    ),
    Entry(
        "E133",
        "Included file not found",
        "An `include` names a file that does not exist. Its path is relative to the file with the `include`.",
        cure="correct the path behind `include`",
    ),
    Entry(
        "E134",
        "Files include each other",
        "Following the includes leads back to a file that is being read. The message shows the cycle.",
        cure="move what the files share into a further file, and include that one from both",
    ),
)
