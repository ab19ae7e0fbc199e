"""FIL001: the file is not there."""

from __future__ import annotations

from archspec.linter.rule import ERROR, Rule

RULE = Rule(
    code="FIL001",
    name="file-not-found",
    severity=ERROR,
    summary="the file is not there",
    why=(
        "The path, or the name of a gallery spec, leads nowhere. A name without a slash or .yaml is looked up in"
        " the gallery."
    ),
    hint="Check the name; `archspec list` names the gallery.",
)
