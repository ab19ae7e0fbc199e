"""FIL005: a variant that the spec does not have."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Rule

RULE = Rule(
    code="FIL005",
    name="unknown-variant",
    severity=ERROR,
    summary="the spec has no variant of that name",
    why=(
        "`--variant`, or the name after the colon in `resnet:resnet50`, chooses one of the variants that the spec lists"
        " under `variants`. Like a missing file, another name leaves nothing to check."
    ),
    hint="Check the name; `archspec list` names the variants of the gallery, and `archspec show SPEC` those of a spec.",
)
