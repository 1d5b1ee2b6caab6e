"""The probability of a sum written by hand: digits by convolution, a carry from place to place, in plain torch."""

from __future__ import annotations

import torch
from torch import Tensor


class ByHand:
    """P(the sum of two numbers with k digits is what it is), for batches, as one would write it for this alone."""

    def __init__(self, k: int, dtype: torch.dtype = torch.float64) -> None:
        self.k = k
        places = torch.arange(10)
        sums = (places[:, None] + places[None]).flatten()
        self.pairs = torch.nn.functional.one_hot(sums, 19).to(dtype)  # [100, 19]

    def log_probability(self, digits: Tensor, total: Tensor) -> Tensor:
        """``digits`` ``[batch, 2k, 10]``, most significant first; ``total`` ``[batch, k + 1]``, digits of the sum."""
        batch, k = len(digits), self.k
        both = digits[:, :k, :, None] * digits[:, k:, None, :]
        sums = both.reshape(batch, k, 100) @ self.pairs
        padded = torch.nn.functional.pad(sums, (1, 2))  # [batch, k, 22], from −1 on
        carried = torch.tensor([0, -1])  # in
        carrying = torch.tensor([0, 10])  # out
        places = total[:, 1:, None, None] + carrying[:, None] - carried.neg()[None] + 1
        steps = padded.gather(2, places.reshape(batch, k, 4)).reshape(batch, k, 2, 2)  # [out, in]
        carry = steps[:, k - 1, :, :1]
        scale = digits.new_zeros(batch)
        for place in range(k - 2, -1, -1):
            carry = steps[:, place] @ carry
            if place % 8 == 0:
                largest = carry.detach().amax((1, 2))
                scale = scale + largest.log()
                carry = carry / largest[:, None, None]
        return carry[:, :, 0].gather(1, total[:, :1])[:, 0].log() + scale
