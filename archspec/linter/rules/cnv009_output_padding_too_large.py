"""CNV009: output padding too large."""

from __future__ import annotations

from archspec.diagnostics import Span
from archspec.linter.edits import NO_EDITS, Edits
from archspec.linter.fixes import change_argument, find_failed_op
from archspec.linter.rule import ERROR, Example, Rule
from archspec.linter.rule_context import RuleContext


def fix(context: RuleContext, span: Span) -> Edits:
    """Reduce the output padding to one less than the stride, or the dilation if that is larger."""
    node = find_failed_op(context, span, lambda op: op.kind == "conv_transpose")
    if node is None:
        return NO_EDITS
    limits = [getattr(node.node.op, name, 1) for name in ("stride", "dilation")]
    if not all(isinstance(value, int) for value in limits):
        return NO_EDITS
    wanted = getattr(node.node.op, "output_padding", 0)
    # As torch checks it: smaller than the stride or the dilation.
    most = max(limits) - 1
    less = tuple(min(p, most) for p in wanted) if isinstance(wanted, tuple) else most
    return change_argument(context, node, "output_padding", less)


RULE = Rule(
    code="CNV009",
    name="output-padding-too-large",
    severity=ERROR,
    summary="output padding too large",
    why=(
        "Several input sizes lead a convolution to one output size, and the output padding says which of them its "
        "transpose gives back; there are as many as its stride. Torch's CPU refuses more, its meta device does not."
    ),
    hint="Use an output padding below the stride.",
    bad=(
        Example(
            """\
input: [64, 8, 8]
stages:
  - conv_transpose: {channels: 32, kernel: 4, stride: 2, padding: 1, output_padding: 2}
""",
            "3:86",
        ),
    ),
    good=(
        """\
# CycleGAN's upsampling.
input: [256, 64, 64]
stages:
  - conv_transpose: {channels: 128, kernel: 3, stride: 2, padding: 1, output_padding: 1}
  - instance_norm
  - relu
""",
        """\
input: [64, 8, 8]
stages:
  - conv_transpose: {channels: 32, kernel: 3, stride: 1, dilation: 2, output_padding: 1}
""",
    ),
    references=(
        "Dumoulin & Visin 2016, A guide to convolution arithmetic for deep learning, relationship 14",
        "https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html (output_padding)",
    ),
    applicability="unsafe",
    fix=fix,
)
