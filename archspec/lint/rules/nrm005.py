"""NRM005: a norm right after a norm."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.lint.rule import WARNING, Example, Finding, Rule
from archspec.lint.view import View

NORMS = ("batch_norm", "instance_norm", "layer_norm", "group_norm", "rms_norm")


def check(view: View) -> Iterator[Finding]:
    """Norms whose one input is the output of a norm that nothing else reads."""
    for node in view.nodes:
        before = view.before(node)
        if node.kind in NORMS and before is not None and before.kind in NORMS and view.only_reader(before) is node:
            yield Finding(f"{node.kind} right after {before.kind}", node)


RULE = Rule(
    code="NRM005",
    name="norm-after-norm",
    severity=WARNING,
    summary="a norm right after a norm",
    why="The second norm undoes the first one's scale and shift: what the first has learned is lost, and paid for.",
    fix="Remove one of the two.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 16
  - batch_norm
  - group_norm: 4
""",
            "5:5",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - batch_norm
  - relu
  - conv: 16
  - group_norm: 4
""",
    ),
    applicability="unsafe",
    check=check,
)
