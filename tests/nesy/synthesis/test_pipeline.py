"""From text to answers: exact where finite, averaged over variants, honest about what is not understood."""

from __future__ import annotations

import json
import subprocess
import sys
from math import exp, log
from pathlib import Path
from typing import Any

import pytest
import torch

from nesy.dsl.diagnostics import NesyError
from nesy.dsl.printing.statement_printer import write_statement
from nesy.solvers.answer import Status
from nesy.solvers.probabilistic.inference.results import Inferred, Posterior
from nesy.synthesis import Settings, Synthesis, library_of, synthesise
from nesy.synthesis.artefacts.folders import save
from nesy.synthesis.artefacts.recording import stages
from nesy.synthesis.models import candidates
from nesy.synthesis.questions import read_question
from nesy.synthesis.reading import read_sentences
from nesy.synthesis.scoring import averaged, divergence, mixture, score
from nesy.synthesis.sentences import split_sentences

ILLNESS = """
type person.
random flu(P) : bool ~ bernoulli(0.1) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.8 else 0.2) for person(P).
random fever(P) : bool ~ bernoulli(if flu(P) then 0.6 else 0.01) for person(P) [variant strict = 0.25].
random cough(P) : bool ~ bernoulli(if fever(P) then 0.7 else 0.3) for person(P).
gloss flu : "somebody has the flu" unit "cases" scale 0..1.
phrase "{P} has a fever" means person(P), observe fever(P).
phrase "{P} has no fever" means person(P), observe not fever(P).
phrase "{P} coughs" means person(P), observe cough(P).
phrase "suppose {P} has a fever" means person(P), do fever(P) = true.
phrase "does {P} have the flu" means person(P), query flu(P).
phrase "does {P} cough" means person(P), query cough(P).
"""


def ask(text: str, knowledge: str = ILLNESS, **settings: Any) -> Synthesis:
    return synthesise([library_of(knowledge)], text, Settings(**settings))


def probability(found: Synthesis, label: str) -> float:
    table = found.answers[label].posterior.probability
    assert table is not None
    return float(table[1])


def test_variants_are_averaged_by_their_evidence() -> None:
    found = ask("Ann has a fever. Does Ann have the flu?")
    evidence = {"base": 0.1 * 0.8 + 0.9 * 0.2, "strict": 0.1 * 0.6 + 0.9 * 0.01}
    weights = {"base": 0.75 * evidence["base"], "strict": 0.25 * evidence["strict"]}
    total = sum(weights.values())
    expected = (weights["base"] * 0.08 / evidence["base"] + weights["strict"] * 0.06 / evidence["strict"]) / total
    assert probability(found, "flu(ann)") == pytest.approx(expected, abs=1e-12)
    by_name = {",".join(entry.candidate.variants) or "base": entry for entry in found.scores.models}
    assert by_name["strict"].weight == pytest.approx(weights["strict"] / total, abs=1e-12)
    assert by_name["base"].inferred.log_evidence == pytest.approx(log(evidence["base"]), abs=1e-12)
    assert found.scores.decided


def test_the_best_model_alone() -> None:
    found = ask("Ann has a fever. Does Ann have the flu?", average=False)
    assert len(found.scores.models) == 1
    assert probability(found, "flu(ann)") == pytest.approx(0.08 / 0.26, abs=1e-12)


def test_without_evidence_the_prior_decides() -> None:
    found = ask("Ann has a fever. Does Ann have the flu?", score=False)
    weights = {",".join(entry.candidate.variants) or "base": entry.weight for entry in found.scores.models}
    assert weights == {"base": pytest.approx(0.75), "strict": pytest.approx(0.25)}
    expected = 0.75 * 0.08 / 0.26 + 0.25 * 0.06 / (0.06 + 0.009)
    assert probability(found, "flu(ann)") == pytest.approx(expected, abs=1e-12)


def test_without_retrieval_all_of_the_library_stays_and_the_answer_is_the_same() -> None:
    text = "Ann has a fever. Does Ann have the flu?"
    whole = ask(text, retrieve=False)
    assert "random cough" in whole.program
    assert "random cough" not in ask(text).program
    assert probability(whole, "flu(ann)") == pytest.approx(probability(ask(text), "flu(ann)"), abs=1e-12)


def test_what_there_is_no_time_for_is_told() -> None:
    text = "Ann has a fever. Ann coughs. Bob coughs. Does Ann have the flu?"
    hurried = ask(text, budget=0.0)
    (only,) = hurried.scores.models
    assert only.candidate.variants == ()
    assert hurried.candidates.left_out == pytest.approx(0.25)
    assert hurried.answers.queries[0].influences == ()
    assert hurried.answers.remarks == (
        "the time was up: models with a prior probability of 0.25 were not run",
        "the time was up: it is not known what moved the answers",
    )
    assert ask(text, budget=600.0).answers.remarks == ()


def test_the_time_of_each_stage_is_booked() -> None:
    found = ask("Ann has a fever. Does Ann have the flu?")
    assert list(found.seconds) == ["parse", "retrieve", "candidates", "infer", "answer", "check"]
    assert all(spent >= 0 for spent in found.seconds.values())


def test_a_penalty_on_length_shifts_the_weights() -> None:
    plain = ask("Ann has a fever. Does Ann have the flu?")
    fined = ask("Ann has a fever. Does Ann have the flu?", penalty=0.01)
    sizes = {entry.candidate.digest: entry.candidate.bits for entry in plain.scores.models}
    assert {entry.candidate.digest: entry.candidate.bits for entry in fined.scores.models} == sizes


@pytest.mark.slow
def test_what_is_d_separated_is_left_out_and_changes_nothing() -> None:
    text = "Ann has a fever. Ann coughs. Bob coughs. Does Ann have the flu?"
    pruned, whole = ask(text, average=False), ask(text, average=False, prune=False)
    dropped = [write_statement(entry) for entry in pruned.sifted.irrelevant]
    assert dropped == ["observe cough(ann).", "observe cough(bob)."]
    assert "cough" not in pruned.program.replace("coughs", "")
    assert probability(pruned, "flu(ann)") == pytest.approx(probability(whole, "flu(ann)"), abs=1e-10)


def test_what_bears_on_the_choice_of_a_variant_is_kept() -> None:
    text = "Ann has a fever. Ann coughs. Bob coughs. Does Ann have the flu?"
    pruned, whole = ask(text), ask(text, prune=False)
    dropped = [write_statement(entry) for entry in pruned.sifted.irrelevant]
    assert dropped == ["observe cough(ann)."]  # that Bob coughs tells the variants apart
    assert probability(pruned, "flu(ann)") == pytest.approx(probability(whole, "flu(ann)"), abs=1e-10)


def test_prior_and_influence_of_each_observation() -> None:
    found = ask("Ann has a fever. Does Ann have the flu?", average=False)
    answer = found.answers["flu(ann)"]
    assert answer.prior is not None
    assert answer.prior.probability is not None
    assert float(answer.prior.probability[1]) == pytest.approx(0.1, abs=1e-12)
    after = 0.08 / 0.26
    expected = after * log(after / 0.1) + (1 - after) * log((1 - after) / 0.9)
    assert [entry.nats for entry in answer.influences] == [pytest.approx(expected, abs=1e-9)]
    assert answer.influences[0].sentence == 0
    assert (answer.said, answer.unit, answer.scale) == ("somebody has the flu", "cases", (0.0, 1.0))


def test_doing_is_not_seeing() -> None:
    seen = ask("Ann has a fever. Does Ann have the flu?", average=False)
    done = ask("Suppose Ann has a fever. Does Ann have the flu? Does Ann cough?", average=False)
    assert probability(seen, "flu(ann)") == pytest.approx(0.08 / 0.26, abs=1e-12)
    assert probability(done, "flu(ann)") == pytest.approx(0.1, abs=1e-12)
    assert probability(done, "cough(ann)") == pytest.approx(0.7, abs=1e-12)


def test_contradictory_evidence_has_a_status_and_no_numbers() -> None:
    found = ask("Ann coughs. Ann has a fever. Ann has no fever. Does Ann have the flu?")
    assert found.answers.status is Status.INFEASIBLE
    assert found.answers.queries == ()
    clashes = [(clash.text, clash.sentence) for clash in found.answers.conflict]
    assert clashes == [("fever(ann)", 1), ("not fever(ann)", 2)]


def test_evidence_that_cannot_be_is_not_pruned_away() -> None:
    knowledge = """
    random rain : bool ~ bernoulli(0.3).
    random sprinkler : bool ~ bernoulli(0.4).
    define wet = rain or sprinkler.
    phrase "it is wet" means observe wet.
    phrase "it was dry" means observe not rain.
    phrase "the sprinkler is off" means observe not sprinkler.
    phrase "did it rain" means query rain.
    """
    found = ask("It is wet. It was dry. The sprinkler is off. Did it rain?", knowledge)
    assert found.answers.status is Status.INFEASIBLE
    assert len(found.answers.conflict) == 3


def test_a_prior_that_leaves_its_scale_is_doubtful() -> None:
    knowledge = """
    random height : real ~ normal(170, 64).
    gloss height : "how tall somebody is" unit "cm" scale 150..200.
    phrase "how tall" means query height.
    """
    (doubtful,) = ask("How tall?", knowledge).findings.implausible
    # Φ(30 / 64) − Φ(−20 / 64)
    assert doubtful.share == pytest.approx(0.3030, abs=0.03)
    assert ask("How tall?", knowledge.replace("64", "8")).findings.implausible == ()


def test_what_is_not_understood_is_reported() -> None:
    found = ask("It rained. Ann has a fever. Does Ann have the flu?")
    assert [entry.sentence.text for entry in found.reading.unused] == ["It rained"]


def test_a_text_without_a_question() -> None:
    with pytest.raises(NesyError) as caught:
        ask("Ann has a fever. Does Ann sleep?")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E620"
    assert "does {P} have the flu" in diagnostic.hint
    assert (diagnostic.span.line, diagnostic.span.column) == (1, 18)


def test_a_question_in_the_rule_language() -> None:
    text = "person(ann).\nobserve fever(ann).\nquery flu(ann).\n"
    found = synthesise([library_of(ILLNESS)], text, reading=read_question(text, "q.nesy"))
    assert probability(found, "flu(ann)") == pytest.approx(
        probability(ask("Ann has a fever. Does Ann have the flu?"), "flu(ann)"), abs=1e-12
    )
    with pytest.raises(NesyError) as caught:
        read_question("random x : bool ~ bernoulli(0.5).", "q.nesy")
    assert caught.value.diagnostics[0].code == "E623"


def test_models_are_rule_files_of_their_own() -> None:
    import nesy

    found = ask("Ann has a fever. Does Ann have the flu?", average=False)
    answer = nesy.load(found.program).compile("probabilistic").infer()
    table = answer["flu(ann)"].probability
    assert table is not None
    assert float(table[0, 1]) == pytest.approx(0.08 / 0.26, abs=1e-12)


def test_the_beam_says_what_it_cut_off() -> None:
    library = library_of(ILLNESS)
    reading = read_sentences(split_sentences("Ann has a fever. Does Ann have the flu?"), library)
    found = candidates(library, reading, "", beam=1)
    assert (len(found.models), found.tried, found.left_out) == (1, 1, 0.25)


def test_choices_that_make_the_same_model_are_one() -> None:
    found = ask("Does Ann have the flu?")
    (only,) = found.scores.models
    assert only.candidate.prior == 1.0
    assert only.candidate.variants == ()


def test_every_stage_is_kept_and_the_same_each_time(tmp_path: Path) -> None:
    first, second = (ask("Ann has a fever. Does Ann have the flu?") for _ in range(2))
    assert stages(first) == stages(second)
    assert list(stages(first)) == ["parse", "retrieve", "graph", "candidates", "check", "infer", "score", "answer"]
    written = save(first, tmp_path)
    assert json.loads((tmp_path / "8-answer.json").read_text())["answers"][0]["query"] == "flu(ann)"
    assert (tmp_path / "model.nesy").read_text() == first.program
    assert (tmp_path / "graph.mmd").read_text().startswith("flowchart TD")
    assert len(written) == 13


@pytest.mark.slow
def test_the_emitted_program_runs_alone(tmp_path: Path) -> None:
    save(ask("Ann has a fever. Does Ann have the flu?", average=False), tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "model.py"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "flu" in done.stdout


def inferred(log_evidence: float | None, error: float = 0.0, mean: float = 0.0, sd: float = 1.0) -> Inferred:
    posterior = Posterior(mean=mean, sd=sd, quantiles=(0.0,) * 5)
    return Inferred("test", False, Status.SOLVED, (posterior,), log_evidence, error)


def test_mixtures_have_the_moments_of_mixtures() -> None:
    one, other = Posterior(mean=0.0, sd=1.0, quantiles=(0.0,) * 5), Posterior(mean=4.0, sd=2.0, quantiles=(0.0,) * 5)
    mixed = mixture([one, other], [0.75, 0.25])
    assert mixed.mean == pytest.approx(1.0)
    assert mixed.sd == pytest.approx((0.75 * 1 + 0.25 * (4 + 16) - 1) ** 0.5)
    assert mixed.draws is not None
    assert float(mixed.draws.mean()) == pytest.approx(1.0, abs=0.02)


def test_a_ranking_within_two_standard_errors_is_not_decided() -> None:
    library = library_of(ILLNESS)
    reading = read_sentences(split_sentences("Ann has a fever. Does Ann have the flu?"), library)
    models = candidates(library, reading, "").models
    close = score([(models[0], inferred(-1.0, 0.5)), (models[1], inferred(-1.0, 0.5))])
    assert not close.decided
    far = score([(models[0], inferred(-1.0, 0.1)), (models[1], inferred(-9.0, 0.1))])
    assert far.decided
    assert far.best.weight == pytest.approx(1 / (1 + exp(-8) / 3), abs=1e-9)
    assert averaged(far)[0].mean == pytest.approx(0.0)


def test_divergence_is_that_of_kullback_and_leibler() -> None:
    half, skewed = Posterior(torch.tensor([0.5, 0.5])), Posterior(torch.tensor([0.9, 0.1]))
    assert divergence(half, half) == 0.0
    assert divergence(skewed, half) == pytest.approx(0.9 * log(1.8) + 0.1 * log(0.2), abs=1e-6)
    one, other = Posterior(mean=1.0, sd=1.0), Posterior(mean=0.0, sd=1.0)
    assert divergence(one, other) == pytest.approx(0.5)
