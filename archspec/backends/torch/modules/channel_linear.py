"""A linear layer over the channels of a channels-first map."""

from __future__ import annotations

from torch import Tensor, nn


class ChannelLinear(nn.Linear):
    """nn.Linear over axis 1; keys stay weight [out, in] and bias [out]."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, *S] to [B, C', *S]."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)
