"""Which designs some data fits: read from the Graph, before anything is run."""

from __future__ import annotations

from math import isqrt

from archspec.errors import DataMismatchError
from archspec.ir.graph import Graph
from archspec.ir.types import ValueType, show_shape

DIGITS, SHAPES, CHARACTERS = 10, 4, 128  # how many classes each has
SMALLEST = {"digits": 8, "shapes": 16}  # the least height and width
LONGEST = 4_096  # characters: as many as the chapter held out has, twice over


def refuse_unfit(graph: Graph, data: str) -> None:
    """Raise DataMismatchError unless a design takes the data's examples and returns scores for them."""
    if len(graph.inputs) != 1 or len(graph.output_types) != 1:
        counts = f"{graph.name} has {len(graph.inputs)} and {len(graph.output_types)}"
        raise DataMismatchError(f"{data} needs a design with one input and one output; {counts}")
    given, found = graph.inputs[0][1], graph.output_types[0]
    refuse = {"digits": _digits, "shapes": _shapes, "text": _text}[data]
    refuse(given, found, f"the input of {graph.name} is {_told(given)}, its output {_told(found)}")


def _digits(given: ValueType, found: ValueType, fact: str) -> None:
    flat = given.kind == "vector" and isqrt(given.channels) ** 2 == given.channels >= SMALLEST["digits"] ** 2
    if not flat and not _is_picture(given, "digits"):
        raise DataMismatchError(
            "digits needs an input that is a picture of 1 or 3 channels of at least 8x8, or a vector of the pixels"
            f" of a square one (64, 784); {fact}"
        )
    if found.kind != "vector" or found.channels < DIGITS:
        raise DataMismatchError(f"digits needs an output that is a vector of at least {DIGITS} scores; {fact}")


def _shapes(given: ValueType, found: ValueType, fact: str) -> None:
    if not _is_picture(given, "shapes"):
        raise DataMismatchError(f"shapes needs an input that is a picture of 1 or 3 channels of at least 16x16; {fact}")
    if found.kind != "map" or found.shape != (SHAPES, *given.spatial):
        wanted = show_shape((SHAPES, *given.spatial))
        raise DataMismatchError(
            f"shapes needs an output of {wanted}: a score for the background, discs, rectangles and triangles at each"
            f" pixel; {fact}"
        )


def _text(given: ValueType, found: ValueType, fact: str) -> None:
    (length,) = given.shape if len(given.shape) == 1 else (0,)
    ids = (given.range or 0) >= CHARACTERS
    if given.kind != "ids" or not ids or not isinstance(length, int) or not 2 <= length <= LONGEST:
        raise DataMismatchError(
            f"text needs an input of 2 to {LONGEST} ids with a range of at least {CHARACTERS}, the characters of ASCII;"
            f" {fact}"
        )
    if found.kind != "tokens" or found.shape[0] != length or found.channels < CHARACTERS:
        raise DataMismatchError(
            f"text needs an output of at least {CHARACTERS} scores at each of the {length} positions; {fact}"
        )


def _is_picture(given: ValueType, data: str) -> bool:
    sizes = given.spatial
    large = all(isinstance(size, int) and size >= SMALLEST[data] for size in sizes)
    return given.kind == "map" and len(sizes) == 2 and large and given.channels in (1, 3)


def _told(item: ValueType) -> str:
    limit = f" below {item.range}" if item.range else ""
    return f"{item.kind} {show_shape(item.shape)}".rstrip() + limit
