"""What is called with every text of a campaign: lint, fixes, drawing, diff, export and the language server's queries.

Each function takes a Case and may raise an error of archspec (a text may be wrong), and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from random import Random

from lsprotocol import types
from msgspec import Struct

import archspec
from archspec.analysis.summary import Level
from archspec.cli.diff_markdown import render_markdown
from archspec.cli.diff_text import render_text
from archspec.cli.formats import json as json_format
from archspec.cli.formats.report import as_json
from archspec.cli.lint_fixes import LintedText, fix_in_rounds
from archspec.diagnostics import Diagnostic
from archspec.frontend import Source, open_text
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.lsp.analysis import UNTITLED, Analysis
from archspec.lsp.code_actions import fix_all, quick_fixes
from archspec.lsp.completion import complete, describe_callee
from archspec.lsp.definition import find_definition
from archspec.lsp.diagnostics import to_diagnostics
from archspec.lsp.document_symbols import document_symbols
from archspec.lsp.documents import OpenDocument, is_spec
from archspec.lsp.positions import LineIndex
from archspec.lsp.protocol import to_code_action, to_completion_item, to_document_symbol, to_hover, to_location
from archspec.views.draw import PictureFormat, TextFormat

URI = "file:///design.yaml"
ROUNDS = 10
LEVELS: tuple[Level, ...] = ("stage", "block", "op")
TEXTS: tuple[TextFormat, ...] = ("dot", "mmd", "json")
PICTURES: tuple[PictureFormat | TextFormat, ...] = ("svg", "svg", "html")
LARGEST_PICTURE = 60  # ops: the layout itself is timed elsewhere


class Case(Struct, dict=True):
    """A text, the design it was made from, and what random choices the functions make with it."""

    text: str
    base: str
    random: Random

    @cached_property
    def spec(self) -> Spec:
        """The spec, where the text can be read; SpecError otherwise."""
        return archspec.loads(self.text)

    @cached_property
    def graph(self) -> Graph:
        """The Graph, where the text has no error; SpecError otherwise."""
        return archspec.lower(self.spec)

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """What lint finds in the text without its variants."""
        return archspec.lint(self.text, variants=False, file=UNTITLED)

    @cached_property
    def is_valid(self) -> bool:
        return not any(finding.is_error for finding in self.findings)

    @cached_property
    def document(self) -> OpenDocument:
        """The text as an editor has it, after a change from the design it was made from."""
        document = OpenDocument(URI, Analysis(self.base))
        document.change(self.text)
        return document

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    def place(self) -> tuple[int, int]:
        """Return a line and column in the text, from 1."""
        lines = self.text.split("\n")
        line = self.random.randrange(len(lines))
        return line + 1, 1 + self.random.randint(0, len(lines[line]))


def lint(case: Case) -> None:
    """Lint the text in all its variants; every finding has a place and can be written in every form."""
    for finding in archspec.lint(case.text):
        assert str(finding)
        assert finding.span.line >= 1
        assert finding.span.column >= 1
        json.loads(as_json(json_format.to_dict(finding)))


def fix(case: Case) -> None:
    """Apply the safe fixes of each round together: none of them gives a spec an error, alone or with others."""
    text, findings = case.text, case.findings
    for _ in range(ROUNDS):
        fixed = archspec.apply_fixes(text, findings)
        if fixed == text:
            break
        text, findings = fixed, archspec.lint(fixed, variants=False)
    if case.is_valid:
        assert not any(finding.is_error for finding in findings), f"a fix has broken a spec:\n{text}"


def fix_unsafely(case: Case) -> None:
    """Apply all fixes as the command does, which leaves out those that give a spec an error."""

    def lint_text(text: str) -> LintedText:
        document = open_text(Source(text, UNTITLED))
        return document.lint(False), document.as_written is not None

    findings, text, _ = fix_in_rounds(case.text, lint_text, True, UNTITLED)
    if case.is_valid:
        assert not any(finding.is_error for finding in findings), f"a fix has broken a spec:\n{text}"


def summarize(case: Case) -> None:
    """Print the summary at one level."""
    assert str(archspec.summarize(case.graph, level=case.random.choice(LEVELS)))


def draw_text(case: Case) -> None:
    """Draw the network in one of the formats that are text."""
    form: TextFormat = case.random.choice(TEXTS)
    assert archspec.draw(case.graph, level=case.random.choice(LEVELS), format=form)


def draw_picture(case: Case) -> None:
    """Draw a network of a few boxes as SVG or as a page."""
    if sum(1 for _ in case.graph.nodes()) <= LARGEST_PICTURE and case.random.random() < 0.1:
        form: PictureFormat | TextFormat = case.random.choice(PICTURES)
        assert archspec.draw(case.graph, level=case.random.choice(LEVELS), format=form)


def diff(case: Case) -> None:
    """Compare the design with what was made of it, both ways, and that with itself."""
    before, after = archspec.loads(case.base), case.spec
    assert not archspec.diff(after, after)
    difference = archspec.diff(before, after)
    assert difference.inverse == archspec.diff(after, before)
    assert render_text(difference) or not difference
    assert render_markdown(difference) or not difference


def export_python(case: Case) -> None:
    """Write the network as Python that compiles."""
    compile(archspec.to_python(case.graph), "network.py", "exec")


def export_spec(case: Case) -> None:
    """Write the spec without variants; the result is a spec with the same Graph."""
    written = archspec.to_yaml(case.spec)
    if case.is_valid:
        findings = archspec.lint(written, variants=False)
        assert not any(finding.is_error for finding in findings), f"what was written is wrong:\n{written}"


def export_json(case: Case) -> None:
    """Write the Graph as JSON."""
    json.loads(archspec.to_json(case.graph))


def publish_diagnostics(case: Case) -> None:
    """Send the findings to the editor; they are those that lint has for the text, which it reads anew."""
    found = case.document.lint()
    to_diagnostics(found, case.document.current.file, URI, case.lines)
    if is_spec(case.text):
        assert found == case.findings


def hover(case: Case) -> None:
    """Ask for the hover of a place."""
    found = case.document.hover(*case.place())
    if found is not None:
        to_hover(found, case.lines)


def definition(case: Case) -> None:
    """Ask where the name at a place is defined."""
    found = find_definition(case.document.current, *case.place())
    if found is not None:
        to_location(found, URI, case.lines)


def completion(case: Case) -> None:
    """Ask for the completions of a place."""
    line, column = case.place()
    found = complete(case.document.current, line, column)
    word = types.Range(case.lines.position(line, found.start), case.lines.position(line, column))
    for number, item in enumerate(found.items):
        to_completion_item(item, number, word, URI)
    for item in found.items[:3]:
        describe_callee(case.document.current, item.label)


def symbols(case: Case) -> None:
    """Ask for the outline."""
    for entry in document_symbols(case.document.current):
        to_document_symbol(entry, case.lines)


def code_actions(case: Case) -> None:
    """Ask for the fixes of a range."""
    first, last = sorted((case.place(), case.place()))
    found = case.document.lint()
    everything = fix_all(found)
    for action in (*quick_fixes(found, first, last), *([everything] if everything else [])):
        to_code_action(action, types.CodeActionKind.QuickFix, case.document, case.lines)


FUNCTIONS: tuple[Callable[[Case], None], ...] = (
    lint,
    fix,
    fix_unsafely,
    summarize,
    draw_text,
    draw_picture,
    diff,
    export_python,
    export_spec,
    export_json,
    publish_diagnostics,
    hover,
    definition,
    completion,
    symbols,
    code_actions,
)
