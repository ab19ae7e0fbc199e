"""What lint prints in each format, read back by parsers that are not ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from archspec.cli.formats import render
from archspec.cli.formats.report import LintReport
from archspec.cli.main import main
from archspec.diagnostics import Cause, Diagnostic, Edit, Fix, Severity, Span
from archspec.linter.catalogue import codes
from archspec.linter.settings import FORMATS
from tests.narrow import present

# Microsoft's, as its package @microsoft/sarif-multitool-linux 5.7.0 (MIT) ships it.
SARIF = Draft202012Validator(
    json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text(encoding="utf-8")),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)
FILE = "a b/ü,x:y%.yaml"
HOSTILE = "100%: \r\n::error::owned, \x1b[31m\x00\x9b \U000e0001 \ud800 <b>&amp;]]> ü😀"
TEXT = "input: [3, 8, 8]\n# 😀😀 ü\nstem: [{conv: 8}, {relu: 1}]\n"


def at(line: int, column: int, end_column: int, end_line: int = 0, file: str = FILE) -> Span:
    return Span(file, line, column, end_line or line, end_column)


DIAGNOSTICS = (
    Diagnostic(
        "SHP001",
        "64 channels and 128 do not add",
        at(3, 8, 17),
        Severity.ERROR,
        (Cause("64 channels: from width", at(1, 8, 17)), Cause("in big, small")),
        "use the same width",
        Fix("unsafe", (Edit(at(3, 15, 16), "16"), Edit(at(1, 1, 1, file="b.yaml"), "x: 1\n"))),
    ),
    Diagnostic("NRM005", HOSTILE, at(1, 1, 30, 3), Severity.WARNING, (Cause(HOSTILE),), HOSTILE),
    Diagnostic("SPC006", "never used", at(3, 1, 5), Severity.INFO),
)


def report(**changes: Any) -> LintReport:
    failing = frozenset(d for d in DIAGNOSTICS if d.severity is not Severity.INFO)
    given: dict[str, Any] = {
        "checked": (FILE, "fine.yaml"),
        "texts": {FILE: TEXT, "b.yaml": ""},
        "failing": failing,
        **changes,
    }
    return LintReport(DIAGNOSTICS, **given)


@pytest.mark.parametrize("form", FORMATS)
def test_no_control_character_of_a_spec_is_printed(form: str) -> None:
    text = render(form, report())
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert "\n::error::owned" not in text
    text.encode("utf-8")  # a lone surrogate could not be written


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_found_is_still_well_formed(form: str) -> None:
    text = render(form, LintReport((), ("fine.yaml",)))
    if form == "json":
        assert json.loads(text) == {"diagnostics": []}
    elif form == "sarif":
        SARIF.validate(json.loads(text))
        assert json.loads(text)["runs"][0]["results"] == []
    elif form == "junit":
        root = ElementTree.fromstring(text)
        assert (root.get("tests"), root.get("failures")) == ("1", "0")
    else:
        assert text == ""


def test_full() -> None:
    first, second, third, last = render("full", report()).split("\n\n")
    assert first.split("\n") == [
        f"{FILE}:3:8: SHP001 64 channels and 128 do not add",
        "2 | # 😀😀 ü",
        "3 | stem: [{conv: 8}, {relu: 1}]",
        "  |        ^^^^^^^^^",
        "4 |",
        f"  because: 64 channels: from width ({FILE}:1:8)",
        "  because: in big, small",
        "  help: use the same width",
        "  see: archspec explain SHP001",
    ]
    assert second.startswith(f"{FILE}:1:1: NRM005 warning: 100%: \\r\\n::error::owned")
    assert third.startswith(f"{FILE}:3:1: SPC006 info: never used\n")
    assert last == "1 error, 1 warning and 1 info in 2 specs"


def test_concise_is_a_line_a_finding() -> None:
    lines = render("concise", report()).split("\n")
    assert [re.findall(r"^(.*):(\d+):(\d+): ([A-Z]{3}\d{3}) ", line) for line in lines] == [
        [(FILE, "3", "8", "SHP001")],
        [(FILE, "1", "1", "NRM005")],
        [(FILE, "3", "1", "SPC006")],
    ]


@pytest.mark.parametrize("form", ["full", "concise"])
def test_colours_change_nothing_but_colours(form: str) -> None:
    coloured = render(form, report(colour=True))
    assert "\x1b[1;31mSHP001\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == render(form, report())


def test_json_has_the_promised_keys() -> None:
    found = json.loads(render("json", report()))["diagnostics"]
    first = found[0]
    assert list(first) == [
        "code", "severity", "message", "file", "line", "column", "end_line", "end_column", "causes", "hint", "fix"
    ]  # fmt: skip
    assert first["causes"] == [
        {"message": "64 channels: from width", "file": FILE, "line": 1, "column": 8, "end_line": 1, "end_column": 17},
        {"message": "in big, small"},
    ]
    assert first["fix"]["applicability"] == "unsafe"
    assert first["fix"]["edits"][1] == {
        "file": "b.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 1, "replacement": "x: 1\n"
    }  # fmt: skip
    assert found[2]["fix"] is None


def test_sarif_is_valid_and_complete() -> None:
    log = json.loads(render("sarif", report()))
    SARIF.validate(log)
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    for result, diagnostic in zip(run["results"], DIAGNOSTICS, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == diagnostic.code
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == FILE
        span = diagnostic.span
        assert place["region"] == {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    first = run["results"][0]
    assert [r["message"]["text"] for r in first["relatedLocations"]] == ["64 channels: from width"]
    assert "in big, small" in first["message"]["text"]
    changes = first["fixes"][0]["artifactChanges"]
    assert [change["replacements"][0]["insertedContent"]["text"] for change in changes] == ["16", "x: 1\n"]
    base = run["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    assert base == Path.cwd().as_uri() + "/"


def test_the_sarif_schema_can_refuse() -> None:
    log = json.loads(render("sarif", report()))
    log["runs"][0]["results"][0]["level"] = "info"
    assert not SARIF.is_valid(log)


def test_every_rule_has_valid_sarif_metadata() -> None:
    found = tuple(Diagnostic(code, "x", at(1, 1, 2)) for code in codes())
    log = json.loads(render("sarif", LintReport(found)))
    SARIF.validate(log)
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(codes())
    for rule in rules:
        assert re.fullmatch(r"([A-Z0-9][a-z0-9]*)+", rule["name"]), rule["name"]
        assert rule["fullDescription"]["text"].endswith((".", ":", "?"))


def test_sarif_columns_count_characters_not_utf16_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.yaml"
    text = 'input: [3, 8, 8]\nstem: [{conv: {name: "😀😀", channels: 8, chanels: 3}}]\n'
    file.write_text(text, encoding="utf-8")
    main(["lint", str(file), "--format", "sarif", "--select", "SPC001"])
    log = json.loads(capsys.readouterr().out)
    region = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    line = text.split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "chanels"


COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:]*,?)+)::(.*)")


def unescaped(text: str, more: bool = False) -> str:
    """What GitHub's runner makes of an escaped value (actions/toolkit, escapeData and escapeProperty)."""
    for escape, character in (("%3A", ":"), ("%2C", ",")) if more else ():
        text = text.replace(escape, character)
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_github_commands_are_one_line_each_and_read_back() -> None:
    lines = render("github", report()).split("\n")
    assert len(lines) == len(DIAGNOSTICS)
    read = []
    for line in lines:
        level, properties, message = present(COMMAND.fullmatch(line)).groups()
        pairs = (part.split("=", 1) for part in properties.split(","))
        read.append((level, {key: unescaped(value, True) for key, value in pairs}, unescaped(message)))
    levels, values, messages = zip(*read, strict=True)
    assert levels == ("error", "warning", "notice")
    assert values[0] == {
        "file": FILE, "line": "3", "endLine": "3", "col": "8", "endColumn": "16", "title": "archspec SHP001"
    }  # fmt: skip
    assert "col" not in values[1]  # GitHub takes columns within one line only
    assert messages[0].split("\n")[1:] == [
        f"because: 64 channels: from width ({FILE}:1:8)",
        "because: in big, small",
        "help: use the same width",
    ]
    assert "100%: \\r\\n::error::owned, \\x1b[31m" in messages[1]


def test_junit_reads_back() -> None:
    root = ElementTree.fromstring(render("junit", report()).encode("utf-8"))
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [FILE, "fine.yaml"]
    cases = list(suites[FILE])
    assert [case.get("name") for case in cases] == ["SHP001 at 3:8", "NRM005 at 1:1", "SPC006 at 3:1"]
    assert [[child.tag for child in case] for case in cases] == [["failure"], ["failure"], ["system-out"]]
    assert cases[0][0].get("message") == "64 channels and 128 do not add"
    assert "<b>&amp;]]> ü😀" in (cases[1][0].text or "")
    assert [len(case) for case in suites["fine.yaml"]] == [0]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_of_a_broken_and_of_a_missing_file(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("input: [3, 8, 8]\nstem: [rleu]\n")
    assert main(["lint", str(file), "--format", form]) == 1
    assert "SPC005" in capsys.readouterr().out
    assert main(["lint", str(tmp_path / "no.yaml"), "--format", form]) == 2
    assert "FIL001" in capsys.readouterr().out
    assert main(["lint", str(file), "--set", "nonsense", "--format", form]) == 2
    assert "SPC002" in capsys.readouterr().out
