"""Verdicts on a mutant, of archspec and of torch: whether they agree, and whether the lines are right."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import archspec
from archspec.diagnostics import Diagnostic, Severity
from archspec.errors import SpecError
from archspec.linter.catalogue import rules
from tests.oracle.mutants import Mutant
from tests.oracle.torch_lowering import Run, run
from tests.oracle.torch_ops import Torch

TEXT = "<text>"
ERRORS = tuple(rule.code for rule in rules() if rule.severity is Severity.ERROR or rule.check is None)
"""The rules that may say that something cannot be built; style takes no part."""


@dataclass(slots=True)
class Report:
    """The counts over many mutants, and every wrong verdict."""

    counts: Counter[str] = field(default_factory=Counter)  # valid, invalid, conditional
    kinds: Counter[str] = field(default_factory=Counter)  # for each kind of mutation, how many are invalid
    unread: Counter[str] = field(default_factory=Counter)  # the codes of designs that never came to torch
    wrong: list[str] = field(default_factory=list)


def judge(mutant: Mutant, answers: Torch, report: Report) -> None:
    """Compare the verdicts on one mutant, for its own input and for one of another size."""
    here = _agrees(mutant, mutant.text, answers, report)
    there = _agrees(mutant, mutant.elsewhere, answers, report)
    verdict = "conditional" if here != there else "valid" if here else "invalid"
    report.counts[verdict] += 1
    report.kinds[mutant.kind] += verdict != "valid"


def _agrees(mutant: Mutant, text: str, answers: Torch, report: Report) -> bool:
    """Return whether a text is valid by torch; record where archspec differs."""
    errors = [d for d in archspec.lint(text, select=ERRORS) if d.is_error]
    truth = really(text, answers)
    details = "\n".join([*truth.refused, *map(str, truth.unread), *map(shown, errors)])
    # Valid with an error, or invalid without one.
    if truth.valid == bool(errors):
        report.wrong.append(f"{'FALSE ALARM' if errors else 'MISS'} {mutant}{details}")
    if not truth.valid and not truth.refused:
        report.unread.update({d.code for d in truth.unread})
    if text == mutant.text and errors and not truth.valid and not any(_leads_to(d, mutant) for d in errors):
        report.wrong.append(f"OTHER LINES {mutant}{details}")
    return truth.valid


def _leads_to(finding: Diagnostic, mutant: Mutant) -> bool:
    """Return whether a finding shows a changed line, a reader of one, or a line from the gap on."""
    lines = lines_of(finding)
    return bool(lines & mutant.lines) or (mutant.gap is not None and max(lines) >= mutant.gap)


def really(text: str, answers: Torch) -> Run:
    """Build and run the text; return the result."""
    try:
        return run(archspec.loads(text), answers)
    except SpecError as error:
        return Run(unread=list(error.diagnostics))


def lines_of(diagnostic: Diagnostic) -> set[int]:
    """Return the lines of the user's text that a finding shows: its own and its causes'."""
    spans = [diagnostic.span, *(cause.span for cause in diagnostic.causes if cause.span is not None)]
    return {line for span in spans if span.file == TEXT for line in range(span.line, span.end_line + 1)}


def shown(diagnostic: Diagnostic) -> str:
    """Return the text of a finding with its causes."""
    causes = "".join(f"\n    {cause.message} {cause.span}" for cause in diagnostic.causes)
    return f"{diagnostic}{causes}"
