"""Have chains mixed? Rank-normalised split R̂ and effective sample sizes (Vehtari, Gelman, Simpson, Carpenter,
Bürkner 2021), on tensors ``[draws, chains]``."""

from __future__ import annotations

import torch
from torch import Tensor


def split_chains(values: Tensor) -> Tensor:
    """Each chain as two halves."""
    half = len(values) // 2
    return torch.cat([values[:half], values[-half:]], 1)


def _ranked(values: Tensor) -> Tensor:
    """Normal scores of the ranks of all values."""
    flat = values.reshape(-1)
    order = flat.argsort().argsort().to(flat.dtype)
    scores: Tensor = torch.special.ndtri((order + 1 - 0.375) / (len(flat) + 0.25))
    return scores.reshape(values.shape)


def _ratio(values: Tensor) -> float:
    """√((between + within) / within) of chains."""
    draws = len(values)
    within = values.var(0).mean()
    between = draws * values.mean(0).var()
    if float(within) <= 0:
        return 1.0 if float(between) <= 0 else float("inf")
    return float((((draws - 1) / draws * within + between / draws) / within).sqrt())


def rhat(values: Tensor) -> float:
    """The greater one of the R̂ of location and of spread; 1 for perfect mixing."""
    halves = split_chains(values)
    folded = (halves - halves.median()).abs()
    return max(_ratio(_ranked(halves)), _ratio(_ranked(folded)))


def effective(values: Tensor) -> float:
    """The bulk effective sample size: Geyer's initial monotone sequence on ranked split chains."""
    return _effective(_ranked(split_chains(values)))


def effective_mean(values: Tensor) -> float:
    """The effective sample size for the mean itself: the same without ranks."""
    return _effective(split_chains(values))


def _effective(chains: Tensor) -> float:
    draws, number = chains.shape
    within = chains.var(0).mean()
    if float(within) <= 0 or draws < 4:
        return float(draws * number)
    variance = (draws - 1) / draws * within + chains.mean(0).var()
    covariance = _autocovariance(chains).mean(1)
    correlation = 1 - (within - covariance * draws / (draws - 1)) / variance
    correlation[0] = 1.0
    pairs = correlation[: 2 * (draws // 2)].reshape(-1, 2).sum(1)
    stop = (pairs <= 0).nonzero()
    pairs = pairs[: int(stop[0]) if len(stop) else len(pairs)]
    pairs = torch.cummin(pairs, 0).values
    spread = max(float(2 * pairs.sum() - 1), 1 / (draws * number) ** 0.5)
    return float(min(draws * number / spread, draws * number * torch.log10(torch.tensor(draws * number * 1.0))))


def _autocovariance(chains: Tensor) -> Tensor:
    """The autocovariance of each chain at every lag, by the fast Fourier transform."""
    draws = len(chains)
    centred = chains - chains.mean(0)
    size = 1 << (2 * draws - 1).bit_length()
    spectrum = torch.fft.rfft(centred, size, dim=0)
    found: Tensor = torch.fft.irfft((spectrum * spectrum.conj()).real, size, dim=0)[:draws] / draws
    return found
