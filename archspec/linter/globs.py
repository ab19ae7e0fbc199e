"""Patterns of paths, as .gitignore has them."""

from __future__ import annotations

import re
from functools import cache

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_REGEX = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(path: str, pattern: str) -> bool:
    """Whether a pattern stands for a path or for a directory above it; both are relative and written with `/`.

    Without a slash it is compared with every name in the path, else with the path from its beginning. `*` and `?`
    stop at a slash, `**` stands for any number of directories.
    """
    pattern = pattern.removeprefix("./").rstrip("/")
    regex = _compiled(pattern.removeprefix("/"))
    names = path.split("/")
    if "/" not in pattern:
        return any(regex.fullmatch(name) for name in names)
    return any(regex.fullmatch("/".join(names[:count])) for count in range(1, len(names) + 1))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_REGEX.get(part, re.escape(part)) for part in _PARTS.findall(pattern)), re.DOTALL)
