"""The base of ops: typed attributes, ports, a shape rule, tensors, cost and traits. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf, prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, dataclass_transform

from msgspec import NODEFAULT, Struct, StructMeta

from archspec.ir.parameters import Attribute, Parameter, attribute
from archspec.ir.sizes import Condition, Dim
from archspec.ir.types import ValueType

if TYPE_CHECKING:
    from archspec.ir.windows import ReadWindows, WindowGeometry
    from archspec.tracing.arrays import Array
    from archspec.tracing.tape import Tape, TracedOp

WorkKind = Literal["matmul", "convolution", "pointwise", "grouped", "depthwise", "attention"]
"""The kinds of MACs that libraries have kernels of their own for, at speeds of their own."""

ONE = Fraction(1)


class ShapeError(Exception):
    """The error of a shape rule: a lint code, what is wrong, what to do, and the argument at fault."""

    def __init__(self, code: str, message: str, hint: str = "", argument: str | None = None) -> None:
        self.code, self.message, self.hint, self.argument = code, message, hint, argument
        super().__init__(message)


Check = Callable[[bool | Condition, ShapeError], None]
"""A function that requires a condition: on ints it raises the error, on free sizes it collects the condition."""


def raise_unless(condition: bool | Condition, error: ShapeError) -> None:
    """Raise the error unless the condition holds: the Check for concrete shapes."""
    # A Condition is undecided: concrete shapes decide every check, so that only True passes.
    if condition is not True:
        raise error


class Port(Struct, frozen=True):
    """A named input. A variadic one takes a list of references; an optional one may be left out.

    shape_only: the op reads the sizes of the value at this port, and none of its numbers (`like` of a resize).
    """

    name: str
    optional: bool = False
    variadic: bool = False
    shape_only: bool = False


class Tensor(Struct, frozen=True):
    """A tensor that an op owns: its name in the state_dict, its shape, and how it is counted.

    `role` is "parameter" (learned), "buffer" (kept in the state_dict, not learned; counters included).
    """

    name: str
    shape: tuple[int, ...]
    role: Literal["parameter", "buffer"] = "parameter"

    @property
    def elements(self) -> int:
        return prod(self.shape)


@dataclass_transform(frozen_default=True, field_specifiers=(attribute,))
class OpMeta(StructMeta):
    """Metaclass of ops: a frozen Struct whose attributes are listed as Parameters.

    A Struct, not a dataclass: it costs a fortieth to define, and ops are made for every layer.
    """

    parameters: tuple[Parameter, ...]

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> OpMeta:
        declared = {key: value.named(key) for key, value in namespace.items() if isinstance(value, Attribute)}
        defaults = {key: NODEFAULT if p.required else p.default for key, p in declared.items()}
        config.setdefault("frozen", True)
        made = super().__new__(mcls, name, bases, {**namespace, **defaults}, **config)
        # A subclass may redeclare an attribute; the base's others come first, as in a dataclass.
        inherited = {p.name: p for base in bases for p in getattr(base, "parameters", ())}
        made.parameters = tuple({**inherited, **declared}.values())
        return made


class Op(Struct, metaclass=OpMeta):
    """Base of all ops. Subclasses declare their attributes with `attribute(...)` and are immutable values.

    The class variables are traits: what the linter, the analyses and the backends need to know of an op, so that none
    of them keeps a list of ops. Each default is the safe answer of an op about which nothing is known.
    """

    kind: ClassVar[str] = ""  # the op's name in the language: by default its file's name
    family: ClassVar[str] = ""  # the module of archspec/backends/torch/emit/ that has its emitter
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    ports: ClassVar[tuple[Port, ...]] = (Port("x"),)
    bare: ClassVar[bool] = False  # its name is the key of its one tensor (scale, parameter, position_embedding)

    # Traits: what it computes.

    is_convolution: ClassVar[bool] = False  # a kernel of weights over a map, transposed or not
    is_weighted: ClassVar[bool] = False  # a learned `weight`, kernel or matrix, times the input, plus `bias`
    is_lookup: ClassVar[bool] = False  # reads some rows of its weight, not all of it
    is_norm: ClassVar[bool] = False
    subtracts_mean: ClassVar[bool] = False  # of each channel by itself, so that a bias before it has no effect
    is_activation: ClassVar[bool] = False  # a nonlinear function of each element
    is_rectifier: ClassVar[bool] = False  # an activation like relu: grows as x where x > 0, flat or small where x < 0
    is_merge: ClassVar[bool] = False  # joins paths: it reads all of its inputs at the same positions
    multiplies_inputs: ClassVar[bool] = False  # with one another: one may weight or gate the other
    pooling: ClassVar[Literal["", "window", "adaptive", "global"]] = ""
    has_window: ClassVar[bool] = False  # slides one window over a map: see geometry()
    upsamples: ClassVar[bool] = False  # is there to make maps larger
    requires_channels_first: ClassVar[bool] = False  # refuses maps [*S, C]
    is_pointwise: ClassVar[bool] = False  # each position of the output depends on that position of the input only

    # Traits: the numbers that it gives.

    output_range: ClassVar[tuple[float, float]] = (-inf, inf)  # all of them lie in it, for any input
    keeps_range: ClassVar[bool] = False  # they lie between the smallest and the largest that it gets
    is_passthrough: ClassVar[bool] = False  # they are those it gets, some perhaps zeroed and the others rescaled
    scales_input: ClassVar[bool] = False  # they are those of its first input times factors, so that zeros stay zeros

    # Traits: training.

    training_only: ClassVar[bool] = False  # gives its input unchanged in eval mode
    inplace_safe: ClassVar[bool] = False  # torch's module has `inplace`, and its gradient needs no more than the result
    output_overwritable: ClassVar[bool] = False  # gives fresh memory, which its own gradient does not read

    # Traits: the language.

    width_argument: ClassVar[str] = ""  # the attribute that sets how many channels come out
    renamable_tensors: ClassVar[bool] = False  # takes `keys:`; its emitter has a functional form

    def __init_subclass__(cls) -> None:
        if "kind" not in cls.__dict__:
            cls.kind = cls.__module__.rpartition(".")[2]

    # Shapes.

    @property
    def broadcasts(self) -> bool:
        """Whether an axis of size 1 of an input stretches to that of another."""
        return False

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        """Return the output types of these input types; call `check(condition, error)` for what must hold of sizes."""
        raise NotImplementedError

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        """Return the tensors that the op owns, in the order of torch's state_dict."""
        return ()

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        """Return the sizes that a built module bakes in (a linear layer's input): it runs only where they are equal."""
        return ()

    @property
    def fill(self) -> tuple[str, float] | None:
        """The initial values of a bare op's tensor: ("zeros", 0), ("constant", value) or ("normal", deviation)."""
        return None

    def geometry(self, sizes: tuple[Dim, ...]) -> WindowGeometry:
        """Return padding, kernel, stride and dilation on a map of these sizes; for ops with `has_window` only."""
        raise NotImplementedError

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        """Return by how much each spatial axis shrinks from an input to the output; by default not at all.

        None where the output is no map, or where its size does not follow from that input's.
        """
        return (ONE,) * len(inputs[port].spatial_axes)

    # What depends on what.

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows | None:
        """Return the positions that each output position reads of the inputs.

        None where that is not known: analyses then assume all of the input, and report it as a bound. Not called for
        ops with `is_pointwise` or `is_merge`.
        """
        return None

    def weight_groups(self, x: ValueType) -> int:
        """Return into how many groups the weight divides the input's channels; 1: it sees all of them together."""
        return 1

    def is_depthwise(self, x: ValueType) -> bool:
        """Return whether the weight works on each of several channels alone."""
        return self.weight_groups(x) == x.channels > 1

    def mixes_channels(self, x: ValueType) -> bool:
        """Return whether what it makes of one channel depends on others, or on which channel it is."""
        return False

    def values_per_statistic(self, x: ValueType) -> int:
        """Return how many values of one sample a norm's mean and variance are taken over; 0 where that is no matter."""
        return 0

    def residual_ports(self, count: int) -> tuple[int, tuple[int, ...]]:
        """Return the port of a residual's body and those of its shortcut where this op merges `count` values."""
        return 0, tuple(range(1, count))

    # Cost.

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Return the multiply-accumulates of conv, linear and matmul for one sample, bias not counted."""
        return 0

    def backward_macs(
        self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...], needs_grad: tuple[bool | None, ...]
    ) -> int:
        """Return the MACs of the gradients for one sample; `needs_grad` by input, None for one left out.

        By default as many as forward for the weight, and as many again for the first input if it needs a gradient.
        """
        # Two products of the forward's size: with the input for the weight's gradient, with the weight for the input's.
        forward = self.macs(inputs, outputs)
        return forward * (1 + bool(needs_grad[0])) if forward else 0

    def weight_uses(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Return how often each element of the weight is used for one sample; by default once for each row."""
        return outputs[0].elements // max(1, outputs[0].channels)

    def work_kind(self, x: ValueType) -> WorkKind:
        """Return the kind of its MACs."""
        return "matmul"

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Return the floating point operations that are not MACs (bias, norm, activation, pooling), one sample."""
        return 0

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        """Return the outputs in training mode; write the operations that make them, and what they save, on the tape."""
        raise NotImplementedError
