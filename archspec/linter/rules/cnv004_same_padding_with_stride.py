"""CNV004: `padding: same` with a stride."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.fixes import change_argument, find_failed_op
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Use `padding: auto`; if no padding keeps the size evenly, the next round of lint reports that."""
    node = find_failed_op(context, span, lambda op: op.has_window)
    # `auto` pads both sides by the same amount at every input size, which every mode can.
    return NO_EDITS if node is None else change_argument(context, node, "padding", "auto")


RULE = Rule(
    code="CNV004",
    name="same-padding-with-stride",
    severity=ERROR,
    summary="`padding: same` with a stride and a padding mode",
    why=(
        "With a stride, `padding: same` is TensorFlow's SAME: its amount depends on the size of the map, so that "
        "ceil(size / stride) positions come out. It pads with zeros. How to reflect or wrap around by such an amount "
        "is defined nowhere, and at some sizes the map would be too small for it."
    ),
    hint="Leave `padding_mode` out, or write the padding: for kernel k and dilation d it is d · (k - 1) / 2.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 3, stride: 2, padding: same, padding_mode: reflect}
""",
            "3:57",
        ),
    ),
    good=(
        """\
# EfficientNet's first layers, for weights trained in TensorFlow.
input: [3, 224, 224]
stages:
  - conv: {channels: 32, kernel: 3, stride: 2, padding: same}
  - norm
  - silu
""",
        """\
# MobileNetV2's first layer as torchvision writes it.
input: [3, 224, 224]
stages:
  - conv: {channels: 32, kernel: 3, stride: 2, padding: 1}
  - norm
  - relu6
""",
        """\
# ConvMixer: patches without padding, then `same` at stride 1.
input: [3, 32, 32]
stages:
  - conv: {channels: 64, kernel: 2, stride: 2}
  - gelu
  - norm
  - residual:
      body: [{conv: {channels: 64, kernel: 5, groups: 64, padding: same}}, gelu, norm]
      shortcut: identity
  - conv: {channels: 64, kernel: 1}
""",
    ),
    references=("https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2",),
    applicability="unsafe",
    fix=fix,
)
