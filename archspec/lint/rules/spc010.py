"""SPC010: two layers with one key."""

from __future__ import annotations

from archspec.lint.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC010",
    name="two-layers-with-one-key",
    severity=ERROR,
    summary="two layers with one key",
    why=(
        "A layer's name is its key in the state_dict, so two cannot share one: the weights of one would replace"
        " the other's. The names that nn.Module itself uses (forward, train, ...) are taken."
    ),
    fix="Give each layer a name of its own; under `repeat` the number of the turn makes names different.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {name: conv1, channels: 16}
  - conv: {name: conv1, channels: 32}
""",
            "4:18",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {name: forward, channels: 16}
""",
            "3:18",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: {name: conv1, channels: 16}
  - conv: {name: conv2, channels: 32}
""",
        """\
input: [3, 32, 32]
stages:
  - conv: {name: "layer${index + 1}", channels: 16, repeat: 3}
  - sequence: {name: deep, body: [conv: {name: conv1, channels: 16}]}
""",
    ),
)
