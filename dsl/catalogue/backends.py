"""What a back end cannot take (50x, 52x, 54x, 55x), and where it cannot run (440)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E440",
        "no such device",
        "The device asked for is not there: its name is wrong, or torch sees no CUDA device of that number.",
        cure="Leave `--device` out (the CPU is the default), or install a CUDA build of torch beside a CUDA device.",
    ),
    Entry(
        "E441",
        "back ends that contradict each other",
        "`nesy compare` has found a relation between two back ends that does not hold, although it holds by their "
        "definitions: an answer is wrong.",
        cure="Report it with the rule file and the evidence; until then trust neither of the two on this program.",
    ),
    Entry(
        "E501",
        "unknown back end",
        "The name after `--with` or `--to` is not that of a back end.",
        cure="`nesy backends` lists them.",
    ),
    Entry(
        "E502",
        "a back end that cannot run here",
        "The back end is not part of this version, or packages that it needs are not installed.",
        cure="`nesy backends` says what is missing; install it, or take another back end.",
    ),
    Entry(
        "W503",
        "nothing is asked",
        "The rule file has no query and none is given by `--query`. What the statements mean is worked out, but there "
        "is nothing to show.",
        cure="Write a query, such as `query valid.`, or ask by `--query`. `nesy test` needs no query.",
    ),
    Entry(
        "E520",
        "a cycle through uncertain rules",
        "Uncertain rules say what a concept's distribution is, given those of their premises; a concept whose premises "
        "rest on itself has none. Indices count: `w(J)` may rest on `w(J + 1)`.",
        wrong="""concept p : bool.
concept q : bool.
if p then q.
if q then p.
query p.
""",
        mended="""percept a : bool.
concept p : bool.
concept q : bool.
if a then p.
if p then q.
query q.
""",
    ),
    Entry(
        "E521",
        "negation of a derived relation",
        "The possibilistic back end computes the least degrees that rules derive; `not` before a relation that depends "
        "on a percept or concept has no meaning there.",
        wrong="""type node = 1..3.
percept link(node) : bool.
concept dark(node) : bool.
lit(X) :- link(X) = true.
if not lit(X) then dark(X).
query dark(_).
""",
        mended="""type node = 1..3.
percept link(node) : bool.
concept dark(node) : bool.
unlit(X) :- link(X) = false.
if unlit(X) then dark(X).
query dark(_).
""",
    ),
    Entry(
        "E522",
        "a formula that grows too large",
        "A premise whose conjuncts speak of the same attributes is multiplied out, here to too many cases.",
        cure="Name a part of the premise by a concept of its own and use that concept.",
    ),
    Entry(
        "E523",
        "unknown value of an option",
        "An option has a value that the back end does not know, or belongs to another back end.",
        cure="`transform` is `antipignistic` or `specificity`, `ties` is `symmetric` or `reference`, `dtype` is "
        "`float64` or `float32` (possibilistic). `mode` is `optimum` or `models`, for `asp` also `brave`, "
        "`cautious` or `degrees`; `time_limit` is above 0; `models` counts from 0 (all); `workers` and `resolution` "
        "count from 1.",
    ),
    Entry(
        "W524",
        "an expectation of degrees that is not tested",
        "`expect P >= 0.9 …` and `expect N >= 0.9 …` compare a possibility or necessity degree with a number; the back "
        "end `integer` finds models. The other expectations of the file are tested.",
        cure="Test the degrees with the possibilistic back end, or with `asp`.",
    ),
    Entry(
        "E541",
        "a process of a race that failed",
        "`--solver race` searches in two processes. One of them could not be started, or ended in the middle: memory "
        "may have run out, or something has killed it.",
        cure="Take one solver, such as `--solver cpsat`, or free some memory.",
    ),
    Entry(
        "E545",
        "clingo code that no back end takes",
        "An included file holds a script, a theory, `#program` parts, `#edge`, an external that is not false, or a "
        "name that begins with `_`. What goes into the ground program is taken; what acts on the solver is not.",
        cure="Say it with rules, choices, aggregates and constraints.",
    ),
    Entry(
        "E546",
        "clingo code that cannot be read",
        "A statement of an included `.lp` file does not end, or its brackets do not match.",
        cure="End each statement by a dot, and close the bracket that the message shows. "
        "`clingo FILE --text` shows how clingo reads it.",
    ),
    Entry(
        "E547",
        "clingo code about the wrong thing",
        "Included clingo code may read percepts, concepts and types and may define relations. The values of percepts "
        "are read, those of types are declared, and those of concepts are concluded in the rule file.",
        cure="Define a relation in the `.lp` file, and conclude the concept from it in the rule file: "
        "`order = V :- best(V).`",
    ),
    Entry(
        "E550",
        "recursion through an aggregate",
        "An atom rests on a count or sum in which it takes part itself. Stable models of such programs cannot be said "
        "by linear constraints over the completion.",
        cure="Take the back end `asp`, or write the recursion without the aggregate.",
    ),
    Entry(
        "E551",
        "alternatives that lead to one another",
        "The head of a rule is a disjunction whose alternatives depend on each other in a circle. Whether a model is "
        "minimal is then a question beyond integer programming.",
        cure="Take the back end `asp`, or replace the disjunction by a choice where minimality does not matter.",
    ),
    Entry(
        "E552",
        "a solver that cannot be loaded",
        "The package of a solver is missing or broken, or cannot be loaded because highspy is in its way: OR-tools and "
        "highspy both carry HiGHS, and the one that a process imports second fails. Importing PuLP imports highspy "
        "where it is installed.",
        cure="Install the package that the message names. Beside highspy: import nesy's solvers first, or uninstall "
        "highspy; nesy takes HiGHS from OR-tools.",
    ),
    Entry(
        "E553",
        "costs that are too large for the solver",
        "The weights of one level could add up to more than the solver adds up exactly: 2^31 for clingo, 2^53 for "
        "CP-SAT, 10^12 for CBC, HiGHS and SCIP, which calculate with floating point.",
        cure="Lower `--resolution` (units of cost for one nat), write smaller weights, or take `--solver cpsat`.",
    ),
)
