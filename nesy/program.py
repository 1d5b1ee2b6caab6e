"""The facade: a rule file as one object that can be looked at, grounded and compiled."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nesy.dsl import statements as syntax

if TYPE_CHECKING:
    from nesy.dsl.checked import CheckedProgram
    from nesy.dsl.diagnostics import Diagnostic
    from nesy.engine import Engine
    from nesy.facts_files import FactsSource
    from nesy.solvers.ground_model import GroundModel

Dtype = Literal["float64", "float32"]
Transform = Literal["antipignistic", "specificity"]
Ties = Literal["symmetric", "reference"]


@dataclass(frozen=True)
class Program:
    """A checked rule file.

    ``text`` is what was read (without included files), ``ast`` its statements (with included files), ``checked`` the
    program with names, types and domains resolved. ``constants`` and ``facts`` are what was given from outside.
    """

    text: str
    ast: syntax.Program
    checked: CheckedProgram
    constants: Mapping[str, object]
    facts: tuple[syntax.Rule, ...] = ()

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the checks found worth saying."""
        return self.checked.warnings

    def with_queries(self, queries: Sequence[str]) -> tuple[Program, tuple[syntax.Query, ...]]:
        """The program that also asks ``queries`` (such as ``"cell(1,_)"``), and these queries as statements."""
        asked = [parse_query(text) for text in queries]
        found = tuple(query for _, query in asked)
        sources = (*self.ast.sources, *(source for source, _ in asked))
        ast = dataclasses.replace(self.ast, statements=(*self.ast.statements, *found), sources=sources)
        return build_program(self.text, ast, self.constants, self.facts), found

    def ground(self, queries: Sequence[str] | None = None, *, strict: bool = False) -> GroundModel:
        """The ground program for the file's queries, or for ``queries`` instead.

        ``strict`` turns the warnings about constructs that are left out into errors.
        """
        from nesy.solvers.grounding import ground

        if queries is None:
            return ground(self.checked, strict=strict)
        program, found = self.with_queries(queries)
        return ground(program.checked, found, strict=strict)

    def compile(
        self,
        backend: str = "possibilistic",
        *,
        device: str = "cpu",
        dtype: Dtype = "float64",
        transform: Transform = "antipignistic",
        ties: Ties = "symmetric",
        strict: bool = False,
        queries: Sequence[str] | None = None,
        chunk: int | None = None,
    ) -> Engine:
        """An engine that answers the queries for any number of batches.

        ``transform`` makes possibilities of probabilities; ``ties`` says how equal probabilities are ordered by the
        transform ``specificity``; ``chunk`` bounds the number of instances in memory at once (None: chosen from the
        model's size). Raises :class:`NesyError`: E501 and E502 for the back end, E51x and E52x for constructs that it
        cannot take, E440 for the device.
        """
        from nesy.engine import Engine
        from nesy.solvers.backend import Options, compile_model
        from nesy.solvers.backend import backend as find_backend

        find_backend(backend)
        options = Options(device, dtype, transform, ties, strict, chunk)
        model = self.ground(queries, strict=strict)
        return Engine(backend, options, compile_model(backend, model, options))


def load(
    path_or_text: str | Path,
    *,
    constants: Mapping[str, object] | None = None,
    facts: Mapping[str, FactsSource] | None = None,
) -> Program:
    """The program in a file or a text.

    A :class:`~pathlib.Path`, a string that ends in ``.nesy`` and a string that names an existing file are read from
    disk; every other string is the program itself, and finds the files that it includes in the current folder.
    ``constants`` override ``const`` statements. ``facts`` gives relations their tuples: a path (``.csv``, ``.tsv``,
    ``.parquet``, ``.lp``, ``.nesy``), or the tuples themselves (``{"edge": [("a", "b"), ("b", "c")]}``). Raises
    :class:`NesyError` with all that is wrong.
    """
    from nesy.dsl import load as load_file
    from nesy.dsl import load_text

    if isinstance(path_or_text, Path) or names_a_file(path_or_text):
        path = Path(path_or_text)
        ast = load_file(path)
        text = dict(ast.sources).get(str(path_or_text), "") or ast.sources[0][1]
    else:
        text = path_or_text
        ast = load_text(text)
    return make_program(text, ast, constants, facts)


def names_a_file(text: str) -> bool:
    """Whether a string is a path rather than a program."""
    if "\n" in text or not text:
        return False
    if text.endswith(".nesy"):
        return True
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def make_program(
    text: str,
    ast: syntax.Program,
    constants: Mapping[str, object] | None = None,
    facts: Mapping[str, FactsSource] | None = None,
) -> Program:
    """Check a parsed program together with what is given from outside."""
    rules: tuple[syntax.Rule, ...] = ()
    if facts:
        from nesy.facts_files import read_facts

        rules, sources = read_facts(ast, facts)
        ast = dataclasses.replace(ast, sources=(*ast.sources, *sources))
    return build_program(text, ast, dict(constants or {}), rules)


def build_program(
    text: str, ast: syntax.Program, constants: Mapping[str, object], facts: tuple[syntax.Rule, ...]
) -> Program:
    """Check ``ast``; the last step of all ways to make a :class:`Program`."""
    from nesy.dsl import check
    from nesy.dsl.diagnostics import NesyError

    try:
        return Program(text, ast, check(ast, constants, facts), constants, facts)
    except NesyError as error:
        raise NesyError(error.diagnostics, {**dict(ast.sources), **dict(error.sources)}.items()) from None


def parse_query(text: str) -> tuple[tuple[str, str], syntax.Query]:
    """The source (name and text) and the statement of a query given as text: ``valid``, ``query cell(1,_).``"""
    from nesy.dsl import parse
    from nesy.dsl.diagnostics import Diagnostic, NesyError

    bare = text.strip().removesuffix(".")
    sentence = f"{bare}." if bare.startswith("query ") else f"query {bare}."
    name = f"<query {bare}>"
    statements = parse(sentence, name).statements
    match statements:
        case (syntax.Query() as query,):
            return (name, sentence), query
        case _:
            hint = "give each query by itself: cell(1,_)"
            raise NesyError(Diagnostic("E427", f"'{text}' is not one query", hint=hint, place="--query"))
