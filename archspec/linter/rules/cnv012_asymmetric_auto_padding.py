"""CNV012: no symmetric padding for an even reach."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="CNV012",
    name="asymmetric-auto-padding",
    severity=ERROR,
    summary="`padding: auto` where only an uneven padding would do",
    why="`padding: auto` keeps a map's size at stride 1, which an even kernel can do only by padding one side more.",
    hint="Use an odd kernel, or write the padding (`same` pads the end more, `causal` the start).",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 4}
""",
            "3:34",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 16
  - max_pool: {kernel: 2, stride: 1}
""",
            "4:24",
        ),
    ),
    good=(
        """\
# DCGAN's discriminator halves the map by kernels of 4, whose padding is written.
input: [3, 64, 64]
stages:
  - conv: {channels: 64, kernel: 4, stride: 2, padding: 1}
  - leaky_relu: 0.2
""",
        """\
# WaveNet: the kernel of 2 looks back.
input: [16, 100]
stages:
  - conv: {channels: 16, kernel: 2, dilation: 4, padding: causal}
""",
        """\
# Patches: kernel and stride are equal, and nothing is padded. An even dilation makes the reach even.
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 4, stride: 4}
  - act
  - conv: {channels: 16, kernel: 2, dilation: 2}
""",
        """\
# The last pooling of Darknet's small detector: one row and column more, then a window of 2 that moves by 1.
input: [512, 13, 13]
stages:
  - pad: {padding: [[0, 1], [0, 1]]}
  - max_pool: {kernel: 2, stride: 1, padding: 0}
""",
    ),
    references=("Dumoulin & Visin 2016, A guide to convolution arithmetic for deep learning, section 2.2",),
)
