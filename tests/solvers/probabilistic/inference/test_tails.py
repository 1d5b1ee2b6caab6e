"""Heavy tails: grids reach to their ends, and a mean that does not exist is not shown."""

from __future__ import annotations

import json
from math import isnan

import numpy as np
import pytest
from scipy import stats

import nesy

PRIORS = {
    "cauchy(0, 1)": (stats.cauchy(), False, False),
    "cauchy(5, 10)": (stats.cauchy(5, 10), False, False),
    "halfcauchy(2)": (stats.halfcauchy(scale=2), False, False),
    "studentt(2, 0, 1)": (stats.t(2), True, False),
    "studentt(3, 1, 2)": (stats.t(3, 1, 2), True, True),
    "beta(0.1, 0.1)": (stats.beta(0.1, 0.1), True, True),
    "gamma(0.05, 2)": (stats.gamma(0.05, scale=0.5), True, True),
}


@pytest.mark.parametrize("prior", PRIORS)
def test_priors_are_whole(prior: str) -> None:
    distribution, mean, spread = PRIORS[prior]
    engine = nesy.load(f"random x : real ~ {prior}. query x. query x > 0.5.").compile("probabilistic")
    answer = engine.infer()
    found = answer["x"]
    assert answer.statistics["method"] == ["quadrature"]
    assert answer.statistics["log_evidence"][0] == pytest.approx(0.0, abs=1e-4)
    assert found.quantiles is not None
    shares = distribution.cdf(found.quantiles[0].tolist())
    np.testing.assert_allclose(shares, found.levels, atol=2e-3)
    likely = answer["x > 0.5"].probability
    assert likely is not None
    assert float(likely[0, 1]) == pytest.approx(distribution.sf(0.5), abs=1e-3)
    for measure, exists, expected in ((found.mean, mean, "mean"), (found.sd, spread, "std")):
        assert measure is not None
        if exists:
            assert float(measure[0]) == pytest.approx(getattr(distribution, expected)(), rel=1e-3, abs=1e-9)
        else:
            assert isnan(float(measure[0]))
    assert any("too heavy" in warning.message for warning in answer.warnings) == (not (mean and spread))


def test_draws_without_a_mean_have_none() -> None:
    text = "random x : real ~ cauchy(0, 1). random n : int ~ poisson(3). observe x > n. query x. query n."
    answer = nesy.load(text).compile("probabilistic").infer()
    assert answer.status == ["estimated"]
    for name, exists in (("x", False), ("n", True)):
        mean = answer[name].mean
        assert mean is not None
        assert isnan(float(mean[0])) != exists
    assert '"x": {"quantiles"' in json.dumps(answer.to_json(0))


def test_numbers_that_are_not_finite_are_no_json_numbers() -> None:
    text = "random n : 0..1 ~ categorical(1, 1). define x = log(n). query x."
    (entry,) = [nesy.load(text).compile("probabilistic").infer().to_json(0)["answers"]["x"]]  # type: ignore[index]  # plain data
    assert (entry["mean"], entry["quantiles"]["0.05"], entry["quantiles"]["0.95"]) == ("-inf", "-inf", 0.0)
