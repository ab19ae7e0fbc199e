"""SHP013: a dense prediction of another size than its input."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.rule import INFO, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield output maps on the input's scale but not of its size, in a network that upsamples."""
    from archspec.ir.sizes import Size

    constraints = context.size_constraints if context.nodes_where(lambda op: op.upsamples) else None
    if constraints is None:
        return
    declared = {axis.variable: axis.declared for axis in constraints.axes}
    for value, y in zip(context.flat.outputs, constraints.body.outputs, strict=True):
        maker = context.producer(value)
        if maker is None or y.kind != "map":
            continue
        # Growth equal to the period: one position for each of the input. A map that stays 8 times smaller is intended.
        sizes = [size for size in y.spatial if isinstance(size, Size) and size.growth == size.period]
        sizes_declared = [declared[size.variable] for size in sizes]
        made = [size.at(n) for size, n in zip(sizes, sizes_declared, strict=True)]
        if len(sizes) == len(y.spatial) and made != sizes_declared:
            here, there = "×".join(map(str, made)), "×".join(map(str, sizes_declared))
            yield Finding(f"the output is {here}, the input {there}", maker)


RULE = Rule(
    code="SHP013",
    name="output-size-mismatch",
    severity=INFO,
    summary="an output on the input's scale has another size",
    why=(
        "The network brings its map back to the input's scale, but some rows or columns are missing or too many, so a "
        "target of the input's size does not fit the loss. Valid convolutions do this on purpose (the original U-Net "
        "crops its targets); a size that does not halve evenly does it by accident."
    ),
    hint="Resize or fit the output to the input (`fit: {from: {x: prev, like: input}}`), or crop the target.",
    includes_library=True,
    bad=(
        Example(
            """\
input: [3, 225, 225]
stages:
  - conv: {channels: 16, stride: 2}
  - relu
  - conv_transpose: {channels: 1, kernel: 2, stride: 2}
""",
            "5:5",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - conv: {channels: 16, stride: 2}
  - relu
  - conv_transpose: {channels: 1, kernel: 2, stride: 2}
""",
        """\
input: [3, 225, 225]
stages:
  - conv: {channels: 16, stride: 2}
  - relu
  - conv_transpose: {channels: 1, kernel: 2, stride: 2}
  - fit: {from: {x: prev, like: input}}
""",
    ),
    references=("https://arxiv.org/abs/1505.04597",),
    check=check,
)
