"""SPC007: unused suppression."""

from __future__ import annotations

from archspec.linter.rule import WARNING, Example, Rule

RULE = Rule(
    code="SPC007",
    name="unused-suppression",
    severity=WARNING,
    summary="a suppression that silences nothing",
    why=(
        "`# archspec: ignore[CODE] reason` stays when what it excused is gone, and then hides the next mistake of that"
        " kind. A code that does not exist, or a comment without codes, has never silenced anything."
    ),
    hint="Remove the comment, or correct its code.",
    bad=(
        Example(
            """\
input: [3, 32, 32]
stages:
  - conv: 16
  - batch_norm  # archspec: ignore[NRM005] the second one is trained apart
  - relu
""",
            "4:36",
        ),
        Example(
            """\
input: [3, 32, 32]
stages:
  # archspec: ignore[NMR005] the second one is trained apart
  - conv: 16
""",
            "3:22",
        ),
    ),
    good=(
        """\
input: [3, 32, 32]
stages:
  - conv: 16
  - batch_norm
  - group_norm: 4  # archspec: ignore[NRM005] the second one is trained apart
""",
        """\
input: [3, 32, 32]
params: {groups: 4}
stages:
  - conv: 16
  - batch_norm
  # archspec: ignore[NRM005] only the variant has one
  - group_norm: {groups: groups, when: groups > 4}
  - relu
variants:
  grouped: {groups: 8}
""",
    ),
    applicability="safe",
)
