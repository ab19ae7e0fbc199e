"""Comments that silence findings: `# archspec: ignore[CNV006] reason` on a line, `ignore-file[...]` at the top.

A comment behind other text silences the findings that start on its line; a comment alone on its line those on the next
line that holds more than a comment. Malformed and unused comments are reported as SPC007.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from archspec.diagnostics import Diagnostic, Edit, Fix, Severity, Span, did_you_mean
from archspec.linter.catalogue import codes, find_rule, rules
from archspec.linter.selection import Selection
from archspec.source.comments import Comment, comments_of_tree
from archspec.source.composer import read_comments
from archspec.source.positions import LINE_BREAK
from archspec.source.tree import Tree

CODE: Final = "SPC007"
_MARK: Final = "archspec:"
_DIRECTIVE: Final = re.compile(r"#\s*archspec:\s*(?P<word>[A-Za-z-]+)(?P<open>\s*\[(?P<codes>[^\[\]]*)(?P<close>\]?))?")
_CODE: Final = re.compile(r"[^\s,]+")
_WORDS: Final = ("ignore", "ignore-file")
_HOW: Final = "write `# archspec: ignore[CNV006] the reason`"


class _Code(Struct):
    """One code of a comment, or the beginning of several; `used` once it has silenced a diagnostic."""

    text: str
    span: Span
    used: bool = False

    def matches(self, code: str) -> bool:
        return code.startswith(self.text.upper())


class _Suppression(Struct):
    """A comment that silences; `line` is the line of the diagnostics that it is about, 0 for the whole file.

    `start`, `end` and `code_range` are offsets into the comment: a comment may hold other words, and several of these.
    """

    comment: Comment
    start: int
    end: int
    line: int
    code_range: tuple[int, int]
    codes: list[_Code] = field(default_factory=list)

    def silences(self, diagnostic: Diagnostic) -> bool:
        """Return whether the diagnostic is silenced; the codes that do so are marked as used."""
        if self.line not in (0, diagnostic.span.line):
            return False
        matching = [code for code in self.codes if code.matches(diagnostic.code)]
        for code in matching:
            code.used = True
        return bool(matching)


def apply_suppressions(
    found: tuple[Diagnostic, ...], text: str, file: str, selection: Selection, complete: bool, tree: Tree | None = None
) -> tuple[Diagnostic, ...]:
    """Drop the diagnostics that a comment of the text silences; report comments that are malformed or unused.

    `complete`: all variants have been checked to their end. Otherwise a comment that silences nothing may still be of
    use in what was not checked, and is not reported. `tree` is the text's, where it was read without a diagnostic.
    """
    if _MARK not in text:
        return found
    suppressions, malformed = _find_suppressions(_comments(text, file, tree), text)
    kept = tuple(d for d in found if d.span.file != file or not _is_silenced(suppressions, d))
    problems = [*malformed, *(d for s in suppressions for d in _unused(s, selection, complete))]
    # Problems can be suppressed like any other finding, by a comment that names SPC007.
    rule = find_rule(CODE)
    if rule is None or not selection.includes(rule):
        return kept
    return (*kept, *(d for d in problems if not _is_silenced(suppressions, d)))


def _comments(text: str, file: str, tree: Tree | None) -> tuple[Comment, ...]:
    """Return the comments of a text, from its tree where that has all of its scalars, else by composing it again."""
    # `<<` drops values that are overridden: a `#` in a quoted one of them would look like a comment.
    if tree is not None and tree.span.file == file and "<<" not in text:
        return comments_of_tree(tree, text, file)
    return read_comments(text, file)


def _is_silenced(suppressions: Sequence[_Suppression], diagnostic: Diagnostic) -> bool:
    """Return whether any comment silences the diagnostic. Each is consulted, so that none of them seems unused."""
    silencing = [suppression for suppression in suppressions if suppression.silences(diagnostic)]
    return bool(silencing)


def _find_suppressions(written: Sequence[Comment], text: str) -> tuple[list[_Suppression], list[Diagnostic]]:
    """Return the comments that silence, and what is wrong with those that seem to be meant as such."""
    lines = LINE_BREAK.split(text.removeprefix("\ufeff"))
    bare = {comment.span.line for comment in written if comment.is_alone}
    content = [number for number, line in enumerate(lines, 1) if line.strip() and number not in bare]
    found: list[_Suppression] = []
    wrong: list[Diagnostic] = []
    for comment in written:
        matches = list(_DIRECTIVE.finditer(comment.text))
        # One comment may hold several directives; each extends to the next, so that a fix removes no more than its own.
        ends = [*(match.start() for match in matches[1:]), len(comment.text)]
        for match, end in zip(matches, ends, strict=False):
            problem = _malformed(comment, match, content[0] if content else len(lines))
            if problem is not None:
                wrong.append(problem)
            elif match["word"] in _WORDS:
                found.append(_suppression(comment, match, end, content))
    return found, wrong


def _suppression(comment: Comment, match: re.Match[str], end: int, content: list[int]) -> _Suppression:
    """Return the suppression of a directive; `content` are the numbers of the lines that hold more than a comment."""
    line = comment.span.line
    if match["word"] == "ignore-file":
        line = 0
    elif comment.is_alone:
        # -1 for a comment with nothing behind it: it silences nothing, and is reported as unused.
        line = next((number for number in content if number > line), -1)
    found = [
        _Code(code[0], _subspan(comment, *code.span()))
        for code in _CODE.finditer(comment.text, match.start("codes"), match.end("codes"))
    ]
    return _Suppression(comment, match.start(), end, line, match.span("codes"), found)


def _malformed(comment: Comment, match: re.Match[str], first: int) -> Diagnostic | None:
    """Return what is wrong with the form of a comment; None for a remark that only happens to mention archspec."""
    word, span = match["word"], _subspan(comment, *match.span())
    if word not in _WORDS:
        close = did_you_mean(word, _WORDS)
        # Prose such as `# archspec: see below` is no directive; only brackets or a near miss make it one.
        if close is None and match["open"] is None:
            return None
        hint = f"did you mean {close}?" if close else _HOW
        return _problem(f"archspec has no comment {word}", _subspan(comment, *match.span("word")), hint)
    if match["open"] is None or not _CODE.search(match["codes"]):
        return _problem(f"{word} names no code", span, _HOW)
    if not match["close"]:
        return _problem(f"the codes of {word} are not closed", span, f"end them with ]: {_HOW}")
    if word == "ignore-file" and comment.span.line >= first:
        return _problem("ignore-file stands at the top of a file, before its first key", span, "move it there")
    return None


def _unused(suppression: _Suppression, selection: Selection, complete: bool) -> Iterator[Diagnostic]:
    """Report the codes of a comment that no rule has, and those that have silenced nothing."""
    unknown = [c for c in suppression.codes if not any(c.matches(code) for code in codes())]
    known = [c for c in suppression.codes if c not in unknown]
    unused = [c for c in known if not c.used and complete and _was_checked(c, selection)]
    if not unknown and not unused:
        return
    fix = _removing(suppression, [*unknown, *unused])
    for code in unknown:
        close = did_you_mean(code.text.upper(), codes())
        hint = f"did you mean {close}?" if close else "archspec explain lists the codes"
        yield _problem(f"there is no rule {code.text}", code.span, hint, fix)
    for code in unused:
        message = f"no {code.text} is found " + ("here" if suppression.line else "in this file")
        yield _problem(message, code.span, "remove it: it would hide the next one that comes", fix)


def _was_checked(code: _Code, selection: Selection) -> bool:
    """Return whether the rules that a code covers have all been run, so that its use would have been seen."""
    meant = [rule for rule in rules() if code.matches(rule.code) and rule.code != CODE]
    selected = [rule for rule in meant if selection.includes(rule)]
    return bool(selected) and all(rule in selected for rule in meant if rule.enabled)


def _removing(suppression: _Suppression, removed: list[_Code]) -> Fix:
    """Return the fix that takes codes out of a comment, and the whole comment where none is left."""
    comment = suppression.comment
    left = [code.text for code in suppression.codes if code not in removed]
    if left:
        return Fix("safe", (Edit(_subspan(comment, *suppression.code_range), ", ".join(left)),))
    span, start, end = comment.span, suppression.start, suppression.end
    whole = start == 0 and end == len(comment.text)
    if whole and comment.is_alone:
        return Fix("safe", (Edit(Span(span.file, span.line, 1, span.line + 1, 1), ""),))
    # Without the comment, the spaces before it would be left at the end of the line.
    if whole:
        start = len(comment.before.rstrip()) - len(comment.before)
    elif end == len(comment.text):
        start = len(comment.text[:start].rstrip())
    return Fix("safe", (Edit(_subspan(comment, start, end), ""),))


def _subspan(comment: Comment, start: int, end: int) -> Span:
    span = comment.span
    return Span(span.file, span.line, span.column + start, span.line, span.column + end)


def _problem(message: str, span: Span, hint: str, fix: Fix | None = None) -> Diagnostic:
    return Diagnostic(CODE, message, span, Severity.WARNING, hint=hint, fix=fix)
