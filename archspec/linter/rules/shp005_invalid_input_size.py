"""SHP005: a declared input size that does not work, though others do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archspec.diagnostics import Cause, Edit
from archspec.linter.position_embeddings import find_position_mismatches
from archspec.linter.rule import ERROR, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

if TYPE_CHECKING:
    from archspec.analysis.valid_sizes.model import InputAxis
    from archspec.analysis.valid_sizes.size_repair import SizeRepair

MAX_LISTED = 3


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield the input sizes that cause the failures, where sizes near them work."""
    from archspec.analysis.valid_sizes.describe import requirements
    from archspec.analysis.valid_sizes.size_repair import is_repaired_by, nearest_sizes
    from archspec.linter.written_sizes import find_axis_size

    found = context.size_repair
    chosen = None if found is None else nearest_sizes(found.sizes)
    if found is None or chosen is None:
        return
    explained = {d for mismatch in find_position_mismatches(context) for d in mismatch.diagnostics}
    if explained.issuperset(found.caused):
        return  # ATT004 reports the embedding, which is nearer to the cause than the input's size
    changes = [(a, size) for a, size in zip(found.sizes.axes, chosen, strict=True) if a.declared != size]
    # The sizes are solved from the layers that were lowered; only lowering with them shows that nothing else fails.
    if not changes or not is_repaired_by(context.spec, found, chosen):
        return
    wrong = tuple(axis for axis, _ in changes)
    numbers = list(dict.fromkeys(str(axis.declared) for axis in wrong))
    are = f"size {numbers[0]} is" if len(numbers) == 1 else f"sizes {' and '.join(numbers)} are"
    yield Finding(
        f"the {are} not among those that work: {requirements(wrong, found.sizes.axes)}",
        find_axis_size(context.spec, wrong[0]).span,
        hint=_hint(wrong),
        causes=_causes(found),
        edits=_edits(context, changes),
        replaces=found.caused,
    )


def _hint(wrong: tuple[InputAxis, ...]) -> str:
    near = {axis.declared: " or ".join(map(str, axis.nearest(axis.declared))) for axis in wrong}
    nearest = "; ".join(f"nearest to {size}: {sizes}" for size, sizes in near.items())
    return f"{nearest}; or pad the input, or let maps meet with fit"


def _causes(found: SizeRepair) -> tuple[Cause, ...]:
    listed = [Cause(f"{d.code}: {d.message}", d.span) for d in found.caused[:MAX_LISTED]]
    more = len(found.caused) - len(listed)
    why = found.caused[0].causes  # all: the last of them may be the call in the user's own text
    return (*listed, *why, *((Cause(f"and {more} more places"),) if more else ()))


def _edits(context: RuleContext, changes: list[tuple[InputAxis, int]]) -> tuple[Edit, ...]:
    """Return edits of the numbers, if all of them are in this text; one number for two axes must fit both."""
    from archspec.linter.written_sizes import find_axis_size

    edits: dict[object, Edit] = {}
    for axis, size in changes:
        number = find_axis_size(context.spec, axis).number
        # An alias repeats the number of an anchor, which other places use.
        if number is None or number.alias is not None or number.span.file != context.spec.file:
            return ()
        edit = Edit(number.span, str(size))
        if edits.setdefault(number.span, edit) != edit:
            return ()
    return tuple(edits.values())


RULE = Rule(
    code="SHP005",
    name="invalid-input-size",
    severity=ERROR,
    summary="the declared input size is not one that works",
    why=(
        "The layers fit together at other input sizes, so the size is what is wrong: an odd map that is halved and "
        "doubled comes back a row smaller, a small one is used up by strides. The causes say where it fails."
    ),
    hint="Declare one of the sizes that work, pad the input, or let maps meet with `fit`.",
    applicability="unsafe",
    bad=(
        Example(
            """\
input: [3, 300, 300]
stages:
  - double_conv: {name: enc1, channels: 16}
  - max_pool: 8
  - double_conv: {name: enc2, channels: 32}
  - conv_transpose: {name: up1, channels: 16, kernel: 8, stride: 8}
  - concat: [enc1, up1]
  - double_conv: {name: dec1, channels: 16}
""",
            "1:12",
        ),
        Example(
            """\
input: [3, 224, 20]
stages:
  - conv: {channels: 16, kernel: 7, stride: 4, padding: 0}
  - relu
  - max_pool: 4
  - conv: {channels: 32, kernel: 3, padding: 0}
head: [global_avg_pool, linear: 10]
""",
            "1:17",
        ),
    ),
    good=(
        """\
input: [3, 304, 304]
stages:
  - double_conv: {name: enc1, channels: 16}
  - max_pool: 8
  - double_conv: {name: enc2, channels: 32}
  - conv_transpose: {name: up1, channels: 16, kernel: 8, stride: 8}
  - concat: [enc1, up1]
  - double_conv: {name: dec1, channels: 16}
""",
    ),
    references=("https://arxiv.org/abs/1505.04597",),
    check=check,
)
