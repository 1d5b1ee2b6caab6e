"""Posterior draws as ArviZ's ``InferenceData``, for its plots, its diagnostics, and NetCDF files."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nesy.dsl.diagnostics import Diagnostic, NesyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nesy.solvers.answer import Answer, Draws, Result


def inference_data(
    answer: Answer, instance: int = 0, *, prior: Answer | None = None, predictive: Answer | None = None
) -> Any:
    """The draws of one instance as ``arviz.InferenceData``, a variable ``[chain, draw, *label]`` for each query.

    Group ``posterior`` are those of ``answer``; ``prior`` and ``predictive`` are answers of the same program compiled
    with ``mode="prior"`` and ``mode="predictive"``. Where random variables are observed by their values, there are the
    groups ``observed_data`` and ``log_likelihood`` (of each observation in each draw), from which ``arviz.loo`` and
    ``arviz.waic`` work; where chains were run, ``sample_stats``. Truth values are 0 and 1; names are places in the list
    of values that the variable's attribute ``values`` holds. Method, log evidence and diagnostics are attributes of the
    group. Exact tables are drawn from for this. Raises E599 for an answer without draws, ImportError where ArviZ is not
    installed.
    """
    with warnings.catch_warnings():
        # ArviZ announces its next version
        warnings.simplefilter("ignore", FutureWarning)
        import arviz
    groups = {"posterior": answer, "prior": prior, "posterior_predictive": predictive}
    given = {name: each for name, each in groups.items() if each is not None}
    drawn = _again(answer, instance)
    results = {name: _sampled(each, instance) for name, each in given.items()}
    if drawn is not None:
        # all groups of the posterior from the same draws
        results["posterior"] = drawn.results
    tables: dict[str, Any] = {name: _draws(each, results[name], instance) for name, each in given.items()}
    chains = next(iter(tables["posterior"].values())).shape[0]
    dims, coords = _axes([result for each in given.values() for result in each.results.values()])
    found = arviz.from_dict(**tables, dims=dims, coords=coords)
    if drawn is not None and (drawn.likelihood or drawn.chains):
        found.extend(arviz.from_dict(**_observed(drawn, chains)))
    found["posterior"].attrs.update(_attributes(answer, instance))
    for name, each in given.items():
        for result in each.results.values():
            if not _is_number(result):
                found[name][_name(result.family)].attrs["values"] = json.dumps(list(result.domain.values), default=str)
    return found


def netcdf(answers: Sequence[Answer]) -> bytes:
    """The draws of a single instance as a NetCDF file. Raises E599 for several instances."""
    if len(answers) != 1 or answers[0].batch != 1:
        message = "a NetCDF file holds the draws of one instance, and the evidence has several"
        raise NesyError(Diagnostic("E599", message, hint="write .npz or JSON lines", place="--output"))
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draws.nc"
        inference_data(answers[0]).to_netcdf(str(path), engine="h5netcdf")
        return path.read_bytes()


def _again(answer: Answer, instance: int) -> Draws | None:
    """The answer once more, with draws: of exact tables as well."""
    return None if answer.drawer is None else answer.drawer(instance)


def _sampled(answer: Answer, instance: int) -> Mapping[str, Result]:
    """The results of an answer, drawn now if they have no draws yet."""
    if all(result.samples is not None for result in answer.results.values()):
        return answer.results
    found = _again(answer, instance)
    return answer.results if found is None else found.results


def _axes(results: Sequence[Result]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The names of the variables' axes, and the labels along each."""
    indexed = [result for result in results if result.shape]
    dims = {_name(result.family): [f"{_name(result.family)}_index"] for result in indexed}
    return dims, {f"{_name(result.family)}_index": list(result.labels) for result in indexed}


def _observed(drawn: Draws, chains: int) -> dict[str, Any]:
    """The groups of what was observed, and of the sampler, with their axes. A single label has no axis."""
    import numpy as np

    likelihood: dict[str, NDArray[Any]] = {}
    observed: dict[str, NDArray[Any]] = {}
    dims: dict[str, list[str]] = {}
    coords: dict[str, list[str]] = {}
    for family, (labels, table) in drawn.likelihood.items():
        name = _name(family)
        shaped = table.reshape(len(labels), -1, chains).movedim(-1, 0).movedim(-1, 1).numpy()
        values = np.array(drawn.observed[family])
        if len(labels) == 1:
            shaped, values = shaped[..., 0], values[0]
        else:
            dims[name] = [f"{name}_index"]
            coords[f"{name}_index"] = list(labels)
        likelihood[name], observed[name] = shaped, values
    found: dict[str, Any] = {"dims": dims, "coords": coords}
    if likelihood:
        found |= {"log_likelihood": likelihood, "observed_data": observed}
    if drawn.chains:
        found["sample_stats"] = {name: table.T.numpy() for name, table in drawn.chains.items()}
    return found


def _draws(answer: Answer, results: Mapping[str, Result], instance: int) -> Mapping[str, NDArray[Any]]:
    missing = [family for family, result in results.items() if result.samples is None]
    if missing or answer.backend != "probabilistic":
        message = f"there are no draws of {', '.join(missing) or 'this answer'}: it was not sampled"
        hint = "compile with method='weighting' (--method weighting), or another method that samples"
        raise NesyError(Diagnostic("E599", message, hint=hint, place=f"instance {instance}"))
    diagnostics: Any = answer.details[instance].get("diagnostics", {}) if answer.details else {}
    chains = int(diagnostics.get("chains", 1))
    found = {}
    for family, result in results.items():
        assert result.samples is not None
        # a label's draws are [draw, chain], the chain fastest
        samples = result.samples[instance if len(result.samples) > 1 else 0]
        table = samples.reshape(*result.shape, -1, chains).movedim(-1, 0).movedim(-1, 1)
        found[_name(family)] = (table if _is_number(result) else table.long()).numpy()
    return found


def _is_number(result: Result) -> bool:
    return not len(result.domain) or result.mean is not None


def _name(family: str) -> str:
    """A query as the name of a variable: slashes would be groups of the file."""
    return family.replace("/", "÷")


def _attributes(answer: Answer, instance: int) -> dict[str, object]:
    data: Mapping[str, Any] = answer.details[instance] if answer.details else {}
    found = {
        name: data[name] for name in ("method", "log_evidence", "log_evidence_error") if data.get(name) is not None
    }
    return found | {"diagnostics": json.dumps(data.get("diagnostics", {})), "inference_library": "nesy"}
