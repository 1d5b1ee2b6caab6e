"""Draws as ArviZ reads them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import nesy
from nesy.cli.app import app
from nesy.inference_data import inference_data

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
    assert found.groups() == ["posterior", "posterior_predictive", "prior"]
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


@pytest.mark.slow
def test_tables_have_no_draws() -> None:
    answer = nesy.load("random a : bool ~ bernoulli(0.5). query a.").compile("probabilistic").infer()
    with pytest.raises(nesy.NesyError, match="E599"):
        inference_data(answer)
