"""Which rules are wanted: codes or the beginnings of codes."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.lint.rule import Rule


@dataclass(frozen=True, slots=True)
class Selection:
    """`select` chooses rules (none: all that are on by default), `ignore` takes some away; each by prefix of code."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def includes(self, rule: Rule) -> bool:
        """Whether a rule's findings are wanted; the longer prefix wins, and `ignore` where both are as long."""
        chosen = _longest(self.select, rule.code) if self.select else 0 if rule.enabled else -1
        return chosen >= 0 and chosen > _longest(self.ignore, rule.code)


def _longest(prefixes: tuple[str, ...], code: str) -> int:
    """The length of the longest prefix that fits; -1 for none."""
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix.upper())), default=-1)
