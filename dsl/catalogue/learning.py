"""Learning parameters (53x): targets and what can be learned from them; parameter files and target files (56x, 57x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E530",
        "nothing to learn",
        "No uncertain rule on which a query depends is marked `[learn]`.",
        cure=(
            "Write `[learn]` after a rule (`c = V iff p [learn].`), query what it bears on, or learn all uncertain "
            "rules."
        ),
    ),
    Entry(
        "E531",
        "targets for something unknown",
        "The targets name something that is neither a concept nor a percept of the program.",
        cure="Use the names of the `concept` and `percept` statements.",
    ),
    Entry(
        "E532",
        "targets of the wrong shape",
        "The axes of targets are the samples (as many as in the evidence), one for each index type, and the "
        "values; they hold decimal numbers.",
        cure="Bring the axes into this order; labels become degrees with `torch.eye(n)[labels]`.",
    ),
    Entry(
        "E533",
        "a target that is no degree",
        "A number in the targets is below 0 or above 1, or some but not all values of a target are nan.",
        cure="Give degrees between 0 and 1; a row of nothing but nan says that there is no target.",
    ),
    Entry(
        "E534",
        "a target that is not normalised",
        "A target is a possibility distribution: at least one value is fully possible. A label has degree 1 and "
        "all other values 0; a probability distribution is no target.",
        cure="Divide by the largest degree if that is meant, or give labels.",
    ),
    Entry(
        "E535",
        "a concept without targets that is not determined",
        "Rules are to be learned on a concept without targets, and the true values that are given do not determine "
        "its own: read as crisp, the rules leave none or several cases open in the named sample.",
        cure="Give targets for the concept, or for all the percepts and concepts of which its rules speak.",
    ),
    Entry(
        "E536",
        "targets for a concept without rules",
        "There are targets for a concept about which no rule concludes anything, so that nothing can be learned "
        "from them.",
        cure="Give rules for the concept, or leave its targets out.",
    ),
    Entry(
        "E537",
        "no sample is kept",
        "For some rules there is no sample to learn from: none has a target, or the distance of each reaches the "
        "threshold.",
        cure=(
            "Raise the threshold, choose it by validation data, or keep every sample; give targets where there are "
            "none."
        ),
    ),
    Entry(
        "E538",
        "rules that are not learned exclude all targets",
        "In every sample the target of a concept is impossible under those of its rules that are not learned.",
        cure=(
            "Check the order of values in the targets; mark rules that have exceptions `[learn]`, or give them `r` "
            "above 0."
        ),
    ),
    Entry(
        "E539",
        "no validation",
        "Thresholds are to be chosen by validation, but there are no validation samples, or their targets are of "
        "no concept.",
        cure="Give validation evidence with targets for a queried concept, or a threshold as a number.",
    ),
    Entry(
        "E540",
        "shared parameters that make too large a system",
        "Rule sets that share some parameters form one system. Where they share not all parameters of the same "
        "rules, it grows with the square of their number.",
        cure=(
            "Share all parameters of these rules (`[learn per K]` in each of their statements) or none, or learn fewer "
            "of them."
        ),
    ),
    Entry(
        "E560",
        "no parameter file",
        "A file given as parameters is no JSON, is JSON of another kind, or what it says about its program was changed "
        "by hand.",
        cure="Write it anew with `nesy learn`; by hand only the numbers `s` and `r` may be changed.",
    ),
    Entry(
        "E561",
        "parameters of another program",
        "Parameters belong to the program with which they were learned: to its rules that can be learned, to the types "
        "of what these mention, and to the constants on which they depend. Comments, layout, queries, facts and other "
        "statements may change.",
        cure="Use the program (and the `--const`) with which they were learned, or learn anew.",
    ),
    Entry(
        "E562",
        "no parameters for a rule",
        "The parameters belong to the program, but hold no pair for some ground rule: when they were learned no query "
        "and no target depended on the rule, or the facts were others.",
        cure="Learn with the same queries and facts. `[learn per K]` shares a pair among the rules of different facts.",
    ),
    Entry(
        "E563",
        "a parameter that is no degree",
        "A parameter in a file is below 0, above 1, or no number.",
        cure="s = π(q | ¬p) and r = π(¬q | p) lie between 0 and 1.",
    ),
    Entry(
        "E564",
        "a parameter file of the wrong form",
        "A key is missing, unknown or given twice, or something else than expected stands in a parameter file.",
        cure="Write it anew with `nesy learn`, and change only the numbers `s` and `r`.",
    ),
    Entry(
        "E565",
        "a back end without learning",
        "Learned parameters are given to a back end that does not take them, or one is to learn that cannot.",
        cure="Use the possibilistic back end.",
    ),
    Entry(
        "E566",
        "unknown index in the targets",
        "A concept has no such index: it lies outside the index types or is left out by the condition after `for`.",
        cure='Write indices as `"1,2"`; `nesy ground` lists them.',
    ),
    Entry(
        "E567",
        "a target outside the type",
        "A target names something that is no value of the concept's type.",
        cure='Use the values of the type: `"5"`, `"red"`, `true`, `"(1,2)"`.',
    ),
    Entry(
        "E568",
        "two targets for one thing",
        "A sample gives two targets for the same concept at the same index, or a value of a target twice: `1,2` and "
        "`(1,2)` are the same.",
        cure="Keep one of the two.",
    ),
    Entry(
        "E569",
        "targets of the wrong form",
        "A sample is an object with an entry for each concept: a label, or degrees by value; with an index, such "
        "entries by index.",
        cure='Write `{"y": "8", "pair": {"1,2": "(5,6)"}, "kind": {"car": 1, "bicycle": 0.4}}`.',
    ),
    Entry(
        "E570",
        "no samples to learn from or to validate with",
        "The share of the samples that is to be kept back for validation leaves none on one side.",
        cure="Give a share between 0 and 1 such as 0.2, or validation samples of their own.",
    ),
)
