"""Abduction (48x, 49x, 57x): predictions of several models, error rules, and the problem that they make."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E573",
        "error rule about an unknown model",
        "An error rule speaks of a model of which there are no predictions, or of a percept that is not fused.",
        cure="Name a model as the predictions do, or leave the rule out.",
    ),
    Entry(
        "E574",
        "no file of error rules",
        "A text that is read as error rules holds none, or rules about several percepts.",
        cure="Write `error label@m1(O) :- …`, and keep the rules of each percept in a file of its own.",
    ),
    Entry(
        "E575",
        "an option of abduction that is none",
        "A bound or a recall budget lies outside 0 to 1, or a name stands for no method, denominator or kind of cue.",
        cure="The message names what can be chosen.",
    ),
    Entry(
        "E576",
        "margin without distributions",
        "An error rule compares the margin of a reading, but the predictions have one confidence each, not the "
        "probabilities of all classes.",
        cure="Give whole distributions as evidence, or compare confidences.",
    ),
    Entry(
        "E577",
        "error rule that cannot be evaluated",
        "An error rule depends on what abduction is to find (the percept without a source), on a concept or a choice, "
        "or holds something that neither arrays nor the grounder can compute, such as a sum of decimal numbers.",
        cure="Use readings of the sources, other percepts of the same objects, metadata, facts, and rules over these.",
    ),
    Entry(
        "E578",
        "truth that does not fit",
        "The true classes are not one for each object, or not among the classes.",
        cure="Give one class for each object, in the same order or by name.",
    ),
)
