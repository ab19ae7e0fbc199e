"""Layer normalisation over the channels of a channels-first map."""

from __future__ import annotations

from torch import Tensor, nn


class ChannelLayerNorm(nn.LayerNorm):
    """nn.LayerNorm over axis 1, as ConvNeXt uses it; keys stay weight and bias."""

    def forward(self, input: Tensor) -> Tensor:
        """[B, C, *S] to the same shape."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)
