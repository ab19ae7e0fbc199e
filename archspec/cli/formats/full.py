"""Each finding with its source lines, its causes, what to do, and where it is explained."""

from __future__ import annotations

from archspec.cli.formats.concise import line
from archspec.cli.formats.report import LintReport, counted, printable
from archspec.cli.terminal import BLUE, CYAN, LEVELS, PLAIN, painted
from archspec.diagnostics import Diagnostic, Severity


def render(report: LintReport) -> str:
    """Return the findings, an empty line between two, and how many there are."""
    if not report.diagnostics:
        return ""
    parts = [_finding(d, report) for d in report.diagnostics]
    return "\n\n".join([*parts, *([_found(report)] if report.checked else [])])


def _finding(diagnostic: Diagnostic, report: LintReport) -> str:
    lines = [line(diagnostic, report.colour)]
    text = report.text_of(diagnostic.span.file)
    if text:
        from archspec.source.snippet import snippet  # a clean lint needs neither it nor unicodedata

        lines.extend(_source(snippet(text, diagnostic.span), diagnostic, report.colour))
    for cause in diagnostic.causes:
        place = f" ({printable(str(cause.span))})" if cause.span is not None else ""
        lines.append(f"  {painted('because:', BLUE, report.colour)} {printable(cause.message)}{place}")
    if diagnostic.hint:
        lines.append(f"  {painted('help:', CYAN, report.colour)} {printable(diagnostic.hint)}")
    lines.append(f"  {painted('see:', BLUE, report.colour)} archspec explain {diagnostic.code}")
    return "\n".join(lines)


def _source(shown: str, diagnostic: Diagnostic, colour: bool) -> list[str]:
    """Return the source lines: numbers in blue, carets in the colour of the severity."""
    lines = []
    for text in filter(None, shown.split("\n")):
        number, bar, rest = text.partition(" |")
        style = PLAIN if number.strip() else LEVELS[diagnostic.severity]
        lines.append(painted(number + bar, BLUE, colour) + painted(rest, style, colour))
    return lines


def _found(report: LintReport) -> str:
    """Return the counts, as in `2 errors and 1 warning in 3 specs`."""
    counts = [(sum(d.severity is level for d in report.diagnostics), level.value) for level in Severity]
    texts = [counted(number, word) for number, word in counts if number]
    listed = texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
    return f"{listed} in {counted(len(report.checked), 'spec')}"
