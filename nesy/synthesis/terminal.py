"""A synthesis drawn in the terminal: what was understood, the model, the answers, and what moved them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nesy.dsl.diagnostics import counted
from nesy.dsl.printing.statement_printer import write_statement
from nesy.dsl.values import format_value
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.answering import DUST
from nesy.synthesis.answers import QueryAnswer
from nesy.synthesis.pipeline import Synthesis

if TYPE_CHECKING:
    from rich.console import Console


class Line(Protocol):
    """Writes a line."""

    def __call__(self, text: str = "") -> None: ...


BARS = " ▁▂▃▄▅▆▇█"
WIDTH = 24


def print_synthesis(console: Console, synthesis: Synthesis, *, program: bool, trace: bool) -> None:
    """Draw the answers, and on request the model and the record of all stages."""
    from rich.markup import escape

    def line(text: str = "") -> None:
        console.print(escape(text), soft_wrap=True)

    for entry in synthesis.reading.unused:
        near = f"   (the nearest phrase is: {entry.nearest})" if entry.nearest else ""
        line(f"not used: {entry.sentence.text}{near}")
    if synthesis.proposals is not None and synthesis.proposals.fault is not None:
        line(f"the model on the server gave nothing ({synthesis.proposals.fault}); this is the answer without it")
    for proposal in synthesis.proposals.found if synthesis.proposals is not None else ():
        for claim in proposal.claims:
            said = ", ".join(f"{share:g}" for share in claim.claimed)
            line(f"claimed chance of {claim.about}: {said}; taken as beta({claim.alpha:g}, {claim.beta:g})")
    if trace:
        _trace(synthesis, line)
    if program:
        line(f"model {synthesis.scores.best.candidate.digest}:")
        for text in synthesis.program.rstrip().split("\n"):
            line(f"    {text}" if text else "")
        line()
    _summary(synthesis, line)
    for answer in synthesis.answers.queries:
        _answer(answer, line)
    for remark in synthesis.answers.remarks:
        line(f"remark: {remark}")
    for text in synthesis.findings.texts:
        line(f"doubtful: {text}")


def _trace(synthesis: Synthesis, line: Line) -> None:
    for entry in synthesis.reading.understood:
        line(f"“{entry.sentence.text}” by “{entry.pattern}”")
        for text in entry.statements:
            line(f"    {text}")
    line(f"library {synthesis.retrieval.knowledge}:")
    for name in synthesis.retrieval.considered:
        line(f"    {name.total:.2f} {name.name}: {name.role}, {name.reason}")
    line(f"graph of {counted(len(synthesis.diagram.nodes), 'node')} (○ random, □ computed, ● observed, ? asked):")
    for text in synthesis.diagram.listing():
        line(f"    {text}")
    for asked in synthesis.diagram.asked:
        line(f"    around {asked}: {', '.join(synthesis.diagram.blanket(asked)) or 'nothing'}")
    requests = "" if synthesis.proposals is None else f"; {counted(synthesis.proposals.requests, 'request')}"
    line(f"seconds: {', '.join(f'{name} {spent:.2f}' for name, spent in synthesis.seconds.items())}{requests}")
    line()


def _summary(synthesis: Synthesis, line: Line) -> None:
    models = synthesis.scores.models
    best = models[0]
    if len(models) > 1:
        for entry in models:
            name = ", ".join(entry.candidate.variants) or "base"
            prior = entry.candidate.prior
            line(f"model {entry.candidate.digest} ({name}): prior {prior:.3f}, weight {entry.weight:.3f}")
        if not synthesis.scores.decided:
            line("which model is the best is not decided: their evidence differs by less than its error")
    if synthesis.answers.conflict:
        _conflict(synthesis, line)
    elif synthesis.answers.status is Status.INFEASIBLE:
        line("infeasible: what the text says cannot be")
    else:
        line(f"{synthesis.answers.status} by {best.inferred.method}{' (exact)' if best.inferred.exact else ''}")
    for dropped in synthesis.sifted.irrelevant:
        line(f"without influence on the questions: {write_statement(dropped)}")
    line()


def _conflict(synthesis: Synthesis, line: Line) -> None:
    """What cannot hold together, each condition with its sentence."""
    clashes = synthesis.answers.conflict
    together = "cannot hold together" if len(clashes) > 1 else "is impossible"
    line(f"infeasible: what the text says {together}")
    said = {entry.sentence.number: entry.sentence.text for entry in synthesis.reading.understood}
    for clash in clashes:
        source = f"“{said[clash.sentence]}”" if clash.sentence in said else "the knowledge base"
        line(f"    {clash.text}   from {source}")


def _answer(answer: QueryAnswer, line: Line) -> None:
    posterior = answer.posterior
    said = f"   {answer.said}" if answer.said else ""
    line(f"{answer.label}{said}")
    if posterior.probability is not None and answer.estimand.domain is not None:
        prior = None if answer.prior is None else answer.prior.probability
        for place, (value, share) in enumerate(
            zip(answer.estimand.domain.values, posterior.probability.tolist(), strict=True)
        ):
            before = "" if prior is None else f"  before: {prior[place].item():.1%}"
            line(f"    {format_value(value):>8} {share:6.1%} {'█' * round(share * WIDTH):<{WIDTH}}{before}")
    if posterior.mean is not None and posterior.sd is not None:
        unit = f" {answer.unit}" if answer.unit else ""
        error = f", standard error {posterior.error:.2g}" if posterior.error > DUST else ""
        shift = ""
        if answer.prior is not None and answer.prior.mean is not None:
            shift = f"; before: {answer.prior.mean:.3g} ± {answer.prior.sd or 0.0:.3g}"
        line(f"    {posterior.mean:.3g} ± {posterior.sd:.3g}{unit}{shift}{error}")
        if posterior.quantiles is not None:
            low, _, middle, _, high = posterior.quantiles
            line(f"    90 % between {low:.3g} and {high:.3g}, median {middle:.3g}")
        drawn = answer.histogram(WIDTH * 2)
        if drawn is not None:
            edges, shares = drawn
            top = max(shares)
            bars = "".join(BARS[round(share / top * (len(BARS) - 1))] for share in shares)
            line(f"    {edges[0]:.3g} {bars} {edges[-1]:.3g}")
    for entry in answer.influences[:3]:
        if entry.nats >= 0.001:
            line(f"    moved by {entry.text} ({entry.nats:.3f} nats)")
    line()
