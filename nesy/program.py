"""The facade: a rule file as one object that can be looked at, grounded and compiled."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nesy.dsl import statements as syntax

if TYPE_CHECKING:
    import torch

    from nesy.abduction.prediction_files import Given
    from nesy.abduction.result import Abduction
    from nesy.dsl.checked import CheckedProgram
    from nesy.dsl.diagnostics import Diagnostic
    from nesy.engine import Engine, Evidence
    from nesy.facts_files import FactsSource
    from nesy.learning import Samples, Targets
    from nesy.solvers.ground_model import GroundModel
    from nesy.solvers.planning.plan import Plan
    from nesy.solvers.possibilistic.learning.learn import Learned
    from nesy.solvers.possibilistic.learning.options import LearningOptions
    from nesy.solvers.possibilistic.learning.parameters import Parameters
    from nesy.solvers.possibilistic.learning.report import Listener

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
        """The program that also asks ``queries`` (such as ``"cell(1,_)"``), and these queries as statements.

        A single text is one query.
        """
        asked = [parse_query(text) for text in ([queries] if isinstance(queries, str) else queries)]
        found = tuple(query for _, query in asked)
        sources = (*self.ast.sources, *(source for source, _ in asked))
        ast = dataclasses.replace(self.ast, statements=(*self.ast.statements, *found), sources=sources)
        return build_program(self.text, ast, self.constants, self.facts), found

    def ground(
        self, queries: Sequence[str] | None = None, *, strict: bool = False, budget: int | None = None
    ) -> GroundModel:
        """The ground program for the file's queries, or for ``queries`` instead.

        ``strict`` turns the warnings about constructs that are left out into errors; ``budget`` is that of ``compile``.
        """
        from nesy.solvers.grounding import ground

        if queries is None:
            return ground(self.checked, strict=strict, budget=budget)
        program, found = self.with_queries(queries)
        return ground(program.checked, found, strict=strict, budget=budget)

    def plan(
        self,
        backend: str = "possibilistic",
        *,
        queries: Sequence[str] | None = None,
        batch: int = 1,
        budget: int | None = None,
        strict: bool = False,
        solver: str | None = None,
        mode: str | None = None,
        models: int | None = None,
        time_limit: float | None = None,
        workers: int | None = None,
        resolution: int | None = None,
        method: str | None = None,
        samples: int | None = None,
        quick: bool = False,
    ) -> Plan:
        """What ``compile`` with these options would do and cost, without grounding anything.

        Only the ``probabilistic`` back end grounds, within the budget, because nothing else tells its route; a
        ``quick`` plan leaves that open, and the question what the other back ends would do.

        ``batch`` is the number of instances to be answered; ``budget`` the number of combinations that one statement
        may mean (None: 10 million; 0: any). A program that the back end refuses has a plan as well: it says why. Raises
        :class:`NesyError`: E501, E502 for the back end, E523 for options that it does not know.
        """
        from nesy.search_options import search_options
        from nesy.solvers.backend import Options
        from nesy.solvers.planning.planner import plan

        given: dict[str, object] = {"solver": solver, "mode": mode, "models": models, "time_limit": time_limit}
        given |= {"workers": workers, "resolution": resolution, "method": method, "samples": samples}
        options = Options(strict=strict, budget=budget, **search_options(backend, given))
        program, found = (self, None) if queries is None else self.with_queries(queries)
        return plan(backend, program.checked, found, options, batch=batch, quick=quick)

    def compile(
        self,
        backend: str = "possibilistic",
        *,
        device: str | torch.device = "cpu",
        dtype: Dtype | torch.dtype = "float64",
        transform: Transform = "antipignistic",
        ties: Ties = "symmetric",
        strict: bool = False,
        queries: Sequence[str] | None = None,
        chunk: int | None = None,
        parameters: Parameters | str | Path | None = None,
        solver: str | None = None,
        mode: str | None = None,
        models: int | None = None,
        time_limit: float | None = None,
        seed: int | None = None,
        workers: int | None = None,
        resolution: int | None = None,
        method: str | None = None,
        samples: int | None = None,
        budget: int | None = None,
    ) -> Engine:
        """An engine that answers the queries for any number of batches.

        ``transform`` makes possibilities of probabilities; ``ties`` says how equal probabilities are ordered by the
        transform ``specificity``; ``chunk`` bounds the number of instances in memory at once (None: chosen from the
        model's size); ``parameters`` are learned ones, or the file that holds them, which take the place of those in
        the rules.

        The back ends that search (``asp``, ``integer``) take ``solver`` (None: chosen by the program's structure),
        ``mode`` (``optimum``, ``models``, ``brave``, ``cautious``, …), the number of ``models`` (default 1; 0: all),
        ``time_limit`` in seconds for each instance, ``seed``, ``workers`` (threads of one search; default 1), and
        ``resolution``, the units of cost for one nat (default 1000).

        ``probabilistic`` takes the ``method`` of inference (None: chosen by rule), the number of ``samples`` (None: as
        many as it takes), ``time_limit`` and ``seed``, and as ``mode`` what is asked: ``posterior``, ``prior`` (nothing
        is known), ``predictive`` (what would be observed anew) or ``map`` (the most probable state of a finite model).

        ``budget`` bounds the combinations that one statement may mean (None: 10 million) and the ground rules (None: 3
        million); 0 stands for no bound. :meth:`plan` estimates them.

        Raises :class:`NesyError`: E501 and E502 for the back end, E51x, E52x and E55x for constructs and options that
        it cannot take, E440 for the device, E415 and E56x for parameters.
        """
        from nesy.engine import Engine
        from nesy.search_options import search_options
        from nesy.solvers.backend import Options, compile_program
        from nesy.solvers.backend import backend as find_backend

        find_backend(backend)
        learned = given_parameters(parameters, backend)
        given = {"solver": solver, "mode": mode, "models": models, "time_limit": time_limit}
        given |= {"seed": seed, "workers": workers, "resolution": resolution, "method": method, "samples": samples}
        where, numbers = _name(device), _name(dtype)
        further = search_options(backend, given)
        options = Options(where, numbers, transform, ties, strict, chunk, learned, budget=budget, **further)
        program, found = (self, None) if queries is None else self.with_queries(queries)
        return Engine(backend, options, compile_program(backend, program.checked, found, options))

    def learn(
        self,
        evidence: Evidence,
        targets: Targets,
        learning: LearningOptions | None = None,
        *,
        validation: Samples | float | None = None,
        device: str | torch.device = "cpu",
        dtype: Dtype | torch.dtype = "float64",
        transform: Transform = "antipignistic",
        ties: Ties = "symmetric",
        strict: bool = False,
        queries: Sequence[str] | None = None,
        parameters: Parameters | str | Path | None = None,
        progress: Listener | None = None,
    ) -> Learned:
        """Learn the parameters of the rules marked ``[learn]`` from samples with known values.

        ``evidence`` as :meth:`Engine.infer` takes it; ``targets`` in the same order, tensors ``[samples, index…,
        values]`` of degrees or written value by value (``{"y": "8"}``). ``learning`` says how (see
        :class:`nesy.LearningOptions`). ``validation`` are other samples (evidence, targets) by which thresholds are
        chosen, or the share of the samples that is kept back for this. ``parameters`` are where learning begins: they
        stay for rules that are not learned. The program is grounded for its queries and for the concepts that have
        targets. Raises :class:`NesyError`: E40x and E41x for the evidence, E53x and E56x for targets and for what
        cannot be learned from.
        """
        from nesy.learning import ground_for_learning, learn_from
        from nesy.solvers.backend import Options
        from nesy.solvers.possibilistic import with_options
        from nesy.solvers.possibilistic.learning.options import LearningOptions
        from nesy.targets_values import target_names

        learned = given_parameters(parameters, "possibilistic")
        options = Options(_name(device), _name(dtype), transform, ties, strict, None, learned)
        model = ground_for_learning(self, target_names(targets), queries, strict=strict)
        learning = learning or LearningOptions()
        return learn_from(with_options(model, options), options, (evidence, targets), learning, validation, progress)

    def abduce(self, evidence: Given, **options: Any) -> Abduction:
        """The hypothesis about several models' readings of one percept; see :func:`nesy.abduce` for the options."""
        from nesy.abduction.abduce import abduce

        return abduce(self, evidence, **options)


def _name(device_or_dtype: object) -> str:
    """``cuda:0``, ``float32``: also where torch's own object is given."""
    return str(device_or_dtype).removeprefix("torch.")


def given_parameters(given: Parameters | str | Path | None, backend: str) -> Parameters | None:
    """Parameters that are given, or read from a file; E565 for a back end that does not take them."""
    if given is None:
        return None
    from nesy.solvers.possibilistic.learning.parameters import Parameters

    if backend != "possibilistic":
        from nesy.dsl.diagnostics import Diagnostic, NesyError

        message = f"the back end '{backend}' takes no learned parameters"
        hint = "use --with possibilistic, or write the parameters into the rules"
        raise NesyError(Diagnostic("E565", message, hint=hint, place="--params"))
    return given if isinstance(given, Parameters) else Parameters.load(given)


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
        ast = parsed(lambda: load_file(path), constants, facts)
        text = dict(ast.sources).get(str(path_or_text), "") or ast.sources[0][1]
    else:
        text = path_or_text
        ast = parsed(lambda: load_text(text), constants, facts)
    return make_program(text, ast, constants, facts)


def parsed(
    read: Callable[[], syntax.Program],
    constants: Mapping[str, object] | None = None,
    facts: Mapping[str, FactsSource] | None = None,
) -> syntax.Program:
    """What ``read`` gives; the errors of a text that does not parse are joined by those of its other statements.

    With ``facts``, whose relations may be declared in what does not parse, the syntax errors stand alone.
    """
    from nesy.dsl.diagnostics import NesyError
    from nesy.dsl.parsing.recovery import BrokenTextError

    try:
        return read()
    except BrokenTextError as error:
        if facts:
            raise
        from nesy.dsl.sound_part import sound_errors

        further = sound_errors(error.program, error.lost, constants)
        raise NesyError((*error.diagnostics, *further), error.sources) from None


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
