"""Evidence, facts and files (40x-44x)."""

from __future__ import annotations

from nesy.dsl.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "E401",
        "unknown percept in the evidence",
        "The evidence names something that the program does not declare as a percept.",
        cure="Use the names of the `percept` statements; a source of a percept is written `label@m1`.",
    ),
    Entry(
        "E402",
        "no evidence on a percept",
        "A query depends on a percept on which the evidence says nothing, in some instance or in all.",
        cure="Give it in every instance. Percepts that no query needs may be left out.",
    ),
    Entry(
        "E403",
        "evidence of the wrong shape",
        "A tensor's axes are the batch, one for each index type in the order of the declaration (a single one for an "
        "index that `for` restricts), and the values in the order of the type.",
        cure="Bring the axes into this order; `nesy ground` lists indices and values. One instance is a batch of 1.",
    ),
    Entry(
        "E404",
        "batches of different sizes, or empty",
        "All percepts of a batch describe the same instances, at least one.",
        cure="Give every percept the same extent on the first axis.",
    ),
    Entry(
        "E405",
        "a number that is not finite",
        "The evidence holds nan or an infinity.",
        cure="Look for a division by zero or a logarithm of zero where the evidence is made.",
    ),
    Entry(
        "E406",
        "not a probability",
        "A number in the evidence is below 0 or above 1.",
        cure="Give probabilities: logits need a softmax, percentages a division by 100.",
    ),
    Entry(
        "E407",
        "a distribution does not sum to 1",
        "The probabilities of one index in one instance have another sum than 1. The tolerance is 1e-4 (1e-2 for "
        "float16 and bfloat16). nesy never renormalises: a wrong sum mostly means that something else is wrong.",
        cure="Apply a softmax over the last axis, or divide by the sum where that is meant.",
    ),
    Entry(
        "E408",
        "evidence that is no tensor of decimal numbers",
        "Something cannot be read as a tensor, or holds integers, truth values or complex numbers.",
        cure="Give floating-point probabilities. Class labels become certain readings with `torch.eye(n)[labels]`.",
    ),
    Entry(
        "E410",
        "unknown index in the evidence",
        "A percept has no such index: it lies outside the index types or is left out by the condition after `for`.",
        cure='Write indices as `"1,2"`; `nesy ground` lists them.',
    ),
    Entry(
        "E411",
        "unknown value in the evidence",
        "A distribution names something that is no value of the percept's type.",
        cure="Use the values of the type: `5`, `red`, `true`, `(1,2)`.",
    ),
    Entry(
        "E412",
        "indices without a reading",
        "An instance gives readings for some indices of a percept only (for `bool` see W412).",
        cure="Give every index a distribution; equal probabilities say that nothing is known.",
    ),
    Entry(
        "W412",
        "indices that count as false",
        "Readings of a `bool` percept leave indices out. What is left out has probability 0, so these are false.",
        cure="Give the indices a number, or restrict the index of the percept with `for`.",
    ),
    Entry(
        "E413",
        "given twice",
        "A key stands twice in one object of an evidence file, or two keys mean the same index or value.",
        cure="Keep one of the two.",
    ),
    Entry(
        "E414",
        "evidence of an unknown form",
        "A part of the evidence is not what the form asks for at its place.",
        cure='The form is `{"cell": {"1,1": {"5": 0.9, "6": 0.1}}}`; see docs/evidence.md.',
    ),
    Entry(
        "E415",
        "a data file cannot be read",
        "The file does not exist, is a folder, is not permitted to be read, or is damaged.",
        cure="Check the path and the permissions.",
    ),
    Entry(
        "E416",
        "a data file is not what it should be",
        "The text is not JSON, not a table, or not UTF-8.",
        cure="The message names line and column. Evidence is JSON, JSON lines or npz; tables are CSV or TSV.",
    ),
    Entry(
        "E417",
        "a damaged npz file",
        "The file is no zip archive of arrays, is cut short, or holds Python objects.",
        cure="Write it with `numpy.savez(path, cell=array)`, one array of numbers for each percept.",
    ),
    Entry(
        "E418",
        "a percept is given twice",
        "`--evidence` and `--perceive` both speak of the same percept.",
        cure="Leave one of them out.",
    ),
    Entry(
        "E419",
        "evidence without an instance",
        "The list of instances is empty.",
        cure="Give at least one instance.",
    ),
    Entry(
        "E420",
        "facts for an unknown relation",
        "The rule file neither declares nor uses a relation of this name.",
        cure="Declare it (`relation edge(node, node).`), or correct the name before the `=` of `--facts`.",
    ),
    Entry(
        "E421",
        "a row that does not fit the relation",
        "A row has too many, too few, or empty columns, or a tuple holds something that is no value.",
        cure="One row is one fact and one column one argument.",
    ),
    Entry(
        "E423",
        "facts in an unknown kind of file",
        "Facts are read from .csv, .tsv, .parquet, .lp and .nesy files, told apart by their endings.",
        cure="Save the table as CSV.",
    ),
    Entry(
        "E424",
        "Parquet without pyarrow",
        "Reading Parquet files needs the package pyarrow.",
        cure="`pip install pyarrow`, or save the table as CSV.",
    ),
    Entry(
        "E425",
        "a facts file with something else than facts",
        "A .lp or .nesy file given for a relation holds rules, declarations, or facts of another relation.",
        cure="Keep the facts of one relation in one file; put rules into the rule file or `include` them.",
    ),
    Entry(
        "E426",
        "a table with a header",
        "The first row has words over columns of numbers. Tables have no header, since names could be values.",
        cure="Begin the header with `#`; such rows are left out.",
    ),
    Entry(
        "E427",
        "not one query",
        "The text after `--query` holds several statements or none.",
        cure="Give each query by itself: `--query valid --query 'cell(1,_)'`.",
    ),
    Entry(
        "E428",
        "a condition that cannot be given",
        "What stands after `given` restricts the readings of percepts, one at a time, joined by commas or `and`.",
        cure="Write `given a(1) = 3, b in {red, green}, not wet`.",
    ),
    Entry(
        "E429",
        "an unknown percept in --perceive or --classes",
        "The queries need no percept of this name.",
        cure="Use the name of a percept that a query depends on.",
    ),
    Entry(
        "E430",
        "a file cannot be written",
        "The folder does not exist, is not permitted to be written to, or the disk is full.",
        cure="Check the path and the permissions.",
    ),
    Entry(
        "E431",
        "no such instance",
        "`--instance` counts from 0 to the size of the batch less one.",
        cure="Choose an instance of the evidence.",
    ),
)
