"""RES003: a projection where the input itself would fit."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.ir.flat import FlatNode
from archspec.linter.residuals import Residual, find_residuals, path_back, paths_between
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, Edits, remove_entry
from archspec.source.tree import Mapping


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield added shortcuts that are one 1x1 convolution or linear layer although the body keeps the shape."""
    for residual in find_residuals(context, "add"):
        projection = _projection(context, residual)
        if projection is not None:
            message = f"the body keeps the shape {context.flat.types[residual.body]}; the input itself would fit"
            yield Finding(message, projection, edits=_without_shortcut(context, residual))


def _projection(context: RuleContext, residual: Residual) -> FlatNode | None:
    """Return the layer of a shortcut that only projects, where there is nothing to project."""
    start, _ = paths_between(context, (residual.body, residual.shortcut))
    types = context.flat.types
    if start is None or not types[start].known or types[start].shape != types[residual.body].shape:
        return None
    path = path_back(context, residual.shortcut, start) or []
    # A norm or dropout on the same path does not change what the shortcut is: a projection.
    layers = [node for node in path if not (node.op.is_norm or node.op.is_passthrough)]
    only = layers[0] if len(layers) == 1 else None
    return only if only is not None and _is_projection(only) and not _is_meant(only) else None


def _without_shortcut(context: RuleContext, residual: Residual) -> Edits:
    """Return the edit that removes the residual's `shortcut:`, where it is in the user's text."""
    layout = context.layout
    path = layout.path(residual.merge.node.origin.span) if layout is not None else ()
    if layout is None or not path or not isinstance(path[-1], Mapping):
        return NO_EDITS
    inner = path[-1].get("residual")
    written = inner if isinstance(inner, Mapping) else path[-1]
    return remove_entry(layout, written, "shortcut")


def _is_projection(node: FlatNode) -> bool:
    ones = {1, (1,), (1, 1), (1, 1, 1)}
    op = node.node.op
    return node.kind == "linear" or (node.kind == "conv" and getattr(op, "kernel", 0) in ones)


def _is_meant(node: FlatNode) -> bool:
    """Return whether the compiler has inserted it, or `always: true` asks for it."""
    # He et al. 2015 have a name for projections on every shortcut, option C: `always: true` says that it is meant.
    return any(call.origin.inserted or ("always", "true") in call.arguments for call in node.calls)


RULE = Rule(
    code="RES003",
    name="needless-projection",
    severity=WARNING,
    summary="a projection on a shortcut whose body keeps the shape",
    why=(
        "Where channels and size agree, the input itself is the better shortcut: it has no parameters, and it hands "
        "signal and gradient on unchanged through any number of blocks. With 1x1 convolutions on all shortcuts a "
        "ResNet-110 trains worse (12.2% error against 6.6%)."
    ),
    hint="Leave the shortcut out, or write `shortcut: {projection: {always: true}}` if it is meant.",
    bad=(
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: 64}, norm, act, {conv: 64}, norm]
      shortcut: [{conv: {channels: 64, kernel: 1}}, norm]
  - act
""",
            "5:18",
        ),
        Example(
            """\
input: [128]
stages:
  - residual:
      body: [{linear: 256}, relu, {linear: 128}]
      shortcut: [{linear: 128}]
""",
            "5:18",
        ),
        Example(
            """\
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: 64}, norm]
      shortcut: [{projection: 64}]
  - act
""",
            "5:18",
        ),
    ),
    good=(
        """\
# The first block widens and strides: there the projection is needed. The second says that it is meant (option C).
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: {channels: 128, stride: 2}}, norm]
      shortcut: [{conv: {channels: 128, kernel: 1, stride: 2}}, norm]
  - act
  - residual:
      body: [{conv: 128}, norm]
      shortcut: {projection: {always: true}}
  - act
""",
        """\
# A 3x3 beside another, or an activation on the shortcut, is no projection.
input: [64, 56, 56]
stages:
  - residual:
      body: [{conv: 64}, norm, act, {conv: 64}, norm]
      shortcut: [{conv: {channels: 64, kernel: 3}}, norm]
  - act
  - residual:
      body: [{conv: 64}, norm]
      shortcut: [{conv: {channels: 64, kernel: 1}}, norm, tanh]
""",
        """\
# GhostNet's shortcut, where the stride is 2: within each channel, then across.
input: [16, 56, 56]
stages:
  - residual:
      body: [{conv: {channels: 24, stride: 2}}, norm]
      shortcut:
        - conv: {channels: 16, stride: 2, groups: 16}
        - norm
        - conv: {channels: 24, kernel: 1}
        - norm
""",
        """\
# RepVGG's 1x1 stands beside a 3x3 and the input itself, and is folded into one kernel later.
input: [64, 56, 56]
stages:
  - rep_block: 64
  - branches: {merge: add, of: [[{conv: 64}, norm], [{conv: {channels: 64, kernel: 1}}, norm], [norm]]}
  - act
""",
    ),
    references=(
        "He et al. 2016, Identity Mappings in Deep Residual Networks (arXiv:1603.05027), section 3 and table 1",
    ),
    applicability="unsafe",
    includes_library=True,
    check=check,
)
