"""Synthesis of models (62x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E620",
        "nothing is asked",
        "No sentence of a text is a question that the knowledge bases understand, so there is no model to make.",
        cure="Ask in the words of a phrase whose meaning is a query; the message names the nearest one.",
    ),
    Entry(
        "E621",
        "not a cassette",
        "The file given with --record or --replay holds no recorded replies.",
        cure="Name a file that an earlier run wrote with --record.",
    ),
    Entry(
        "E622",
        "an intervention that changes nothing",
        "'do' sets something on which nothing that is asked depends.",
        cure="Leave it out, or ask for something that it influences.",
    ),
    Entry(
        "E623",
        "not a question",
        "A question in the rule language holds other statements than facts, observations and queries.",
        cure="Write them into the knowledge base.",
    ),
    Entry(
        "E624",
        "unknown vignette",
        "`nesy demo olympics` was asked for a vignette that is not installed.",
        cure="The message lists those that are.",
    ),
    Entry(
        "E625",
        "not a saved run",
        "A folder that should hold a saved run of `nesy synth` lacks a file, or a file is not of the shape of its "
        "stage. The message names the file, the place in it and the value.",
        cure="Name a folder that `nesy synth -o` wrote, with all its files as it wrote them.",
    ),
)
