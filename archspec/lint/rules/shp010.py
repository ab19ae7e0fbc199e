"""SHP010: an op that does not take this kind of value."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SHP010",
    name="an-op-that-does-not-take-this-kind-of-value",
    severity=ERROR,
    summary="an op that does not take this kind of value",
    why="The op needs a map, tokens or a vector of some rank, and gets another, or a tuple where one value is needed.",
    fix="to_tokens, to_map, flatten and global_avg_pool go from one kind to another; name[0] takes one of a tuple.",
)
