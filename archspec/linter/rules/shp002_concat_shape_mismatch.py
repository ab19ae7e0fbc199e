"""SHP002: shapes that cannot be joined."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits, insert_before
from archspec.linter.fixes import find_failed_op
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.tree import Mapping, Scalar, Sequence

MOST_FITTED = 3  # more is a missing stride, not an odd size


def fix(context: RuleContext, span: Span) -> Edits:
    """Bring the running value to the size of the named one: cut or pad a few pixels, otherwise interpolate."""
    node = find_failed_op(context, span, lambda op: op.kind == "concat")
    names = _joined(context, span)
    # `fit` and `resize` change the running value alone, so that exactly one of two has to be `prev`.
    if node is None or len(names) != 2 or names.count("prev") != 1 or len(node.inputs) != 2:
        return NO_EDITS
    running = names.index("prev")
    here, there = context.input_type(node, running), context.input_type(node, 1 - running)
    if here.kind != "map" or there.kind != "map" or len(here.shape) != len(there.shape):
        return NO_EDITS
    pairs = [(n, like) for n, like in zip(here.spatial, there.spatial, strict=True) if n != like]
    few = all(isinstance(n, int) and isinstance(like, int) and abs(n - like) <= MOST_FITTED for n, like in pairs)
    return insert_before(context, node, {"fit" if few else "resize": {"from": {"like": names[1 - running]}}})


def _joined(context: RuleContext, span: Span) -> list[str]:
    """Return the references that a `concat: [...]` in the text lists."""
    tree = next(iter(context.layout.path(span)[-1:]), None) if context.layout is not None else None
    listed = tree.get("concat") if isinstance(tree, Mapping) else None
    items = listed.items if isinstance(listed, Sequence) else ()
    return [item.text for item in items if isinstance(item, Scalar) and "${" not in item.text]


RULE = Rule(
    code="SHP002",
    name="concat-shape-mismatch",
    severity=ERROR,
    summary="shapes that cannot be joined",
    why=(
        "concat needs equal sizes along all axes but the one it joins: a map that was made four times smaller and "
        "then twice as large does not come back. Where another input size would do, SHP005 says so instead."
    ),
    hint="Pad or crop one of them (`fit`), or choose an input size that halves evenly.",
    bad=(
        Example(
            """\
input: [3, 48, 48]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 4
  - conv: 32
  - conv_transpose: {channels: 16, stride: 2}
  - concat: [enc, prev]
""",
            "7:5",
        ),
    ),
    good=(
        """\
input: [3, 45, 45]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 2
  - conv: 32
  - conv_transpose: {channels: 16, stride: 2, name: up}
  - fit: {from: {x: up, like: enc}, name: fitted}
  - concat: [enc, fitted]
""",
        """\
input: [3, 48, 48]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 2
  - conv: 32
  - conv_transpose: {channels: 16, stride: 2}
  - concat: [enc, prev]
""",
    ),
    references=("https://arxiv.org/abs/1505.04597",),
    applicability="unsafe",
    fix=fix,
)
