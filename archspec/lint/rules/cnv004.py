"""CNV004: `padding: same` with a stride."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="CNV004",
    name="padding-same-with-a-stride",
    severity=ERROR,
    summary="`padding: same` with a stride",
    why="What `same` means beside a stride differs between frameworks, and torch refuses it.",
    fix="Write the padding: for kernel k and dilation d it is d · (k - 1) / 2.",
)
