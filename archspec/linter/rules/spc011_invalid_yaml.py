"""SPC011: text that is not YAML."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC011",
    name="invalid-yaml",
    severity=ERROR,
    summary="text that is not YAML",
    why=(
        "The text breaks YAML's own grammar, so that nothing in it can be read with any certainty: a bracket or"
        " quote that is never closed, a tab as indentation, a list and a mapping mixed."
    ),
    hint="Fix the text where it is reported; entries of one list or mapping start in the same column.",
    bad=(
        Example(
            """\
input: [3, 32, 32
stages:
  - conv: 16
""",
            "2:7",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
	- conv: 16
""",
            "3:1",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 16
  relu: {}
""",
            "4:3",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - relu: {}
""",
        """\
input: [3, 32, 32]
stages: [conv: 16,
	relu]
""",
    ),
    references=("https://yaml.org/spec/1.2.2/",),
)
