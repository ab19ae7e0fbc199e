"""The check that a design takes the data of a learning check, made on the Graph before anything is run."""

from __future__ import annotations

from math import isqrt

from archspec.errors import DataMismatchError
from archspec.ir.graph import Graph
from archspec.ir.types import ValueType, show_shape

DIGITS, SHAPES, CHARACTERS = 10, 4, 128  # numbers of classes
SMALLEST = {"digits": 8, "shapes": 16}  # the least height and width
LONGEST = 4_096  # characters; the text held out has more than three times as many


def refuse_unfit(graph: Graph, data: str) -> None:
    """Raise DataMismatchError unless a design takes the data's examples and returns scores for them."""
    if len(graph.inputs) != 1 or len(graph.output_types) != 1:
        counts = f"{graph.name} has {len(graph.inputs)} and {len(graph.output_types)}"
        raise DataMismatchError(f"{data} needs a design with one input and one output; {counts}")
    input_type, output_type = graph.inputs[0][1], graph.output_types[0]
    refuse = {"digits": _digits, "shapes": _shapes, "text": _text}[data]
    refuse(
        input_type,
        output_type,
        f"the input of {graph.name} is {_describe(input_type)}, its output {_describe(output_type)}",
    )


def _digits(input_type: ValueType, output_type: ValueType, fact: str) -> None:
    flat = (
        input_type.kind == "vector"
        and isqrt(input_type.channels) ** 2 == input_type.channels >= SMALLEST["digits"] ** 2
    )
    if not flat and not _is_picture(input_type, "digits"):
        raise DataMismatchError(
            "digits needs an input that is a picture of 1 or 3 channels of at least 8x8, or a vector of the pixels"
            f" of a square one (64, 784); {fact}"
        )
    if output_type.kind != "vector" or output_type.channels < DIGITS:
        raise DataMismatchError(f"digits needs an output that is a vector of at least {DIGITS} scores; {fact}")


def _shapes(input_type: ValueType, output_type: ValueType, fact: str) -> None:
    if not _is_picture(input_type, "shapes"):
        raise DataMismatchError(f"shapes needs an input that is a picture of 1 or 3 channels of at least 16x16; {fact}")
    if output_type.kind != "map" or output_type.shape != (SHAPES, *input_type.spatial):
        wanted = show_shape((SHAPES, *input_type.spatial))
        raise DataMismatchError(
            f"shapes needs an output of {wanted}: a score for the background, discs, rectangles and triangles at each"
            f" pixel; {fact}"
        )


def _text(input_type: ValueType, output_type: ValueType, fact: str) -> None:
    (length,) = input_type.shape if len(input_type.shape) == 1 else (0,)
    ids = (input_type.range or 0) >= CHARACTERS
    if input_type.kind != "ids" or not ids or not isinstance(length, int) or not 2 <= length <= LONGEST:
        raise DataMismatchError(
            f"text needs an input of 2 to {LONGEST} ids with a range of at least {CHARACTERS}, the characters of ASCII;"
            f" {fact}"
        )
    if output_type.kind != "tokens" or output_type.shape[0] != length or output_type.channels < CHARACTERS:
        raise DataMismatchError(
            f"text needs an output of at least {CHARACTERS} scores at each of the {length} positions; {fact}"
        )


def _is_picture(input_type: ValueType, data: str) -> bool:
    sizes = input_type.spatial
    large = all(isinstance(size, int) and size >= SMALLEST[data] for size in sizes)
    return input_type.kind == "map" and len(sizes) == 2 and large and input_type.channels in (1, 3)


def _describe(item: ValueType) -> str:
    limit = f" below {item.range}" if item.range else ""
    return f"{item.kind} {show_shape(item.shape)}".rstrip() + limit
