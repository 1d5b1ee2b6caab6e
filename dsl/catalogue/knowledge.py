"""Knowledge bases: variants, glosses and phrases (E228–E231)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

KNOWLEDGE: tuple[Entry, ...] = (
    Entry(
        "E228",
        "weight of a variant",
        "The weights of variants are prior probabilities: above 0, one for each variant, and at most 1 for all "
        "variants that exclude one another.",
        "random a : real ~ normal(0, 1) [variant tight = 0.8].\nrandom a : real ~ normal(0, 9) [variant wide = 0.7].",
        "random a : real ~ normal(0, 1) [variant tight = 0.8].\nrandom a : real ~ normal(0, 9) [variant wide = 0.2].",
    ),
    Entry(
        "E229",
        "slots of a phrase",
        "The slots of each pattern and the variables of the meanings have to be the same, save those that are 'new'.",
        'type player.\nrandom strong(player) : bool ~ bernoulli(0.5).\nphrase "is {Q} strong" means query strong(P).',
        'type player.\nrandom strong(player) : bool ~ bernoulli(0.5).\nphrase "is {P} strong" means query strong(P).',
    ),
    Entry(
        "E230",
        "meaning of a phrase",
        "A part of what a phrase means is neither an atom that can be a fact, nor begins with observe, query, do or "
        "new; or 'do' does not set an attribute to a value.",
        'type player.\nrandom strong(player) : bool ~ bernoulli(0.5).\nphrase "{P} is strong" means strong(P).',
        'type player.\nrandom strong(player) : bool ~ bernoulli(0.5).\nphrase "{P} is strong" means observe strong(P).',
    ),
    Entry(
        "E231",
        "gloss that cannot be used",
        "A name has two glosses, or a scale does not go from one number to a greater one.",
        'random mood : real ~ normal(5, 2).\ngloss mood : "the mood" scale 10..0.',
        'random mood : real ~ normal(5, 2).\ngloss mood : "the mood" scale 0..10.',
    ),
)
"""What is wrong in the statements of knowledge bases."""
