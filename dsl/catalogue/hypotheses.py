"""Problems of abduction that cannot be solved as they are given (58x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E580",
        "a problem of abduction that does not fit together",
        "The arrays of a problem that was built in Python have shapes that do not belong to one another, or hold"
        " numbers that make no sense: a label that is no class, a confidence or a bound outside [0, 1], a class "
        "that is incompatible with itself, a scene that does not exist.",
        cure="The message names the array, the value and its place, and the shape that is expected: N objects, F "
        "models, C classes, E recall budgets.",
    ),
    Entry(
        "E581",
        "a demand that makes no sense",
        "A pair of a model and a class is required and forbidden at once, or one of the two does not exist. "
        "(Required pairs that break the bound together are an answer, not an error: the status is `infeasible`.)",
        cure="Name models and classes by their places, and each pair in one list only.",
    ),
    Entry(
        "E582",
        "unknown option of abduction",
        "The method, the solver, the time limit, the seed or the number of workers is none that there is.",
        cure="Methods are `auto`, `ip`, `search`, `anneal`, `asp` and `branch`; solvers of `ip` are `cpsat`, `cbc`, "
        "`highs` and `scip`; a time limit is a positive number of seconds.",
    ),
    Entry(
        "E583",
        "a method of abduction that does not suit the problem",
        "`branch` counts violations through the sets of classes that agree with one another, of which there may "
        "be too many; `branch` and `anneal` choose pairs, and do not apply where constraints between objects "
        "choose predictions.",
        cure="Take `auto`, which finds a method, or `ip`.",
    ),
    Entry(
        "E584",
        "numbers that are too large for clingo",
        "clingo adds up in 32 bits; the weights of all objects, with `covered` as denominator times the digits "
        "of the bound, may be more.",
        cure="Take another method, or write the bound with fewer decimals.",
    ),
)
