"""SPC010: two layers with one key."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Rule

RULE = Rule(
    code="SPC010",
    name="two-layers-with-one-key",
    severity=ERROR,
    summary="two layers with one key",
    why="A layer's name is its key in the state_dict, so two cannot share one, and nn.Module's own names are taken.",
    fix="Give each layer a name of its own.",
)
