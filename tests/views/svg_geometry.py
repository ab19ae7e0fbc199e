"""The places of boxes, words and lines in a picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from archspec.views.text_width import text_width

SVG = "{http://www.w3.org/2000/svg}"


def titles(svg: bytes) -> list[str]:
    return [title.text or "" for title in ElementTree.fromstring(svg).iter(f"{SVG}title")]


def outline(group: ElementTree.Element) -> tuple[float, float, float, float]:
    """Return the box that is drawn around a node's label."""
    path = next(group.iter(f"{SVG}path"))
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def words(group: ElementTree.Element, share: float = 0.8) -> list[tuple[float, float, float, float]]:
    """Return about where the lines of a label are: a share of their width in the widest font; most are narrower."""
    size = float(next(group.iter(f"{SVG}text")).get("font-size", "12"))
    found = []
    for text in group.iter(f"{SVG}text"):
        half = 0.5 * share * size * text_width((text.text or "").strip())
        x, y = float(text.get("x", "0")), float(text.get("y", "0"))
        found.append((x - half, y - 0.6 * size, x + half, y))
    return found


def inside(text: tuple[float, ...], box: tuple[float, ...]) -> bool:
    return box[0] < text[0] and box[1] < text[1] and text[2] < box[2] and text[3] < box[3]


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def way(group: ElementTree.Element, steps: int = 10) -> list[tuple[float, float]]:
    """Return points on an edge's line, which is a row of cubic curves."""
    text = next(group.iter(f"{SVG}path")).get("d", "")
    assert re.fullmatch(r"M[^MC]+C[^MC]+", text)
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    found = []
    for first in range(0, len(points) - 1, 3):
        a, b, c, d = points[first : first + 4]
        for step in range(steps + 1):
            t = step / steps
            shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x, y = (sum(share * p[axis] for share, p in zip(shares, (a, b, c, d), strict=True)) for axis in (0, 1))
            found.append((x, y))
    return found
