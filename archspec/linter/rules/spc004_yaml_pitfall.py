"""SPC004: YAML reads this otherwise than it looks."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Example, Rule

RULE = Rule(
    code="SPC004",
    name="yaml-pitfall",
    severity=ERROR,
    summary="YAML reads this otherwise than it looks",
    why=(
        "`on` and `yes` are texts in YAML 1.2 and booleans in 1.1, `012` is twelve or ten, `{channels: max(8,"
        " w)}` is two keys, `w[0]` in braces does not parse, and `{channels:64}` is one word. A warning where it"
        " can be read nevertheless, but other readers of YAML, and people, read something else."
    ),
    hint=(
        "Put quotes around an expression with , [ ] { } inside braces or brackets and around a name that looks"
        " like a number; write true and false; write numbers without leading zeros."
    ),
    bad=(
        Example(
            """\
input: [3, 32, 32]
params: {width: 4}
stages:
  - conv: {channels: max(8, width)}
""",
            "4:22",
        ),
        Example(
            """\
input: [3, 32, 32]
params: {widths: [16, 32]}
stages:
  - conv: {channels: widths[0]}
""",
            "4:22",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, bias: on}
""",
            "3:32",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: {channels:16}
""",
            "3:12",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
params: {width: 4, widths: [16, 32]}
stages:
  - conv: {channels: "max(8, width)", bias: true}
  - conv: {channels: "widths[0]"}
  - conv: {name: "012", channels: 12}
""",
        """\
input: [3, 32, 32]
params: {width: 4}
stages:
  - conv:
      channels: max(8, width)
      kernel: [3, 5]
""",
    ),
    references=("https://yaml.org/spec/1.2.2/#103-core-schema",),
    applicability="safe",
)
