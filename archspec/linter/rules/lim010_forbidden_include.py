"""LIM010: a file that may not be included."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="LIM010",
    name="forbidden-include",
    severity=ERROR,
    summary="a file that may not be included",
    why=(
        "extends and network reach the gallery and files under the directory of the first spec, 8 deep at most,"
        " so that a spec from elsewhere reads nothing that its reader did not mean to give."
    ),
    hint="Move the file there, or use a name of the gallery.",
    bad=(
        Example(
            """\
extends: ../other.yaml
""",
            "1:10",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - network: /etc/passwd.yaml
""",
            "3:14",
        ),
    ),
    good=(
        """\
extends: resnet
params: {classes: 10}
""",
        """\
input: [3, 32, 32]
stages:
  - network: {spec: resnet, variant: resnet18}
""",
    ),
)
