"""SHP003: a network that works only for some input sizes."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.rule import INFO, WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield the first input axis restricted beyond a smallest size; a warning if `sizes:` declares it as free."""
    from archspec.analysis.valid_sizes.describe import requirements
    from archspec.linter.size_restrictions import is_restrictive, solve_sizes
    from archspec.linter.written_sizes import find_axis_size

    sizes = solve_sizes(context, pinned=False)
    if sizes is None:
        return
    # A size with a name under `sizes:` is declared to be any number, which a linear layer or learned positions deny:
    # `pinned` includes these. On other axes they are ordinary, and only periods and gaps are reported.
    free = [axis for axis in sizes.axes if find_axis_size(context.spec, axis).free]
    if free:
        built = solve_sizes(context, pinned=True)
        promised = {(axis.input, axis.index) for axis in free}
        axes = (
            []
            if built is None
            else [a for a in built.axes if (a.input, a.index) in promised and is_restrictive(a.sizes)]
        )
        if built is not None and axes:
            message = f"a named size is not free: {requirements(tuple(axes), built.axes)}"
            yield Finding(message, find_axis_size(context.spec, axes[0]).span, severity=WARNING)
            return
    axes = [axis for axis in sizes.axes if is_restrictive(axis.sizes)]
    if axes:
        message = f"works only for some input sizes: {requirements(tuple(axes), sizes.axes)}"
        yield Finding(message, find_axis_size(context.spec, axes[0]).span)


RULE = Rule(
    code="SHP003",
    name="restricted-input-sizes",
    severity=INFO,
    summary="works only for some input sizes",
    why=(
        "Maps that are halved and doubled again meet only where the input's size divides evenly. The declared size "
        "works, others would fail inside the network. Where the size has a name under `sizes`, which says that it may "
        "be any number, this is a warning."
    ),
    hint="Pad the input to such a size, or let maps meet with `fit` or `resize: {from: {like: ...}}`.",
    bad=(
        Example(
            """\
input: [16, 64, 64]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 4
  - conv_transpose: {channels: 16, kernel: 4, stride: 4}
  - concat: [enc, prev]
  - conv: 4
""",
            "1:13",
        ),
    ),
    good=(
        """\
input: [16, 64, 64]
stages:
  - conv: {name: enc, channels: 16}
  - max_pool: 4
  - conv: 16
  - resize: {from: {x: prev, like: enc}}
  - concat: [enc, prev]
  - conv: 4
""",
        """\
input: [3, 224, 224]
stages:
  - conv: {channels: 16, kernel: 7, stride: 4, padding: 0}
  - relu
head: [global_avg_pool, linear: 10]
""",
    ),
    references=("https://arxiv.org/abs/1505.04597",),
    check=check,
)
