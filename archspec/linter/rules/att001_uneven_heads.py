"""ATT001: heads do not divide the width."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.fixes import change_argument, find_failed_op, nearest_divisor
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Use the nearest number of heads that divides the width, or of key heads that divides the heads."""
    node = find_failed_op(context, span, lambda op: op.kind == "attention")
    if node is None:
        return NO_EDITS
    heads, width = getattr(node.node.op, "heads", 1), context.input_type(node).channels
    # Heads first: only a number that divides the width can be divided by the key heads.
    if width % heads:
        return change_argument(context, node, "heads", nearest_divisor(heads, width))
    kv_heads = getattr(node.node.op, "kv_heads", None) or heads
    return (
        change_argument(context, node, "kv_heads", nearest_divisor(kv_heads, heads)) if heads % kv_heads else NO_EDITS
    )


RULE = Rule(
    code="ATT001",
    name="uneven-heads",
    severity=ERROR,
    summary="heads do not divide the width",
    why=(
        "Attention splits the width of its queries, keys and values into equal heads, and several heads may "
        "share a key only evenly."
    ),
    hint="Choose a number of heads that divides the width (and kv_heads that divide heads).",
    bad=(
        Example(
            """\
input: [3, 224, 224]
stages:
  - patch_embed: {features: 100, patch: 16}
  - self_attention: {heads: 8}
""",
            "4:29",
        ),
        Example(
            """\
inputs: {x: {shape: [16, 64], kind: tokens}}
stages:
  - linear: {features: 48, name: key}
  - attention: {heads: 8, kv_heads: 3, from: {q: input, k: key}}
""",
            "4:37",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - patch_embed: {features: 96, patch: 16}
  - self_attention: {heads: 8}
""",
        """\
inputs: {x: {shape: [16, 64], kind: tokens}}
stages:
  - linear: {features: 16, name: key}
  - attention: {heads: 8, kv_heads: 2, from: {q: input, k: key}}
""",
    ),
    references=(
        "https://arxiv.org/abs/1706.03762",
        "https://arxiv.org/abs/2305.13245",
    ),
    applicability="unsafe",
    fix=fix,
)
