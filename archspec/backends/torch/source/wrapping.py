"""Line breaks for statements that are too long: at their brackets, with trailing commas, as ruff format does."""

from __future__ import annotations

# Not all of ruff format, but what occurs: the tests run ruff over the exported files of the whole gallery.
WIDTH = 120
_OPEN, _CLOSE = "([{", ")]}"


def wrapped(line: str) -> list[str]:
    """Return one statement as lines of at most 120 characters where brackets or operators allow it."""
    if len(line) <= WIDTH:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    loop = _loop(line)
    if loop:
        return [*wrapped(line[:loop]), indent + line[loop + 1 :]]
    pair = _widest(line)
    if pair is None:
        return _at_operators(line, indent)
    start, end = pair
    if line[end + 1 :].count(").") and line[end + 1] == ".":
        return _methods(line, indent, end)
    items = [item.strip() for item in split(line[start + 1 : end])]
    inner = indent + "    "
    comprehension = len(items) == 1 and (" for " in items[0] or items[0].startswith("*["))
    whole = f"{inner}{', '.join(items)}"
    lines = [line[: start + 1]]
    if len(whole) <= WIDTH and (comprehension or len(items) > 1) and not line.startswith(f"{indent}self."):
        lines.append(whole)
    else:
        comma = "," if len(items) > 1 or line[end - 1] == "," else ""
        for item in items:
            lines.extend(wrapped(f"{inner}{item}{comma}"))
    return [*lines, indent + line[end:]]


def split(text: str) -> list[str]:
    """Return the parts between top-level commas."""
    parts, depth, first = [], 0, 0
    for place, character in _code(text):
        depth += (character in _OPEN) - (character in _CLOSE)
        if character == "," and depth == 0:
            parts.append(text[first:place])
            first = place + 1
    return [part for part in [*parts, text[first:]] if part.strip()]


def _widest(line: str) -> tuple[int, int] | None:
    """Return the outermost pair of brackets with the longest contents."""
    pairs, depth, start = [], 0, 0
    for place, character in _code(line):
        if character in _OPEN:
            start = place if depth == 0 else start
            depth += 1
        elif character in _CLOSE:
            depth -= 1
            if depth == 0 and place > start + 1:
                pairs.append((start, place))
    return max(pairs, key=lambda pair: pair[1] - pair[0], default=None)


def _loop(line: str) -> int:
    """Return the position of a top-level ` for ` of a comprehension; 0 for none."""
    depth = 0
    for place, character in _code(line):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth == 0 and line.startswith(" for ", place) and line[:place].strip():
            return place
    return 0


def _methods(line: str, indent: str, end: int) -> list[str]:
    """Return chained method calls, one on each line, in parentheses."""
    target, _, value = line[: end + 1].partition(" = ")
    # NUL occurs in no line: it marks the places to split at, and the dots stay.
    calls = [f".{call}" for call in line[end + 2 :].replace(").", ")\0").split("\0")]
    inner = indent + "    "
    return [f"{target} = (", *wrapped(f"{inner}{value}"), *(inner + call for call in calls), f"{indent})"]


def _at_operators(line: str, indent: str) -> list[str]:
    target, equals, value = line.partition(" = ")
    if not equals:
        return [line]
    terms = value.split(" + ")
    return [f"{target} = (", f"{indent}    {terms[0]}", *(f"{indent}    + {term}" for term in terms[1:]), f"{indent})"]


def _code(text: str) -> list[tuple[int, str]]:
    """Return every character that is not within a string, with its position."""
    found, quote, place = [], "", 0
    while place < len(text):
        character = text[place]
        if quote:
            place += character == "\\"
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            found.append((place, character))
        place += 1
    return found
