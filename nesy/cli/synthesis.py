"""``nesy synth``: knowledge bases and a question in, an answer and its model out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nesy.cli.options import JsonOption
from nesy.cli.reporting import write_json
from nesy.dsl.diagnostics import Diagnostic, NesyError
from nesy.files import read_standard_input

if TYPE_CHECKING:
    from nesy.synthesis.libraries import Library
    from nesy.synthesis.llm.client import ChatClient
    from nesy.synthesis.pipeline import Listener
    from nesy.synthesis.reading import Reading

LibrariesArgument = Annotated[
    list[Path], typer.Argument(metavar="KB…", help="Knowledge bases; the one that understands most is taken.")
]
AskOption = Annotated[
    str | None, typer.Option("--ask", metavar="TEXT", help="The question in English; '-': from stdin.")
]
QuestionOption = Annotated[
    str | None,
    typer.Option("--question", metavar="FILE", help="The question in the rule language, or as .txt in English."),
]
LlmOption = Annotated[
    str | None, typer.Option("--llm", metavar="URL", help="An OpenAI-compatible server for what no phrase fits.")
]
ModelOption = Annotated[str | None, typer.Option("--model", metavar="NAME", help="The model to ask there.")]
RecordOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Keep what the server says in a cassette.")]
ReplayOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Take the server's replies from a cassette.")]
SaveOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Write every stage's result into a folder.")
]
MethodOption = Annotated[
    str, typer.Option(metavar="METHOD", help="How models are run; auto chooses by their structure.")
]
SamplesOption = Annotated[int | None, typer.Option(min=1, metavar="N", help="Samples of methods that draw.")]
LimitOption = Annotated[float | None, typer.Option("--time-limit", min=0, metavar="S", help="Seconds for each model.")]
BudgetOption = Annotated[float | None, typer.Option(min=0, metavar="S", help="Seconds for all models together.")]
SeedOption = Annotated[int, typer.Option(min=0, metavar="N", help="Seed of what is drawn at random.")]
PenaltyOption = Annotated[float, typer.Option(min=0, metavar="X", help="Weight of a bit of a model's length.")]
BeamOption = Annotated[int, typer.Option(min=1, metavar="N", help="Choices of variants that are tried at most.")]
ConcentrationOption = Annotated[
    float,
    typer.Option(min=1, metavar="N", help="Cases that a probability counts for which the server claims."),
]
AverageOption = Annotated[bool, typer.Option("--average/--best", help="Weigh all models, or take the most probable.")]
PruneOption = Annotated[bool, typer.Option("--prune/--no-prune", help="Leave out what cannot bear on the questions.")]
RetrieveOption = Annotated[bool, typer.Option("--retrieve/--no-retrieve", help="Take only what the text needs.")]
ScoreOption = Annotated[bool, typer.Option("--score/--no-score", help="Weigh models by evidence, or by prior alone.")]
InfluenceOption = Annotated[bool, typer.Option("--influence/--no-influence", help="Find out what moved the answers.")]
ProgramOption = Annotated[bool, typer.Option("--program", help="Show the model as a rule file.")]
TraceOption = Annotated[bool, typer.Option("--trace", help="Show what every stage made.")]


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("synth")(synth)


def synth(
    libraries: LibrariesArgument,
    ask: AskOption = None,
    question: QuestionOption = None,
    llm: LlmOption = None,
    model: ModelOption = None,
    record: RecordOption = None,
    replay: ReplayOption = None,
    output: SaveOption = None,
    method: MethodOption = "auto",
    samples: SamplesOption = None,
    time_limit: LimitOption = None,
    budget: BudgetOption = None,
    seed: SeedOption = 0,
    penalty: PenaltyOption = 0.0,
    beam: BeamOption = 16,
    average: AverageOption = True,
    retrieve: RetrieveOption = True,
    prune: PruneOption = True,
    score: ScoreOption = True,
    influence: InfluenceOption = True,
    concentration: ConcentrationOption = 10.0,
    program: ProgramOption = False,
    trace: TraceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Build the small model that a question needs from knowledge bases, check it, run it, and show it."""
    if (ask is None) == (question is None):
        raise typer.BadParameter("give the question by one of --ask and --question", param_hint="--ask")
    if (llm is None) != (model is None) and replay is None:
        raise typer.BadParameter("--llm and --model belong together", param_hint="--llm")
    from nesy.synthesis.artefacts.folders import save
    from nesy.synthesis.artefacts.recording import answer, stages
    from nesy.synthesis.libraries import load_library
    from nesy.synthesis.pipeline import synthesise
    from nesy.synthesis.settings import Settings

    loaded: list[Library] = [load_library(path) for path in libraries]
    text, reading = _question(ask, question)
    settings = Settings(
        beam,
        penalty,
        method,
        samples,
        time_limit,
        budget,
        seed,
        retrieve,
        prune,
        score,
        average,
        influence,
        concentration,
    )
    sources = ((_source_name(question), text), *(entry for library in loaded for entry in library.program.sources))
    try:
        client = _client(llm, model, record, replay, seed)
        found = synthesise(loaded, text, settings, reading=reading, client=client, tell=_tell(as_json=as_json))
    except NesyError as error:
        raise NesyError(error.diagnostics, (*sources, *error.sources)) from None
    if output is not None:
        save(found, output)
    if as_json:
        write_json(stages(found) if trace else answer(found))
        return
    from rich.console import Console

    from nesy.synthesis.terminal import print_synthesis

    print_synthesis(Console(highlight=False), found, program=program, trace=trace)
    if output is not None:
        typer.echo(f"all stages are in {output}")


def _source_name(question: str | None) -> str:
    from nesy.synthesis.sentences import QUESTION

    return QUESTION if question is None else question


def _question(ask: str | None, question: str | None) -> tuple[str, Reading | None]:
    """The text, and what it says where it is in the rule language."""
    if ask is not None:
        return (read_standard_input().decode("utf-8", "replace") if ask == "-" else ask), None
    assert question is not None
    try:
        data = read_standard_input() if question == "-" else Path(question).read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        hint = "check the path; a question is UTF-8 text"
        raise NesyError(
            Diagnostic("E415", f"the question cannot be read: {error}", hint=hint, place=question)
        ) from None
    if question.endswith(".txt"):
        return text, None
    from nesy.synthesis.questions import read_question

    return text, read_question(text, question)


def _client(
    url: str | None, model: str | None, record: Path | None, replay: Path | None, seed: int
) -> ChatClient | None:
    if url is None and replay is None:
        return None
    from nesy.synthesis.llm.cassettes import open_cassette
    from nesy.synthesis.llm.client import ChatClient

    path = replay or record
    cassette = None if path is None else open_cassette(path, replaying=replay is not None)
    return ChatClient(url or "http://127.0.0.1", model or "", seed=seed, cassette=cassette)


def _tell(*, as_json: bool) -> Listener | None:
    """Progress on standard error, where that is a terminal."""
    if as_json or not sys.stderr.isatty():
        return None

    def tell(text: str) -> None:
        sys.stderr.write(f"{text} …\n")

    return tell
