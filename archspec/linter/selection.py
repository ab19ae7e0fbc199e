"""Which rules are wanted: codes or the beginnings of codes."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from archspec.diagnostics import did_you_mean
from archspec.linter.catalogue import codes
from archspec.linter.rule import Rule

ALL = "ALL"


class Selection(Struct, frozen=True):
    """`select` chooses rules (none: all that are on by default), `ignore` takes some away; each by prefix of code.

    `extend` adds to what is on by default, or to `select`. `under` is a weaker selection (the configuration's, where
    this is the command line's): a `select` of this one replaces it, else it is what is on before.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()
    under: Selection | None = None

    def includes(self, rule: Rule) -> bool:
        """Whether a rule's findings are wanted; the longer prefix wins, and `ignore` where both are as long."""
        if self.select:
            chosen = _longest((*self.select, *self.extend), rule.code)
        else:
            before = self.under.includes(rule) if self.under is not None else rule.enabled
            chosen = max(0 if before else -1, _longest(self.extend, rule.code))
        return chosen >= 0 and chosen > _longest(self.ignore, rule.code)


def _longest(prefixes: tuple[str, ...], code: str) -> int:
    """The length of the longest prefix that fits; -1 for none."""
    return max((_length(prefix.upper(), code) for prefix in prefixes), default=-1)


def _length(prefix: str, code: str) -> int:
    if prefix == ALL:
        return 0
    return len(prefix) if code.startswith(prefix) else -1


def split(written: Iterable[str]) -> tuple[str, ...]:
    """Codes and prefixes as options give them: several in one text are apart by commas."""
    return tuple(part.strip().upper() for text in written for part in text.split(",") if part.strip())


def wrong_code(prefix: str) -> str:
    """What is wrong with a code or prefix, in a sentence; empty where there is a rule that it stands for."""
    known = codes()
    prefix = prefix.upper()
    if prefix == ALL or (prefix and any(code.startswith(prefix) for code in known)):
        return ""
    close = did_you_mean(prefix, known) or did_you_mean(prefix, sorted({code[:3] for code in known}))
    said = f"there is no rule {prefix or repr(prefix)}"
    return f"{said}; did you mean {close}?" if close else f"{said}; `archspec explain` lists them"
