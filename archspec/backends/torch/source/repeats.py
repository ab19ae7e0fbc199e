"""Comprehensions and loops for rows of equal or evenly growing expressions."""

from __future__ import annotations

import re

from archspec.backends.torch.source.values import literal

_STRING = r""" "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' """
_NUMBER = re.compile(rf"({_STRING})|(?<![\w.+-])\d+(?![\w.])", re.VERBOSE)  # a string's digits are no number
_STEM = re.compile(r"[A-Za-z0-9_.-]*")
LONGEST = 100  # characters of a name that may count upwards
_INDEXED = re.compile(r"(self(?:\.\w+)+)\[(\d+)\]")


def folded(items: list[str]) -> list[str]:
    """Return a row of expressions; equal ones and evenly growing ones become `*[... for index in range(n)]`."""
    found, first = [], 0
    while first < len(items):
        count = run_of(items[first:])
        if count == 1:
            found.append(items[first])
        elif items[first] == items[first + 1]:
            found.append(f"*[{items[first]} for _ in range({count})]")
        else:
            found.append(f"*[{growing(items[first], items[first + 1])} for index in range({count})]")
        first += count
    return found


def pairs(names: tuple[str, ...], items: list[str]) -> list[str]:
    """Return pairs of names and expressions; names that count upwards become `*[(..., ...) for index in range(n)]`."""
    found, first = [], 0
    while first < len(items):
        count = counted(list(names[first:]), items[first:])
        if count == 1:
            found.append(f"({literal(names[first])}, {items[first]})")
        else:
            made = f"({counting(names[first])}, {growing(items[first], items[first + 1])})"
            found.append(f"*[{made} for index in range({count})]")
        first += count
    return found


def alone(items: list[str]) -> str:
    """Return the contents of a list's brackets: a single comprehension needs no star and no list around it."""
    single = len(items) == 1 and items[0].startswith("*[")
    return items[0][2:-1] if single else ", ".join(items)


def counting(name: str) -> str:
    """Return a name that ends in a number as a function of `index`."""
    stem, start = _numbered(name)
    return f'f"{stem}{{index + {start}}}"' if start else f'f"{stem}{{index}}"'


def counted(names: list[str], items: list[str]) -> int:
    """Return how many from the first on count upwards in name and fit in expression: 1, or 3 and more."""
    stem, start = _numbered(names[0])
    last = next((n for n, name in enumerate(names) if name != f"{stem}{start + n}"), len(names))
    count = run_of(items[:last]) if start >= 0 and last else 1
    return count if count >= 3 and "index" not in items[0] else 1


def _numbered(name: str) -> tuple[str, int]:
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or -1) if len(name) < LONGEST and _STEM.fullmatch(stem) else -1


def run_of(items: list[str]) -> int:
    """Return how many expressions from the first on fit into one comprehension: equal, or three growing evenly."""
    equal = next((n for n, item in enumerate(items) if item != items[0]), len(items))
    # Any two numbers grow evenly; the third shows that they belong to a row. `index` is the loop's variable.
    if equal > 1 or len(items) < 3 or "index" in items[0]:
        return equal
    if any(_frame(item) != _frame(items[0]) for item in items[:3]):
        return 1
    steps = [b - a for a, b in zip(_numbers(items[0]), _numbers(items[1]), strict=True)]
    count = 1
    while count < len(items) and _follows(items[count - 1], items[count], steps):
        count += 1
    return count if count >= 3 and all(step >= 0 for step in steps) else 1


def _follows(one: str, other: str, steps: list[int]) -> bool:
    if _frame(one) != _frame(other):
        return False
    return [b - a for a, b in zip(_numbers(one), _numbers(other), strict=True)] == steps


def _numbers(text: str) -> list[int]:
    return [int(match.group()) for match in _NUMBER.finditer(text) if not match.group(1)]


def _frame(text: str) -> str:
    """Return an expression without its numbers."""
    return _NUMBER.sub(lambda match: match.group(1) or "#", text)


def growing(one: str, other: str) -> str:
    """Return the first expression with its numbers as functions of `index`."""
    steps = iter(b - a for a, b in zip(_numbers(one), _numbers(other), strict=True))

    def replaced(match: re.Match[str]) -> str:
        if match.group(1):
            return match.group()
        start, step = int(match.group()), next(steps)
        if step == 0:
            return match.group()
        grown = "index" if step == 1 else f"{step} * index"
        return f"{start} + {grown}" if start else grown

    return _NUMBER.sub(replaced, one)


def looped(lines: list[str], sizes: dict[str, int], ports: list[str]) -> list[str]:
    """Return lines of forward, with a loop for those that count through a row of modules; `sizes`: their lengths."""
    layer = next(name for name in ("layer", "module", "_layer") if name not in ports)
    found, first = [], 0
    while first < len(lines):
        row = _INDEXED.search(lines[first])
        count = sizes.get(row.group(1), 1) if row and row.group(2) == "0" else 1
        turn = _turn(lines[first:], row.group(1), count) if row is not None and count > 1 else 0
        if row is not None and turn:
            found.append(f"for {layer} in {row.group(1)}:")
            found.extend("    " + line.replace(row.group(), layer) for line in lines[first : first + turn])
            first += turn * count
        else:
            found.append(lines[first])
            first += 1
    return found


def _turn(lines: list[str], row: str, count: int) -> int:
    """Return how many lines make one of `count` iterations that differ in the index alone; 0 if they do not."""
    start = next((place for place, line in enumerate(lines) if f"{row}[1]" in line), 0)
    turns = [
        [line.replace(f"{row}[{turn}]", row) for line in lines[turn * start : (turn + 1) * start]]
        for turn in range(count)
    ]
    whole = all(turn == turns[0] for turn in turns) and len(turns[0]) == start
    others = any(f"{row}[" in line for line in [*turns[0], *lines[count * start :]])
    return start if whole and not others else 0
