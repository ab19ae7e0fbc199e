"""A device's profile, read from YAML: how much it computes and moves per second."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from archspec.ir.op import WorkKind
from archspec.language.nodes import SPAN, Flag, Items, Model, Text, collect_fields, unexpected, validation_error
from archspec.source import Mapping, Scalar

Dtype = Literal["float32", "bfloat16", "float16"]
Precision = Literal["float32", "tf32", "bfloat16", "float16"]

DTYPES: tuple[Dtype, ...] = ("float32", "bfloat16", "float16")
PRECISIONS: tuple[Precision, ...] = ("float32", "tf32", "bfloat16", "float16")
WORK: tuple[WorkKind, ...] = ("matmul", "convolution", "pointwise", "grouped", "depthwise", "attention")
CONVOLUTIONS: tuple[WorkKind, ...] = ("convolution", "pointwise", "grouped", "depthwise")


def _number(tree: Any, wanted: str, most: float) -> float:
    value = tree.value if isinstance(tree, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most:
        raise unexpected(tree, wanted, hint="write the number itself, such as 0.5 or 3350")
    return float(value)


def _positive(tree: Any) -> float:
    return _number(tree, "a number above 0", 1e12)


def _share(tree: Any) -> float:
    return _number(tree, "a number above 0 and at most 1", 1.0)


Positive = Annotated[float, BeforeValidator(_positive)]
UnitShare = Annotated[float, BeforeValidator(_share)]  # above 0 and at most 1


class Peak(Model):
    """The most additions and multiplications, in 10^12 a second, by precision and without sparsity."""

    float32: Positive
    tf32: Positive | None = None
    bfloat16: Positive | None = None
    float16: Positive | None = None


class Shares(Model):
    """The share of the peak that a kind of work reaches: one number, or one for each precision."""

    float32: UnitShare | None = None
    tf32: UnitShare | None = None
    bfloat16: UnitShare | None = None
    float16: UnitShare | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        # One number is short for the same share in every precision.
        if isinstance(data, Scalar):
            return {**dict.fromkeys(PRECISIONS, data), SPAN: data.span}
        if not isinstance(data, Mapping):
            raise unexpected(data, "a number, or a mapping of precisions to numbers")
        return collect_fields(cls, data)


class Efficiency(Model):
    """The share of the peak that each kind of work reaches.

    pointwise: convolutions of kernel 1. depthwise: each channel by itself; grouped: all other groups.
    """

    matmul: Shares
    convolution: Shares
    pointwise: Shares
    grouped: Shares
    depthwise: Shares
    attention: Shares


class Backward(Model):
    """The time of the product for one gradient as a multiple of the forward operation's; by default 1."""

    matmul: Positive = 1.0
    convolution: Positive = 1.0
    pointwise: Positive = 1.0
    grouped: Positive = 1.0
    depthwise: Positive = 1.0
    attention: Positive = 1.0


class Cache(Model):
    """The bandwidth of memory for an operation that touches no more than a cache's size."""

    mebibytes: Positive
    gigabytes_per_second: Positive


class MemoryRates(Model):
    """The bandwidth of memory; `efficiency` is the share of `gigabytes_per_second` that an operation reaches."""

    gigabytes_per_second: Positive
    efficiency: UnitShare = 1.0
    caches: Annotated[tuple[Cache, ...], Items] = ()

    @model_validator(mode="after")
    def _in_order(self) -> MemoryRates:
        """Check that larger caches are slower, else more bytes would take less time."""
        hint = "list the caches from the smallest and fastest to the largest, all of them faster than the memory"
        for smaller, larger in pairwise(self.caches):
            if larger.mebibytes <= smaller.mebibytes or larger.gigabytes_per_second > smaller.gigabytes_per_second:
                raise validation_error(
                    larger, "this cache is not larger and slower than the one before it", "SPC002", hint
                )
        if self.caches and self.caches[-1].gigabytes_per_second < self.gigabytes_per_second * self.efficiency:
            raise validation_error(self.caches[-1], "this cache is slower than the memory behind it", "SPC002", hint)
        return self

    def seconds(self, size: float) -> float:
        """Return how long moving some bytes takes."""
        # Caches are sorted by size: the first that holds the bytes is the fastest.
        fitting = (cache.gigabytes_per_second for cache in self.caches if size <= cache.mebibytes * 2**20)
        return size / (next(fitting, self.gigabytes_per_second * self.efficiency) * 1e9)


class Launch(Model):
    """The fixed cost of each operation.

    overlaps: the next operation is prepared while the last one still runs, as on a GPU.
    """

    microseconds: Positive
    convolution_microseconds: Positive | None = None
    overlaps: Flag = False


class DeviceProfile(Model):
    """The figures of a device. Pooling windows count as elementwise if they have no figure of their own."""

    name: Text
    source: Text
    about: Text | None = None
    peak_teraflops: Peak
    efficiency: Efficiency
    backward: Backward | None = None
    elementwise_teraflops: Positive
    pooling_teraflops: Positive | None = None
    memory: MemoryRates
    launch: Launch

    def precision(self, work: WorkKind, dtype: Dtype) -> Precision:
        """Return the precision of a kind of work: torch lets convolutions in float32 use TF32, but not matmuls."""
        # torch.backends.cudnn.allow_tf32 is true by default, torch.backends.cuda.matmul.allow_tf32 is not.
        return "tf32" if dtype == "float32" and work in CONVOLUTIONS and self.peak_teraflops.tf32 else dtype

    def flops(self, work: WorkKind, dtype: Dtype) -> float:
        """Return the operations per second of a kind of work; raises ValueError if the profile has no figure."""
        precision = self.precision(work, dtype)
        peak, share = getattr(self.peak_teraflops, precision), getattr(getattr(self.efficiency, work), precision)
        if peak is None or share is None:
            what = precision if peak is None else f"{work} in {precision}"
            there = ", ".join(name for name in DTYPES if getattr(self.peak_teraflops, name) is not None)
            raise ValueError(f"the profile of {self.name} has no figure for {what}; it knows {there}")
        return float(peak * share * 1e12)

    def backward_factor(self, work: WorkKind) -> float:
        """Return how many times as long as the forward operation the product for one gradient takes."""
        return 1.0 if self.backward is None else float(getattr(self.backward, work))

    def launch_seconds(self, work: WorkKind | None) -> float:
        """Return the fixed cost of an operation."""
        more = self.launch.convolution_microseconds if work in CONVOLUTIONS else None
        return (more or self.launch.microseconds) * 1e-6
