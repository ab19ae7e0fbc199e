"""The selection of rules by codes and prefixes of codes."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from archspec.diagnostics import did_you_mean
from archspec.linter.catalogue import codes
from archspec.linter.rule import Rule

ALL = "ALL"


class Selection(Struct, frozen=True):
    """Rules chosen by prefix of code: `select` (none: all that are on by default), less `ignore`.

    `extend` adds to the default rules, or to `select`. `under` is a weaker selection, that of the configuration under
    that of the command line: a `select` here replaces it, otherwise it takes the place of the default.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()
    under: Selection | None = None

    def includes(self, rule: Rule) -> bool:
        """Return whether a rule is selected; the longer prefix wins, and `ignore` if both are equally long."""
        if self.select:
            chosen = _longest((*self.select, *self.extend), rule.code)
        else:
            before = self.under.includes(rule) if self.under is not None else rule.enabled
            # What is selected already counts as chosen by `ALL`: any `ignore` of a code is longer and wins.
            chosen = max(0 if before else -1, _longest(self.extend, rule.code))
        # A longer prefix is more specific: `--select CNV005 --ignore CNV` keeps CNV005.
        return chosen >= 0 and chosen > _longest(self.ignore, rule.code)


def _longest(prefixes: tuple[str, ...], code: str) -> int:
    """Return the length of the longest matching prefix; -1 for none."""
    return max((_length(prefix.upper(), code) for prefix in prefixes), default=-1)


def _length(prefix: str, code: str) -> int:
    # Shorter than every code, so that any code or family goes before it.
    if prefix == ALL:
        return 0
    return len(prefix) if code.startswith(prefix) else -1


def split(written: Iterable[str]) -> tuple[str, ...]:
    """Split options into codes and prefixes; one option may hold several, separated by commas."""
    return tuple(part.strip().upper() for text in written for part in text.split(",") if part.strip())


def wrong_code(prefix: str) -> str:
    """Return a sentence on what is wrong with a code or prefix; empty where it matches a rule."""
    known = codes()
    prefix = prefix.upper()
    if prefix == ALL or (prefix and any(code.startswith(prefix) for code in known)):
        return ""
    close = did_you_mean(prefix, known) or did_you_mean(prefix, sorted({code[:3] for code in known}))
    problem = f"there is no rule {prefix or repr(prefix)}"
    return f"{problem}; did you mean {close}?" if close else f"{problem}; `archspec explain` lists them"
