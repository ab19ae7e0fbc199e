"""Root mean square normalisation over the channels of a channels-first map."""

from __future__ import annotations

from torch import Tensor, nn


class ChannelRMSNorm(nn.RMSNorm):
    """nn.RMSNorm over axis 1; its key stays weight."""

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, *S] to the same shape."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
