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
    # `auto` pads both sides by the same amount at every input size, as torch can; `same` with a stride does not.
    return NO_EDITS if node is None else change_argument(context, node, "padding", "auto")


RULE = Rule(
    code="CNV004",
    name="same-padding-with-stride",
    severity=ERROR,
    summary="`padding: same` with a stride",
    why=(
        "TensorFlow's `same` beside a stride pads by an amount that depends on the input's size; torch refuses it. "
        "Weights trained one way are half a pixel off in the other."
    ),
    hint="Leave the padding out, or write it: for kernel k and dilation d it is d · (k - 1) / 2.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 3, stride: 2, padding: same}
""",
            "3:57",
        ),
    ),
    good=(
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
    references=("https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html (padding)",),
    applicability="unsafe",
    fix=fix,
)
