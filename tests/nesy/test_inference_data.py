"""Draws as ArviZ reads them."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import nesy
from nesy.cli.app import app
from nesy.inference_data import inference_data
from tests.solvers.probabilistic.graphs import SCHOOLS

MODEL = """
type kind = {low, high}.
type item = 1..3.
random of : kind ~ categorical(1, 3).
random x(I) : real ~ normal(if of = low then 0 else 4, 1) for item(I).
random y(I) : real ~ normal(x(I), 1) for item(I).
observe y(1) = 3.
query of. query x(_). query x(2) > x(3).
"""


@pytest.mark.slow
def test_groups_have_coordinates_attributes_and_draws_that_belong_together(tmp_path: Path) -> None:
    program = nesy.load(MODEL)
    answer = program.compile("probabilistic").infer()
    prior = program.compile("probabilistic", mode="prior").infer()
    predictive = program.compile("probabilistic", mode="predictive").infer()
    found = inference_data(answer, prior=prior, predictive=predictive)
    groups = {"posterior", "posterior_predictive", "prior", "log_likelihood", "observed_data"}
    assert set(found.groups()) == groups
    posterior = found.posterior
    assert list(posterior.coords["x_index"].values) == ["x(1)", "x(2)", "x(3)"]
    assert json.loads(posterior["of"].attrs["values"]) == ["low", "high"]
    x = posterior["x"].values
    assert x.shape[0] == 1
    assert x.shape[2] == 3
    # the comparison is that of the same draws, and x(1) goes with the kind
    assert np.array_equal(posterior["x(2) > x(3)"].values == 1, x[..., 1] > x[..., 2])
    mean = answer["x"].mean
    assert mean is not None
    assert np.allclose(x.mean((0, 1)), mean[0].numpy(), atol=0.15)
    high = posterior["of"].values == 1
    assert abs(x[high][:, 1].mean() - 4) < 0.15
    assert set(found.posterior_predictive) == {"y"}
    assert found.posterior.attrs["method"] == "gaussian"
    (tmp_path / "mixed.nesy").write_text(MODEL)
    target = tmp_path / "draws.nc"
    done = CliRunner().invoke(app, ["run", str(tmp_path / "mixed.nesy"), "--with", "probabilistic", "-o", str(target)])
    assert done.exit_code == 0, done.output
    import xarray

    with xarray.open_dataset(target, group="posterior", engine="h5netcdf") as written:
        assert np.array_equal(written["x"].values, x)


TABLES = """
type day = 1..5.
type sky = {sun, cloud, rain}.
random at(T) : sky ~ categorical(
    if T > 1 and at(T - 1) = sun then 4 else 1, 1, if T > 1 and at(T - 1) = rain then 3 else 1) for day(T).
random wet(T) : bool ~ bernoulli(if at(T) = rain then 0.9 else 0.2) for day(T).
random rate : real ~ gamma(2, 1).
random calls : int ~ poisson(rate).
observe wet(2). observe not wet(4). observe calls = 3. observe at(1) != at(5).
define changes = count { T : day(T), T > 1, at(T) != at(T - 1) }.
query at(_). query changes. query rate.
"""
"""Tables beside a number on a grid, with an event that makes two ends differ."""


@pytest.mark.slow
def test_exact_tables_are_drawn_from() -> None:
    program = nesy.load(TABLES)
    answer = program.compile("probabilistic").infer()
    assert answer.statistics["method"] == ["elimination + quadrature"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = inference_data(answer, prior=program.compile("probabilistic", mode="prior").infer())
    at, changes = found.posterior["at"].values[0], found.posterior["changes"].values[0]
    assert at.shape == (4_000, 5)
    assert (at[:, 0] != at[:, 4]).all()
    assert np.array_equal(changes, (at[:, 1:] != at[:, :-1]).sum(1))  # they belong together
    probability = answer["at"].probability
    assert probability is not None
    shares = np.stack([(at == place).mean(0) for place in range(3)], 1)
    assert np.abs(shares - probability[0].numpy()).max() < 4.5 * 0.5 / 4_000**0.5
    wet = np.where(at == 2, 0.9, 0.2)
    seen = np.log(np.stack([wet[:, 1], 1 - wet[:, 3]], 1))
    assert np.allclose(found.log_likelihood["wet"].values[0], seen, atol=1e-9)
    assert found.prior["at"].shape == (1, 4_000, 5)


@pytest.mark.slow
def test_readings_of_percepts_are_drawn_with_the_tables() -> None:
    text = "percept a : bool. random n : 0..2 ~ categorical(1, 1, if a then 3 else 1). observe n = 2. query a. query n."
    answer = nesy.load(text).compile("probabilistic").infer({"a": np.array([[0.5, 0.5], [0.9, 0.1]])})
    ratio = (3 / 5) / (1 / 3)
    for instance, wanted in enumerate((ratio / (ratio + 1), ratio / (ratio + 9))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = inference_data(answer, instance)
        assert float(found.posterior["a"].values.mean()) == pytest.approx(wanted, abs=4.5 * 0.5 / 4_000**0.5)


@pytest.mark.slow
def test_other_back_ends_have_no_draws() -> None:
    answer = (
        nesy.load("percept a : bool. concept c : bool. c iff a. query c.")
        .compile("possibilistic")
        .infer({"a": np.array([[0.3, 0.7]])})
    )
    with pytest.raises(nesy.NesyError, match="E599"):
        inference_data(answer)


@pytest.mark.slow
def test_leave_one_out_of_the_eight_schools() -> None:
    """The exact elpd is −30.742: each school predicted from the posterior of the seven others, by quadrature."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz

        found = inference_data(nesy.load(SCHOOLS).compile("probabilistic").infer())
        loo = arviz.loo(found)
    assert abs(float(loo.elpd_loo) + 30.742) < 0.2
    assert list(found.observed_data["y"].values) == [28, 8, -3, 7, -1, 1, 18, 12]
    theta = found.posterior["theta"].values[0]
    scales = np.array([15, 10, 16, 11, 9, 11, 10, 18])
    left = (found.observed_data["y"].values - theta) / scales
    expected = -0.5 * left**2 - np.log(scales) - 0.5 * np.log(2 * np.pi)
    assert np.allclose(found.log_likelihood["y"].values[0], expected, atol=1e-9)


@pytest.mark.slow
def test_chains_have_statistics() -> None:
    model = "random x : real ~ studentt(3, 0, 1). random y : real ~ studentt(3, x, 1). observe y = 1. query x."
    answer = nesy.load(model).compile("probabilistic", method="nuts", samples=3200).infer()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = inference_data(answer)
    stats = found.sample_stats
    assert stats["energy"].shape == found.posterior["x"].shape == (16, 200)
    assert not stats["diverging"].any()
    assert float(stats["acceptance_rate"].min()) > 0
    assert float(stats["acceptance_rate"].max()) <= 1
    # a trajectory of depth d takes at most 2^d − 1 steps
    assert bool((stats["n_steps"] <= 2 ** stats["tree_depth"] - 1).all())
    x, seen = found.posterior["x"].values, float(found.observed_data["y"].values.reshape(()))
    assert seen == 1
    density = -2 * np.log1p((seen - x) ** 2 / 3) + np.log(2 / (np.pi * 3**0.5))
    assert np.allclose(found.log_likelihood["y"].values, density, atol=1e-9)
