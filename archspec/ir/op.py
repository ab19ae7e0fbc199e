"""What every op is: typed attributes, ports, a shape rule, its tensors and its cost. No torch in here."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, dataclass_transform

from msgspec import NODEFAULT, Struct, StructMeta

from archspec.ir.parameters import Attribute, Parameter, attribute
from archspec.ir.sizes import Condition, Dim, at_least
from archspec.ir.types import ValueType, show_shape

if TYPE_CHECKING:
    from archspec.tracing.arrays import Array
    from archspec.tracing.tape import Tape, TracedOp


class ShapeError(Exception):
    """An op that cannot take its inputs: a lint code, what is wrong, and what to do."""

    def __init__(self, code: str, message: str, hint: str = "", argument: str | None = None) -> None:
        self.code, self.message, self.hint, self.argument = code, message, hint, argument
        super().__init__(message)


ONE = Fraction(1)


@cache
def ratio(numerator: int, denominator: int = 1) -> Fraction:
    """The Fraction of two ints, made once: strides are few, asked for at every layer, and slow to make."""
    return ONE if numerator == denominator else Fraction(numerator, denominator)


Check = Callable[[bool | Condition, ShapeError], None]
"""How a shape rule says what must hold. On ints it raises; on free sizes it collects the condition."""


def raise_unless(condition: bool | Condition, error: ShapeError) -> None:
    """The Check for concrete shapes."""
    if condition is not True:
        raise error


class Port(Struct, frozen=True):
    """A named input. A variadic one takes a list of references; an optional one may be left out."""

    name: str
    optional: bool = False
    variadic: bool = False


class Tensor(Struct, frozen=True):
    """A tensor that an op owns: its name in the state_dict, its shape, and how it is counted.

    `role` is "parameter" (learned), "buffer" (kept in the state_dict, not learned; counters included).
    """

    name: str
    shape: tuple[int, ...]
    role: Literal["parameter", "buffer"] = "parameter"

    @property
    def elements(self) -> int:
        total = 1
        for size in self.shape:
            total *= size
        return total


@dataclass_transform(frozen_default=True, field_specifiers=(attribute,))
class OpMeta(StructMeta):
    """Makes a frozen Struct of a class of ops and lists its attributes as Parameters.

    A Struct, not a dataclass: it costs a fortieth to define, and ops are made for every layer.
    """

    parameters: tuple[Parameter, ...]

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> OpMeta:
        declared = {key: value.named(key) for key, value in namespace.items() if isinstance(value, Attribute)}
        defaults = {key: NODEFAULT if p.required else p.default for key, p in declared.items()}
        config.setdefault("frozen", True)
        made = super().__new__(mcls, name, bases, {**namespace, **defaults}, **config)
        inherited = {p.name: p for base in bases for p in getattr(base, "parameters", ())}
        made.parameters = tuple({**inherited, **declared}.values())
        return made


class Op(Struct, metaclass=OpMeta):
    """Base of all ops. Subclasses declare their attributes with `attribute(...)` and are immutable values."""

    ports: ClassVar[tuple[Port, ...]] = (Port("x"),)
    bare: ClassVar[bool] = False  # its name is the key of its one tensor (scale, parameter, position_embedding)

    kind: ClassVar[str] = ""  # the op's name in the language: the file's name
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__module__.rpartition(".")[2]

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        """Input types to output types; `check(condition, error)` for whatever must hold of sizes."""
        raise NotImplementedError

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        """The tensors that the op owns, in the order of torch's state_dict."""
        return ()

    def pinned(self, inputs: tuple[ValueType, ...]) -> tuple[Dim, ...]:
        """Sizes that a built module bakes in (a linear layer's input): it runs only where they have the same value."""
        return ()

    @property
    def fill(self) -> tuple[str, float] | None:
        """How a bare op's tensor starts: ("zeros", 0), ("constant", value) or ("normal", standard deviation)."""
        return None

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Multiply-accumulates of conv, linear and matmul for one sample, bias not counted."""
        return 0

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        """Floating point operations that are not MACs (bias, norm, activation, pooling, add), one sample."""
        return 0

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        """Its outputs in training mode, the operations that make them and what they keep written on the tape."""
        raise NotImplementedError

    def strides(self, inputs: tuple[ValueType, ...], port: int) -> tuple[Fraction, ...] | None:
        """For each spatial axis, by how much the map shrinks from that input to the output; None: not a map any more,
        or not tied to that input. The default: not at all."""
        return (ONE,) * len(inputs[port].spatial_axes)


def given(inputs: tuple[ValueType, ...], port: int) -> ValueType | None:
    """The input at a port, or None where the optional port is left out (UNKNOWN, or the list ends before it)."""
    return inputs[port] if port < len(inputs) and inputs[port].known else None


def per_axis(value: int | tuple[int, ...], rank: int, name: str) -> tuple[int, ...]:
    """One value for each of `rank` axes, from one int or a list of as many."""
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise ShapeError("SPC002", f"{name} has {len(value)} values, but the map has {rank} axes", argument=name)
    return value


TO_MAP = {
    "tokens": "to_map makes tokens a map again",
    "vector": "unflatten: [C, H, W] makes a vector a map",
    "ids": "an embedding makes ids tokens",
}


def require_map(op: Op, x: ValueType, ranks: tuple[int, ...] = (1, 2, 3)) -> int:
    """The number of spatial axes of a channels-first map; an error in words for anything else."""
    if x.kind != "map":
        hint = TO_MAP.get(x.kind, "take another value with `from: name`")
        raise ShapeError("SHP010", f"{op.kind} needs a map [C, H, W], but gets {x.kind} [{x}]", hint)
    if x.channel_axis != 0:
        raise ShapeError("SHP010", f"{op.kind} needs the channels first, but gets a permuted map [{x}]", "permute back")
    rank = len(x.shape) - 1
    if rank not in ranks:
        raise ShapeError("SHP010", f"{op.kind} does not work on a map with {rank} spatial axes [{x}]")
    return rank


def require_positive(op: Op, spatial: tuple[Dim, ...], x: ValueType, check: Check) -> None:
    """Every output size must be at least 1 (SHP006)."""
    for size in spatial:
        if isinstance(size, int) and size >= 1:
            continue  # most often, and without the cost of a message
        message = f"{op.kind} leaves nothing: the input {x} would become {show_shape((x.channels, *spatial))}"
        check(at_least(size, 1), ShapeError("SHP006", message, "use a smaller kernel or stride, or a larger input"))
