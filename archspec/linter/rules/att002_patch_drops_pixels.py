"""ATT002: patches that do not divide the map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.diagnostics import Edit
from archspec.ir.flat import FlatNode
from archspec.ir.sizes import Dim
from archspec.linter.fixes import nearest_multiple
from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, Edits

# From here on patches are reported wherever they are cut. A 2x2 reduction of an odd map loses a row as well, but so
# does every pooling (docs/decisions/0007-rules.md).
LARGE = 4


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield convolutions that cut a map into patches and leave a rest that is in no patch."""
    for node in context.nodes_of("conv"):
        if not _may_cut_patches(node.op):
            continue
        x = context.input_type(node)
        if x.kind != "map" or not all(t.known for t in node.node.outputs):
            continue
        patch = _patch(context, node, x.spatial)
        rests = [(n, p, n % p) for n, p in zip(x.spatial, patch, strict=False) if isinstance(n, int) and n % p]
        if not rests:
            continue
        size, step, rest = rests[0]
        axes = "row and column" if len(rests) > 1 else "position of one axis"
        lost = f"the last {axes} is" if rest == 1 else f"the last {rest} {axes.replace(' and', 's and')}s are"
        message = f"patches of {step} do not divide {size}: {lost} dropped"
        near = f"{size - rest} or {size - rest + step}" if size > step else f"{step}"
        hint = f"bring {near} here instead of {size}, or choose a patch that divides it"
        yield Finding(message, node, "kernel", hint, edits=_with_whole_patches(context, node, patch))


def _may_cut_patches(op: Any) -> bool:
    """Return whether a convolution may have equal kernel and stride; rules out nearly all, without their geometry."""
    return not isinstance(op.kernel, int) or not isinstance(op.stride, int) or op.kernel == op.stride > 1


def _with_whole_patches(context: RuleContext, node: FlatNode, patch: tuple[int, ...]) -> Edits:
    """Return edits to the nearest sizes of the input that the patch divides, if it is an input that is cut."""
    # Imported late: it imports the arithmetic of sizes, which a clean lint does not need.
    from archspec.linter.written_sizes import find_written_size

    # The size of a map inside the network follows from layers before it, none of which is certainly the wrong one.
    if node.inputs[0] not in context.flat.inputs:
        return NO_EDITS
    name, x = context.graph.inputs[context.flat.inputs.index(node.inputs[0])]
    edits = []
    for place, (size, step) in enumerate(zip(x.spatial, patch, strict=True), 1):
        if isinstance(size, int) and size % step:
            number = find_written_size(context.spec, name, place).number
            # All axes or none: a fix of one would leave the finding.
            if number is None or number.span.file != context.spec.file:
                return NO_EDITS
            edits.append(Edit(number.span, str(nearest_multiple(size, step))))
    return tuple(edits)


def _patch(context: RuleContext, node: FlatNode, sizes: tuple[Dim, ...]) -> tuple[int, ...]:
    """Return the patch size of a convolution that cuts its input into patches; empty for any other.

    Such a one has equal kernel and stride and no padding, and its output becomes tokens or its patches are large.
    """
    op: Any = node.node.op
    padding, kernel, stride, dilation = op.geometry(sizes)
    if kernel != stride or max(kernel) < 2 or any(p != (0, 0) for p in padding) or any(d != 1 for d in dilation):
        return ()
    tokens = any(reader.kind == "to_tokens" for reader in context.consumers(node))
    return tuple(kernel) if tokens or min(kernel) >= LARGE else ()


RULE = Rule(
    code="ATT002",
    name="patch-drops-pixels",
    severity=WARNING,
    summary="patches that do not divide the map",
    why="A convolution whose kernel equals its stride cuts the map into patches. What is left over at the right and "
    "at the bottom is in no patch: the network never sees it, and torch says nothing.",
    hint="Choose a size that is a multiple of the patch, or a patch that divides the size.",
    bad=(
        Example(
            """\
input: [3, 230, 230]
stages:
  - patch_embed: {features: 192, patch: 16}
  - encoder_layer: {heads: 3, repeat: 2}
head: [global_avg_pool, {linear: 10}]
""",
            "3:5",
        ),
        Example(
            """\
input: [3, 225, 224]
stages:
  - conv: {channels: 96, kernel: 4, stride: 4}
  - convnext_block: {repeat: 3}
head: [global_avg_pool, {linear: 10}]
""",
            "3:34",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - patch_embed: {features: 192, patch: 16}
  - encoder_layer: {heads: 3, repeat: 2}
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [3, 225, 225]
stages:
  - conv: {channels: 64, kernel: 7, stride: 2}
  - max_pool: {kernel: 3, stride: 2}
  - conv: {channels: 64, kernel: 2, stride: 2}
head: [global_avg_pool, {linear: 10}]
""",
        """\
input: [1, 16001]
stages:
  - conv: {channels: 64, kernel: 10, stride: 5, padding: 0}
  - conv: {channels: 64, kernel: 3, stride: 2, padding: 0}
head: [global_avg_pool, {linear: 10}]
""",
    ),
    references=("https://arxiv.org/abs/2010.11929",),
    includes_library=True,
    applicability="unsafe",
    check=check,
)
