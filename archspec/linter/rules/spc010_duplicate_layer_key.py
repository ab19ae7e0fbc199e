"""SPC010: two layers with one key."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext
from archspec.lowering.module_names import why_reserved
from archspec.source.edits import rename
from archspec.source.tree import Scalar


def fix(context: RuleContext, span: Span) -> Edits:
    """Rename the layer. References by the shared name keep meaning the other layer."""
    layout = context.layout
    tree = next(iter(layout.path(span)[-1:]), None) if layout is not None else None
    if layout is None or not isinstance(tree, Scalar) or tree.key is None or tree.key.text != "name":
        return NO_EDITS
    *above, last = tree.text.split(".")
    if "${" in tree.text or not last:
        return NO_EDITS
    candidates = (
        [f"{last.strip('_')}_layer"] if why_reserved(last) else [f"{last}_{number}" for number in range(2, 100)]
    )
    # A search of the text, not of names: expressions and references must not come to mean the new name.
    free = next((".".join([*above, name]) for name in candidates if name not in layout.text), None)
    return NO_EDITS if free is None else rename(tree, free)


RULE = Rule(
    code="SPC010",
    name="duplicate-layer-key",
    severity=ERROR,
    summary="two layers with one key",
    why=(
        "A layer's name is its key in the state_dict, so two cannot share one: the weights of one would replace"
        " the other's. It is also what references mean, and the layers of a body, also those inside sequence, residual"
        " and branches, have one set of names: two layers named `a` in two groups have different keys, but `from: a`"
        " could mean either. The names that nn.Module itself uses (forward, train, ...) are taken, and a block cannot"
        " have the name of a word of the language (sequence, block, norm, ...), which its uses would mean instead."
    ),
    hint=(
        "Give each layer a name of its own; under `repeat` the number of the turn makes names different, and the names"
        " inside a block are the block's own."
    ),
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {name: conv1, channels: 16}
  - relu
  - conv: {name: conv1, channels: 32}
""",
            "5:18",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {name: forward, channels: 16}
""",
            "3:18",
        ),
        Example(
            """\
# The keys are left.a and right.a, but `from: a` could mean either.
input: [3, 32, 32]
stages:
  - sequence: {name: left, body: [conv: {name: a, channels: 16}, relu]}
  - sequence: {name: right, body: [conv: {name: a, channels: 16}, relu]}
""",
            "5:49",
        ),
        Example(
            """\
input: [3, 32, 32]
blocks:
  sequence: {body: [conv: 16, relu]}
stages:
  - sequence
""",
            "3:3",
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
        """\
# Names with dots give the keys of groups, and blocks have names of their own.
input: [3, 32, 32]
blocks:
  group: {body: [conv: {name: a, channels: 16}, relu]}
stages:
  - sequence: [conv: {name: left.a, channels: 16}, relu]
  - sequence: [conv: {name: right.a, channels: 16}, relu]
  - group: {name: stage1}
  - group: {name: stage2}
""",
    ),
    applicability="unsafe",
    fix=fix,
)
