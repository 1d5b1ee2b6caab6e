"""Abduction (48x, 49x, 57x): predictions of several models, error rules, and the problem that they make."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E484",
        "predictions without a column",
        "A table of predictions lacks `object`, `model`, `class` or `confidence`, has a column twice, or a row with "
        "more or fewer cells than its header; or an archive lacks one of its arrays.",
        cure="Begin the table with a header; an empty cell is still a cell.",
    ),
    Entry(
        "E485",
        "confidence that is none",
        "A confidence is no number, infinite, or outside 0 to 1; or the probabilities of an object sum to something "
        "else than 1 (in evidence: to more than 1).",
        cure="Give probabilities: logits need a softmax, percentages a division by 100.",
    ),
    Entry(
        "E486",
        "prediction given twice",
        "The same model speaks of the same object twice.",
        cure="Keep one row for each object and model.",
    ),
    Entry(
        "E487",
        "class outside the type",
        "A predicted class is not a value of the percept's type.",
        cure="Write classes as the type does; leave the class empty where a model abstains.",
    ),
    Entry(
        "E488",
        "metadata that do not fit",
        "A column of metadata has a value outside its declared type, says different things of one object although it "
        "is declared as one of objects, or the program defines a relation of its name itself.",
        cure="The message names row and column; `relation light(object, real).` declares a column.",
    ),
    Entry(
        "E489",
        "constraint that abduction cannot take",
        "A constraint does not speak of the fused percept, compares an object with itself, is violated whatever the "
        "labels are, forbids labels of some objects to stand together, or has too many cases.",
        cure="Say that objects are different (`A != B`), and write counts as constraints of their own.",
    ),
    Entry(
        "E494",
        "object outside its type",
        "What stands where an object is named is no index of the percept.",
        cure="Name objects by the percept's index: `o1`, `1,2`.",
    ),
    Entry(
        "E495",
        "no predictions",
        "A table or evidence holds no prediction at all, or is none of the forms in which predictions come.",
        cure='Give one row for each object and model, or evidence such as `{"label@m1": {"o1": "bus"}}`.',
    ),
    Entry(
        "E496",
        "unknown pair",
        "A pair that is to be accepted or rejected names a model or a class that there is not.",
        cure="Write `MODEL:CLASS`, as in the predictions.",
    ),
    Entry(
        "E497",
        "models that differ from the declaration",
        "Predictions come from a model that the percept does not list after `from`, or one that it lists has none.",
        cure="Let the declaration and the predictions name the same models.",
    ),
    Entry(
        "E498",
        "missing confidence",
        "A model names a class without saying how sure it is, or leaves out some of its probabilities.",
        cure="Write a confidence with every class; where a model abstains, leave both empty.",
    ),
    Entry(
        "E499",
        "confidence that is NaN",
        "A confidence or probability is NaN: it was computed from nothing, and no order or sum can take it.",
        cure="Leave class and confidence empty where a model sees nothing; the message names row and column.",
    ),
    Entry(
        "E571",
        "models that read different objects",
        "A model says nothing of an object that another model reads, not even that it sees nothing.",
        cure="Write a row with an empty class where a model abstains, or choose `--missing abstain`.",
    ),
    Entry(
        "E572",
        "predictions of different shapes",
        "The arrays of several models differ in their objects or classes, or do not fit the percept.",
        cure="Give `[batch, objects, classes]` for each source, the classes in the order of the type.",
    ),
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
        "rule that cannot be evaluated",
        "An error rule depends on what abduction is to find (the percept without a source), an error rule or "
        "constraint on a concept or a choice, or one holds something that cannot be computed, such as a sum of decimal "
        "numbers.",
        cure="Use readings of the sources, other percepts of the same objects, metadata, facts, and rules over these.",
    ),
    Entry(
        "E578",
        "truth that does not fit",
        "The true classes are not one for each object, or not among the classes.",
        cure="Give one class for each object, in the same order or by name.",
    ),
    Entry(
        "E579",
        "no percept to fuse",
        "No percept of the program has sources, several have and none is chosen, or the chosen one has none.",
        cure="Name the sources: `percept label(object) : class from m1, m2.`; choose one percept with `--percept`.",
    ),
)
