"""Findings as an editor shows them, and what it may do about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from archspec.diagnostics import Cause, Diagnostic, Edit, Fix, Severity, Span
from archspec.language.symbols import library_file
from archspec.linter.catalogue import codes
from archspec.lsp.code_actions import fix_all, quick_fixes
from archspec.lsp.diagnostics import to_diagnostics
from archspec.lsp.document_symbols import document_symbols
from archspec.lsp.documents import open_document
from archspec.lsp.positions import LineIndex
from archspec.lsp.uris import rule_page_uri, uri_of
from tests.narrow import present

FILE, URI = "/there/spec.yaml", "file:///there/spec.yaml"


def span(line: int, column: int, end: int, file: str = FILE) -> Span:
    return Span(file, line, column, line, end)


def finding(code: str, where: Span, *edits: Edit, applicability: str = "safe", **more: Any) -> Diagnostic:
    return Diagnostic(code, "what is wrong", where, fix=Fix(applicability, edits) if edits else None, **more)


def shown(*found: Diagnostic, text: str = "a: 😀b\nc: d\n") -> list[types.Diagnostic]:
    return to_diagnostics(found, FILE, URI, LineIndex(text))


def test_a_finding_with_its_causes() -> None:
    causes = (Cause("from here", span(2, 1, 2)), Cause("in wide"), Cause("there", span(3, 5, 9, "library/up.yaml")))
    (diagnostic,) = shown(finding("SHP001", span(1, 5, 6), causes=causes, hint="do this"))
    assert diagnostic.range == types.Range(types.Position(0, 5), types.Position(0, 6))
    assert diagnostic.message == "what is wrong\nin wide\ndo this"
    assert [(i.location.uri, i.location.range.start.line, i.message) for i in diagnostic.related_information or ()] == [
        (URI, 1, "from here"),
        (library_file("up").as_uri(), 2, "there"),
    ]
    assert (diagnostic.code, diagnostic.source, diagnostic.tags) == ("SHP001", "archspec", None)


def test_severities_and_tags() -> None:
    (warning,) = shown(finding("GRF001", span(1, 1, 2), severity=Severity.WARNING))
    assert warning.severity == types.DiagnosticSeverity.Warning
    assert warning.tags == [types.DiagnosticTag.Unnecessary]
    (info,) = shown(finding("PRF001", span(1, 1, 2), severity=Severity.INFO))
    assert info.severity == types.DiagnosticSeverity.Information


def test_something_is_always_underlined() -> None:
    (diagnostic,) = shown(finding("SPC009", span(2, 1, 1)))
    assert diagnostic.range == types.Range(types.Position(1, 0), types.Position(1, 1))


def test_what_is_wrong_in_another_file_stands_at_the_top() -> None:
    (diagnostic,) = shown(finding("SPC001", span(7, 3, 9, "library/up.yaml")))
    assert diagnostic.range.start == types.Position(0, 0)
    assert present(diagnostic.related_information)[0].location.uri == library_file("up").as_uri()


def test_every_code_leads_to_a_page_that_is_there() -> None:
    for code in codes():
        page = rule_page_uri(code)
        assert page is not None
        assert page.startswith("file:///")
    assert rule_page_uri("XYZ123") is None


def test_files_that_spans_name(tmp_path: Path) -> None:
    own = tmp_path / "a.yaml"
    (tmp_path / "b.yaml").write_text("")
    assert uri_of(str(own), str(own), URI) == URI
    assert uri_of("b.yaml", str(own), URI) == (tmp_path / "b.yaml").resolve().as_uri()
    assert uri_of("nowhere.yaml", str(own), URI) is None


def test_a_fix_is_offered_where_its_finding_is() -> None:
    edit = Edit(span(2, 4, 5), "e")
    found = (finding("SPC006", span(2, 4, 5), edit), finding("SPC001", span(1, 1, 2)))
    (action,) = quick_fixes(found, (2, 4), (2, 4))
    assert action.edits == (edit,)
    assert action.preferred
    assert quick_fixes(found, (1, 1), (1, 3)) == []


def test_a_fix_that_changes_the_meaning_says_so() -> None:
    unsafe = finding("NRM005", span(1, 1, 2), Edit(span(1, 1, 2), ""), applicability="unsafe", hint="remove one.")
    (action,) = quick_fixes((unsafe,), (1, 1), (1, 1))
    assert action.title == "NRM005: Remove one (changes what the design means)"
    assert not action.preferred
    assert fix_all((unsafe,)) is None


def test_all_safe_fixes_at_once_change_each_place_once() -> None:
    first = finding("SPC006", span(1, 1, 5), Edit(span(1, 1, 5), "x"))
    overlaps = finding("SPC004", span(1, 3, 7), Edit(span(1, 3, 7), "y"))
    neighbour = finding("SPC004", span(1, 5, 7), Edit(span(1, 5, 7), "z"))
    action = fix_all((first, overlaps, neighbour))
    assert action is not None
    assert action.diagnostics == (first, neighbour)
    insertions = [finding("SPC004", span(1, 1, 1), Edit(span(1, 1, 1), text)) for text in "ab"]
    action = fix_all(tuple(insertions))
    assert action is not None
    assert len(action.edits) == 1


def test_the_outline_names_layers() -> None:
    text = "params: {a: 1}\nstem:\n  - conv: {name: c, channels: a}\n  - {block: basic, name: b}\n  - relu\nhead: []\n"
    found = document_symbols(open_document(URI, None, text).current)
    assert [(entry.name, [below.name for below in entry.below]) for entry in found] == [
        ("params", ["a"]),
        ("stem", ["conv c", "basic b", "relu"]),
        ("head", []),
    ]
    assert document_symbols(open_document(URI, None, "- 1\n").current) == ()


@pytest.mark.parametrize(
    "other",
    ["", "stages: [build, test]\nbuild: {script: make}\n", "extends: eslint\nrules: {}\n", "on: push\njobs: {}\n",
     "name: a\ninputs: {x: {}}\nruns: {}\n", "services: {web: {}}\n", "- hosts: all\n", "a: [\n"],
)  # fmt: skip
def test_other_yaml_files_are_left_alone(other: str) -> None:
    assert open_document("file:///x.yaml", None, other).lint() == ()


@pytest.mark.parametrize("text", ["input: 3\n", "extends: nothing\nparams: {a: 1}\n", "stem: [conv]\nhead: [\n"])
def test_specs_are_distinguished_also_where_they_are_wrong(text: str) -> None:
    assert open_document("file:///x.yaml", None, text).lint()


def test_the_configuration_next_to_a_spec_holds(tmp_path: Path) -> None:
    text = "input: [3, 8, 8]\nparams: {spare: 1}\nhead: [{conv: 4}]\n"
    assert [d.code for d in open_document("file:///x", str(tmp_path / "s.yaml"), text).lint()] == ["SPC006"]
    (tmp_path / "archspec.toml").write_text('ignore = ["SPC006"]\n')
    assert open_document("file:///x", str(tmp_path / "s.yaml"), text).lint() == ()


def test_other_specs_are_found_from_where_the_text_lies(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("input: [3, 8, 8]\nparams: {wide: 4}\nhead: [{conv: wide}]\n")
    document = open_document("file:///x", str(tmp_path / "s.yaml"), "extends: ./base.yaml\nparams: {wide: 8}\n")
    assert document.lint() == ()
    document.change("extends: ./base.yaml\nparams: {wid: 8}\n")
    assert [d.code for d in document.lint()] == ["SPC001"]
