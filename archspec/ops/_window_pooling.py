"""Pooling with a sliding window: what max_pool and avg_pool share."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from archspec.ir.axes import per_axis, ratio
from archspec.ir.op import Check, Op, ShapeError
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim, indicator
from archspec.ir.types import ValueType
from archspec.ir.windows import ReadWindows, WindowGeometry, sliding_windows
from archspec.ops._requirements import require_map, require_positive
from archspec.ops.conv import resolve_padding, same_depends_on_size, same_padding


class Pool(Op):
    """A window of `kernel` moved by `stride` (by its own size if that is null) over a channels-first map."""

    family = "pooling"
    pooling = "window"
    has_window = True
    requires_channels_first = True
    keeps_range = True

    kernel: int | tuple[int, ...] = attribute("axes", main=True, ge=1)
    stride: int | tuple[int, ...] | None = attribute("axes", None, ge=1, nullable=True, about="null: the kernel")
    padding: int | tuple[int, ...] | str = attribute(
        "axes",
        "auto",
        ge=0,
        words=("auto", "same"),
        about="auto: 1 for {kernel: 3, stride: 2}, where torch's default is 0; "
        "same: TensorFlow's, which no window takes or counts",
    )
    ceil: bool = attribute("bool", False, about="a last, partial window counts")

    def dilations(self, rank: int) -> tuple[int, ...]:
        """Return the step between a window's elements, for each axis."""
        return (1,) * rank

    def window(self, rank: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Return kernel, stride and dilation for each of so many axes."""
        kernel = per_axis(self.kernel, rank, "kernel")
        # torch's default, too: windows that do not overlap.
        stride = kernel if self.stride is None else per_axis(self.stride, rank, "stride")
        return kernel, stride, self.dilations(rank)

    def geometry(self, sizes: tuple[Dim, ...]) -> WindowGeometry:
        window = self.window(len(sizes))
        if self.padding == "same":
            return tuple(same_padding(*axis) for axis in zip(sizes, *window, strict=True)), *window
        return resolve_padding(self.padding, *window), *window

    def even_padding(self, rank: int) -> tuple[int, ...] | None:
        """Return the padding as torch's pools take it, one number for both sides of an axis.

        None where `same` depends on the map's size, differs between the sides, or is more than half of the kernel.
        """
        kernel, stride, dilation = self.window(rank)
        pairs = resolve_padding(self.padding, kernel, stride, dilation)
        if self.padding == "same":
            for (before, after), k, s in zip(pairs, kernel, stride, strict=True):
                if same_depends_on_size(k, s) or before != after or after > k // 2:
                    return None
        return tuple([before for before, _ in pairs])

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        kernel, stride, dilation = self.window(require_map(self, x))
        pairs = resolve_padding(self.padding, kernel, stride, dilation)
        spatial: list[Dim] = []
        for n, (p, _), k, s, d in zip(x.spatial, pairs, kernel, stride, dilation, strict=True):
            if self.padding == "same":
                spatial.append((n + (s - 1)) // s)
                continue
            if p > k // 2:  # as torch checks it, without the dilation
                message = f"padding {p} is more than half of the kernel {k}"
                raise ShapeError("CNV007", message, "use a smaller padding", "padding")
            spatial.append(pooled(n, p, k, s, d, self.ceil))
        require_positive(self, tuple(spatial), x, check)
        return (x.with_spatial(tuple(spatial)),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return sliding_windows(self.geometry(inputs[0].spatial))

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return outputs[0].elements * prod(per_axis(self.kernel, len(inputs[0].spatial_axes), "kernel"))

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        _, stride, _ = self.window(len(inputs[port].spatial_axes))
        return tuple(ratio(s) for s in stride)


def pooled(size: Dim, padding: int, kernel: int, stride: int, dilation: int, ceil: bool) -> Dim:
    """Return the number of windows along one axis, as PyTorch counts them."""
    reach = size + (2 * padding - dilation * (kernel - 1) - 1)
    if not ceil:
        return reach // stride + 1
    windows = (reach + (stride - 1)) // stride + 1
    # PyTorch drops a last window that would start in the padding on the far side.
    return windows - indicator((windows - 1) * stride, size + padding)
