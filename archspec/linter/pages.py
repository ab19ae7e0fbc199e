"""The documentation of a rule: the text of `archspec explain CODE` and the page docs/rules/CODE.md, from one source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Final

from archspec.linter.rule import Rule

FAMILIES: Final = {
    "ATT": "attention",
    "CNV": "convolution and pooling",
    "FIL": "files",
    "GRF": "the graph",
    "LIM": "limits",
    "NRM": "norms and activations",
    "PRF": "performance",
    "RES": "skip connections",
    "SHP": "shapes",
    "SPC": "the text",
}
_APPLICABILITY: Final = {
    "safe": "Its fix is safe: `archspec lint --fix` applies it.",
    "unsafe": "Its fix may change what the network computes: `archspec lint --fix --unsafe-fixes` applies it.",
    "": "It brings no fix.",
}
_COLUMNS, _WIDEST, _LONGEST, _KEPT = 100, 110, 30, 8


def explanation(rule: Rule) -> str:
    """Return the text of a rule for a terminal, with its first examples."""
    lines = [f"{rule.code} {rule.name} ({rule.severity.value}): {rule.summary}", ""]
    for paragraph in (rule.why, rule.hint, _status(rule)):
        lines.extend([*wrap(paragraph, _COLUMNS), ""])
    for title, texts in (("not", [example.text for example in rule.bad[:1]]), ("but", rule.good[:1])):
        for text in texts:
            lines.extend([f"{title}:", "", *(f"  {line}" for line in _shown(text)), ""])
    return "\n".join([*lines, *rule.references]).rstrip()


def page(rule: Rule, reports: Sequence[str]) -> str:
    """Return the Markdown page of a rule; `reports` are the diagnostics of its bad examples, as text."""
    lines = [f"# {rule.code} {rule.name}", "", f"**{rule.severity.value}**: {rule.summary}. {_status(rule)}", ""]
    lines += [rule.why, "", rule.hint, ""]
    if rule.bad:
        lines += ["## What it finds", ""]
    for example, message in zip(rule.bad, reports, strict=True):
        lines += [*_fenced("yaml", _shown(example.text)), *_fenced("text", message.split("\n"))]
    if rule.good:
        lines += ["## What it accepts", ""]
    for text in rule.good:
        lines += _fenced("yaml", _shown(text))
    if rule.references:
        lines += ["## References", "", *(f"- <{reference}>" for reference in rule.references), ""]
    lines += [f"To suppress a finding: [`# archspec: ignore[{rule.code}] reason`](../commands.md#suppression)."]
    lines += ["All rules: [README](README.md).", ""]
    return "\n".join(lines)


def index(rules: Sequence[Rule]) -> str:
    """Return the page that lists all rules, one table for each family."""
    lines = ["# Rules", "", f"{len(rules)} rules. `archspec explain CODE` prints the explanation of a rule.", ""]
    lines += ["A fix is *safe* if it does not change the network, else *unsafe*. A rule in (parentheses) is off unless"]
    lines += ["`--select` names it. A design with an error is not built; an info never fails a run.", ""]
    for family in sorted({rule.code[:3] for rule in rules}):
        lines += [f"## {family}: {FAMILIES[family]}", "", "| code | name | severity | fix | what it finds |"]
        lines += ["|---|---|---|---|---|", *_rows(rule for rule in rules if rule.code.startswith(family)), ""]
    return "\n".join(lines)


def _rows(rules: Iterator[Rule]) -> Iterator[str]:
    for rule in rules:
        code = f"[{rule.code}]({rule.code}.md)" if rule.enabled else f"([{rule.code}]({rule.code}.md))"
        summary = rule.summary.replace("|", "\\|")
        yield f"| {code} | {rule.name} | {rule.severity.value} | {rule.applicability or '–'} | {summary} |"


def _status(rule: Rule) -> str:
    """Return a sentence on whether the rule is on by default and what its fix does."""
    off = "" if rule.enabled else f"Off unless selected: `--select {rule.code}`. "
    return off + _APPLICABILITY[rule.applicability]


def _fenced(language: str, lines: Sequence[str]) -> list[str]:
    return [f"```{language}", *lines, "```", ""]


def _shown(text: str) -> list[str]:
    """Return the lines of an example, cut where there are too many."""
    lines = [line if len(line) <= _WIDEST else line[: _WIDEST - 4] + " ..." for line in text.rstrip("\n").split("\n")]
    # Examples of the limits are thousands of lines long by design.
    if len(lines) <= _LONGEST:
        return lines
    return [*lines[:_KEPT], f"# ... and so on, {len(lines):,} lines in all"]
