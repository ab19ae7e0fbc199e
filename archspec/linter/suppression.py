"""Comments that silence findings: `# archspec: ignore[CNV006] reason` on a line, `ignore-file[...]` at the top.

A comment with other text on its line speaks of the findings that start on that line, one that stands alone of those on
the next line that holds more than a comment. What the comments themselves get wrong is SPC007.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from archspec.diagnostics import Diagnostic, Edit, Fix, Severity, Span, did_you_mean
from archspec.linter.catalogue import codes, find_rule, rules
from archspec.linter.selection import Selection
from archspec.source.comments import Comment
from archspec.source.composer import comments
from archspec.source.positions import LINE_BREAK

CODE: Final = "SPC007"
_MARK: Final = "archspec:"
_DIRECTIVE: Final = re.compile(r"#\s*archspec:\s*(?P<word>[A-Za-z-]+)(?P<open>\s*\[(?P<codes>[^\[\]]*)(?P<close>\]?))?")
_ENTRY: Final = re.compile(r"[^\s,]+")
_WORDS: Final = ("ignore", "ignore-file")
_HOW: Final = "write `# archspec: ignore[CNV006] the reason`"


class _Entry(Struct):
    """One code of a comment, or the beginning of several."""

    text: str
    span: Span
    used: bool = False

    def fits(self, code: str) -> bool:
        return code.startswith(self.text.upper())


class _Suppression(Struct):
    """A comment that silences; `line` is where the findings start, 0 for the whole file."""

    comment: Comment
    start: int  # where in the comment it begins and ends
    end: int
    line: int
    codes_at: tuple[int, int]  # where in the comment the codes stand
    entries: list[_Entry] = field(default_factory=list)

    def speaks_of(self, finding: Diagnostic) -> bool:
        """Whether the finding is silenced; the codes that do so are marked as used."""
        if self.line not in (0, finding.span.line):
            return False
        fitting = [entry for entry in self.entries if entry.fits(finding.code)]
        for entry in fitting:
            entry.used = True
        return bool(fitting)


def unsuppressed(
    found: tuple[Diagnostic, ...], text: str, file: str, selection: Selection, complete: bool
) -> tuple[Diagnostic, ...]:
    """The findings that no comment of the text silences, and what is wrong with the comments.

    `complete`: all variants have been checked to their end, so that a comment that silences nothing never does.
    """
    if _MARK not in text:
        return found
    suppressions, wrong = _suppressions(text, file)
    kept = tuple(d for d in found if d.span.file != file or not _any_speaks(suppressions, d))
    told = [*wrong, *(d for s in suppressions for d in _judged(s, selection, complete))]
    rule = find_rule(CODE)
    if rule is None or not selection.includes(rule):
        return kept
    return (*kept, *(d for d in told if not _any_speaks(suppressions, d)))


def _any_speaks(suppressions: Sequence[_Suppression], finding: Diagnostic) -> bool:
    """Whether any comment silences the finding; all that do are asked, so that none of them seems unused."""
    speaking = [suppression for suppression in suppressions if suppression.speaks_of(finding)]
    return bool(speaking)


def _suppressions(text: str, file: str) -> tuple[list[_Suppression], list[Diagnostic]]:
    lines = LINE_BREAK.split(text.removeprefix("\ufeff"))
    written = comments(text, file)
    bare = {comment.span.line for comment in written if comment.alone}
    held = [number for number, line in enumerate(lines, 1) if line.strip() and number not in bare]
    found: list[_Suppression] = []
    wrong: list[Diagnostic] = []
    for comment in written:
        matches = list(_DIRECTIVE.finditer(comment.text))
        ends = [*(match.start() for match in matches[1:]), len(comment.text)]
        for match, end in zip(matches, ends, strict=False):
            problem = _malformed(comment, match, held[0] if held else len(lines))
            if problem is not None:
                wrong.append(problem)
            elif match["word"] in _WORDS:
                found.append(_suppression(comment, match, end, held))
    return found, wrong


def _suppression(comment: Comment, match: re.Match[str], end: int, held: list[int]) -> _Suppression:
    line = comment.span.line
    if match["word"] == "ignore-file":
        line = 0
    elif comment.alone:
        line = next((number for number in held if number > line), -1)
    entries = [
        _Entry(entry[0], _part(comment, *entry.span()))
        for entry in _ENTRY.finditer(comment.text, match.start("codes"), match.end("codes"))
    ]
    return _Suppression(comment, match.start(), end, line, match.span("codes"), entries)


def _malformed(comment: Comment, match: re.Match[str], first: int) -> Diagnostic | None:
    """What is wrong with the form of a comment to archspec; a remark that is none of its words is nobody's concern."""
    word, span = match["word"], _part(comment, *match.span())
    if word not in _WORDS:
        close = did_you_mean(word, _WORDS)
        if close is None and match["open"] is None:
            return None
        hint = f"did you mean {close}?" if close else _HOW
        return _told(f"archspec has no comment {word}", _part(comment, *match.span("word")), hint)
    if match["open"] is None or not _ENTRY.search(match["codes"]):
        return _told(f"{word} names no code", span, _HOW)
    if not match["close"]:
        return _told(f"the codes of {word} are not closed", span, f"end them with ]: {_HOW}")
    if word == "ignore-file" and comment.span.line >= first:
        return _told("ignore-file stands at the top of a file, before its first key", span, "move it there")
    return None


def _judged(suppression: _Suppression, selection: Selection, complete: bool) -> Iterator[Diagnostic]:
    """What is wrong with the codes of a comment: that there are none such, or that nothing has been silenced."""
    unknown = [e for e in suppression.entries if not any(e.fits(code) for code in codes())]
    unused = [e for e in suppression.entries if e not in unknown and not e.used and complete and _asked(e, selection)]
    if not unknown and not unused:
        return
    fix = _without(suppression, [*unknown, *unused])
    for entry in unknown:
        close = did_you_mean(entry.text.upper(), codes())
        hint = f"did you mean {close}?" if close else "archspec explain lists the codes"
        yield _told(f"there is no rule {entry.text}", entry.span, hint, fix)
    for entry in unused:
        message = f"no {entry.text} is found " + ("here" if suppression.line else "in this file")
        yield _told(message, entry.span, "remove it: it would hide the next one that comes", fix)


def _asked(entry: _Entry, selection: Selection) -> bool:
    """Whether the rules that a code stands for have been run, so that it would have been used if it were of use."""
    meant = [rule for rule in rules() if entry.fits(rule.code) and rule.code != CODE]
    wanted = [rule for rule in meant if selection.includes(rule)]
    return bool(wanted) and all(rule in wanted for rule in meant if rule.enabled)


def _without(suppression: _Suppression, entries: list[_Entry]) -> Fix:
    """The edit that takes codes out of a comment, the whole comment where none is left."""
    comment = suppression.comment
    left = [entry.text for entry in suppression.entries if entry not in entries]
    if left:
        return Fix("safe", (Edit(_part(comment, *suppression.codes_at), ", ".join(left)),))
    span, start, end = comment.span, suppression.start, suppression.end
    whole = start == 0 and end == len(comment.text)
    if whole and comment.alone:
        return Fix("safe", (Edit(Span(span.file, span.line, 1, span.line + 1, 1), ""),))
    if whole:
        start = len(comment.before.rstrip()) - len(comment.before)
    elif end == len(comment.text):
        start = len(comment.text[:start].rstrip())
    return Fix("safe", (Edit(_part(comment, start, end), ""),))


def _part(comment: Comment, start: int, end: int) -> Span:
    span = comment.span
    return Span(span.file, span.line, span.column + start, span.line, span.column + end)


def _told(message: str, span: Span, hint: str, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(CODE, message, span, Severity.WARNING, hint=hint, fix=fix)
