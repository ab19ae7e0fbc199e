"""CNV003: a depthwise convolution after which nothing mixes the channels."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield depthwise convolutions after which no op on any path to an output mixes channels; of several, the last."""
    depthwise = [node for node in context.nodes_where(lambda op: op.is_convolution) if _is_depthwise(context, node)]
    if not depthwise:
        return
    mixed, followed = _downstream(context)
    for node in depthwise:
        # Of several in a row the last is reported, behind which the 1x1 belongs.
        if not mixed[node.index] and not followed[node.index] and not _mixed_just_before(context, node):
            channels = context.input_type(node).channels
            yield Finding(f"nothing after this depthwise convolution mixes its {channels} channels", node, "groups")


def _is_depthwise(context: RuleContext, node: FlatNode) -> bool:
    x = context.input_type(node)
    return x.known and node.node.outputs[0].known and node.op.is_depthwise(x)


def _downstream(context: RuleContext) -> tuple[list[bool], list[bool]]:
    """Return, for each op, whether anything after it mixes channels and whether a depthwise convolution follows."""
    mixed, followed = [False] * len(context.nodes), [False] * len(context.nodes)
    # Readers come after what they read: going back, each op is decided once, from ops that are decided already.
    for node in reversed(context.nodes):
        mixed[node.index] = context.may_be_read_elsewhere(node)
        for reader in context.consumers(node):
            given = context.input_type(reader)
            # An unknown input counts as mixed, as an unknown op does: it may have been the 1x1 convolution.
            mixed[node.index] |= mixed[reader.index] or not given.known or reader.op.mixes_channels(given)
            followed[node.index] |= followed[reader.index] or reader.op.is_depthwise(given)
    return mixed, followed


def _mixed_just_before(context: RuleContext, node: FlatNode) -> bool:
    """Return whether a 1x1 convolution comes just before (blueprint separable), with norm and activation between."""
    before = context.predecessor(node)
    while before is not None and (before.op.is_norm or before.op.is_rectifier or before.op.is_passthrough):
        before = context.predecessor(before)
    kernel = getattr(before.node.op, "kernel", None) if before is not None and before.kind == "conv" else None
    return kernel is not None and set(kernel if isinstance(kernel, tuple) else (kernel,)) == {1}


RULE = Rule(
    code="CNV003",
    name="depthwise-without-mixing",
    severity=WARNING,
    summary="a depthwise convolution after which nothing mixes the channels",
    why=(
        "A depthwise convolution filters each channel alone; it makes no new features out of several. Without a "
        "convolution across channels (or a linear layer) behind it, each output sees one channel of what came in."
    ),
    hint="Put a 1x1 convolution behind it, or leave `groups` out.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 32
  - norm
  - act
  - conv: {channels: 32, groups: 32}
  - norm
  - act
  - conv: {channels: 32, stride: 2, groups: in_channels}
  - norm
  - act
head: [global_avg_pool]
""",
            "9:45",
        ),
    ),
    good=(
        """\
# MobileNet: each depthwise convolution has its 1x1.
input: [3, 32, 32]
stages:
  - depthwise_separable: {channels: 32, repeat: 2}
head: [global_avg_pool, {linear: 10}]
""",
        """\
# GhostNet: cheap channels out of the costly ones, joined with them; the next module's 1x1 mixes all.
input: [16, 28, 28]
stages:
  - sequence:
      name: ghosts
      repeat: 2
      body:
        - conv: {name: primary, channels: 12, kernel: 1}
        - norm
        - act: {name: costly}
        - conv: {name: cheap, channels: 12, kernel: 3, groups: 12}
        - norm
        - act: {name: made}
        - concat: [costly, made]
head: [global_avg_pool, {linear: 10}]
""",
        """\
# Blueprint separable convolutions mix first (Haase & Amthor 2020, figure 2).
input: [3, 32, 32]
stages:
  - conv: {channels: 12, kernel: 1, bias: false}
  - conv: {channels: 12, kernel: 3, groups: 12}
  - depth_to_space: 2
""",
        """\
# ConvNeXt's linear layers work on the channels, which it puts last for them.
input: [3, 32, 32]
stages:
  - conv: {channels: 16, kernel: 4, stride: 4}
  - convnext_block
""",
        """\
# Squeeze-excite is a way across the channels, too.
input: [3, 32, 32]
stages:
  - conv: 32
  - norm
  - act
  - conv: {channels: 32, groups: 32}
  - squeeze_excite: {reduction: 4}
""",
    ),
    references=(
        "Howard et al. 2017, MobileNets (arXiv:1704.04861), section 3.1",
        "Haase & Amthor 2020, Rethinking Depthwise Separable Convolutions (arXiv:2003.13549)",
    ),
    check=check,
)
