"""What a probabilistic program cannot mean (59x), and what comes to it from outside (444-449)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E444",
        "not a model graph",
        "The data are not what `written` makes of a model graph.",
        cure="Write the graph with `nesy.solvers.probabilistic.model.serialisation.written`.",
    ),
    Entry(
        "E590",
        "a value that is not there",
        "A random variable or definition is used at an index that it does not have, or nothing says which values a "
        "variable of the rule file takes. What a condition excludes that is known while grounding is never looked at.",
        wrong="""type day = 1..3.
random rain(T) : bool ~ bernoulli(if rain(T - 1) then 0.7 else 0.3) for day(T).
query rain(3).
""",
        mended="""type day = 1..3.
random rain(T) : bool ~ bernoulli(if T = 1 then 0.5 else if rain(T - 1) then 0.7 else 0.3) for day(T).
query rain(3).
""",
    ),
    Entry(
        "E591",
        "random variables that depend on each other in a circle",
        "The distribution of a random variable, or the value of a definition, depends on itself. Indices count: "
        "`mood(T)` may depend on `mood(T - 1)`. A definition that asks for ever new values of its own does not end "
        "either.",
        wrong="""type person = {ann, bob}.
random happy(P) : bool ~ bernoulli(if happy(ann) then 0.8 else 0.4) for person(P).
query happy(bob).
""",
        mended="""type person = {ann, bob}.
random happy(P) : bool ~ bernoulli(if P = ann then 0.5 else if happy(ann) then 0.8 else 0.4) for person(P).
query happy(bob).
""",
    ),
    Entry(
        "E592",
        "an argument that a distribution does not admit",
        "A scale that may be negative, a probability that may exceed 1: the message names the interval in which the "
        "argument lies, as far as interval arithmetic can tell.",
        wrong="""random effect : real ~ normal(0, 1).
random score : real ~ normal(50, effect).
query score.
""",
        mended="""random effect : real ~ halfnormal(1).
random score : real ~ normal(50, effect).
query score.
""",
    ),
    Entry(
        "E593",
        "an observation outside of the support",
        "What was observed is impossible under the variable's distribution, whatever the other variables are.",
        wrong="""random share : real ~ beta(2, 2).
observe share = 1.5.
query share.
""",
        mended="""random share : real ~ beta(2, 2).
random measured : real ~ normal(share, 0.5).
observe measured = 1.5.
query share.
""",
    ),
    Entry(
        "W593",
        "what is known cannot hold together",
        "The observations have probability 0 together. The message names a smallest part of them that is impossible; "
        "the answer's status is `infeasible`.",
        cure="Correct or leave out one of the lines that are named, or let what was seen be noisy.",
    ),
    Entry(
        "E594",
        "a continuous value observed exactly that is computed",
        "`observe total = 12.5` where `total` is defined by continuous random variables has probability 0. Methods "
        "that draw samples never meet it; only linear Gaussian models, and those of at most two other numbers, can be "
        "conditioned on it.",
        wrong="""random a : real ~ gamma(2, 1).
random b : real ~ gamma(2, 1).
random c : real ~ gamma(2, 1).
define total = a + b + c.
observe total = 3.
query a.
""",
        mended="""random a : real ~ gamma(2, 1).
random b : real ~ gamma(2, 1).
random c : real ~ gamma(2, 1).
random total : real ~ normal(a + b + c, 0.1).
observe total = 3.
query a.
""",
    ),
    Entry(
        "E596",
        "a method that cannot answer the model",
        "The method of inference that was asked for does not fit: exact sums need finite variables.",
        cure="Leave `--method` out: the method is then chosen by rule, and the answer says which one it was.",
    ),
    Entry(
        "E597",
        "numbers, truth values and names that are mixed",
        "An operator is applied to a value that it does not take, or has no value: names cannot be added, a number is "
        "neither true nor false, nothing is divided by 0.",
        wrong="""type mood = {good, bad}.
random today : mood ~ categorical(0.5, 0.5).
define score = if today = good then 2 else bad.
query score.
""",
        mended="""type mood = {good, bad}.
random today : mood ~ categorical(0.5, 0.5).
define score = if today = good then 2 else 1.
query score.
""",
    ),
    Entry(
        "E598",
        "an intervention that says nothing",
        "`--do` sets a random variable or a definition of the model to one of its values: `--do 'sprinkler = true'`. "
        "What is set is not in the model, or cannot have the value.",
        cure="Write a node on which a query depends, `=`, and one of its values.",
    ),
    Entry(
        "E599",
        "a question that has no answer in this form",
        "`--mode predictive` asks for what would be observed anew, and only events are observed; or draws are to be "
        "written (`.nc`) of an answer that has none, such as exact tables, or of several instances.",
        cure="Ask by another mode, take a method that samples, or write another kind of file.",
    ),
    Entry(
        "W599",
        "no posterior, or a doubtful one",
        "The sampler's own diagnostics say that its result cannot be relied on: what is known is too rare, runs "
        "disagree, chains have not mixed, or the time was up. The answer is `unknown` or `timeout` then, no number. Or "
        "one number is missing: a query that has no value in some world (`0 / 0`), or tails without a mean.",
        cure="Give it more time or samples, choose another method, or soften what is known by a noise of its own.",
    ),
)
