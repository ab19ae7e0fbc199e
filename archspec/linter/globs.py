"""Glob patterns of paths, as in .gitignore."""

from __future__ import annotations

import re
from functools import cache

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_REGEX = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(path: str, pattern: str) -> bool:
    """Return whether a pattern matches a path or a directory above it; both are relative and written with `/`.

    A pattern without a slash is compared with every name in the path, otherwise with the path from its start. `*` and
    `?` stop at a slash, `**` matches any number of directories.
    """
    # `old/` and `./old` mean the directory `old`; a slash at the start only ties a pattern to the start.
    pattern = pattern.removeprefix("./").rstrip("/")
    regex = _compiled(pattern.removeprefix("/"))
    names = path.split("/")
    if "/" not in pattern:
        return any(regex.fullmatch(name) for name in names)
    # A pattern that matches a directory matches everything below it.
    return any(regex.fullmatch("/".join(names[:count])) for count in range(1, len(names) + 1))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_REGEX.get(part, re.escape(part)) for part in _PARTS.findall(pattern)), re.DOTALL)
