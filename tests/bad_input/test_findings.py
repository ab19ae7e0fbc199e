"""Every mistake of the table: all its findings in one pass, each at its line and column, in the API and on the command
line; and none of them a traceback."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import archspec
from archspec.cli.main import main
from tests.bad_input.cases import CASES, Case, is_reported

EXPECTED = re.compile(r"(?P<line>\d+):(?P<column>\d+) (?P<code>[A-Z]+\d+) (?P<message>.*?) ?\| ?(?P<hint>.*)")
NAMED = pytest.mark.parametrize("case", CASES, ids=[name for name, _, _ in CASES])


def expected_of(case: Case) -> list[re.Match[str]]:
    found = [EXPECTED.fullmatch(line) for line in case[2].strip().split("\n")]
    assert all(found)
    return sorted((match for match in found if match), key=lambda m: (int(m["line"]), int(m["column"])))


@NAMED
def test_all_findings_are_reported_at_their_places(case: Case) -> None:
    reported = [finding for finding in archspec.lint(case[1], file="bad.yaml") if finding.is_error]
    expected = expected_of(case)
    assert [(f.span.line, f.span.column, f.code) for f in reported] == [
        (int(m["line"]), int(m["column"]), m["code"]) for m in expected
    ], "\n".join(map(str, reported))
    for finding, match in zip(reported, expected, strict=True):
        assert match["message"] in finding.message
        assert match["hint"] in finding.hint
        assert finding.hint, f"no hint: {finding}"
        assert "\n" not in finding.message


@NAMED
def test_load_and_lower_raise_the_same(case: Case) -> None:
    def lowered_with_every_variant() -> None:
        spec = archspec.loads(case[1], file="bad.yaml")
        for variant in ("", *spec.variants):
            archspec.lower(archspec.loads(case[1], variant, file="bad.yaml"))

    with pytest.raises(archspec.SpecError) as raised:
        lowered_with_every_variant()
    reported = archspec.lint(case[1], file="bad.yaml")
    assert [str(finding) for finding in raised.value.diagnostics if not is_reported(finding, reported)] == []


@NAMED
def test_the_command_line_says_the_same(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(case[1], encoding="utf-8")
    assert main(["lint", str(path)]) in (1, 2)
    printed = "".join(capsys.readouterr())
    assert "Traceback" not in printed
    for match in expected_of(case):
        assert f"{path}:{match['line']}:{match['column']}" in printed
        assert match["code"] in printed


@NAMED
def test_the_command_line_says_it_in_json(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(case[1], encoding="utf-8")
    assert main(["lint", str(path), "--format", "json"]) in (1, 2)
    reported = [d for d in json.loads(capsys.readouterr().out)["diagnostics"] if d["severity"] == "error"]
    assert [(d["line"], d["column"], d["code"]) for d in reported] == [
        (int(m["line"]), int(m["column"]), m["code"]) for m in expected_of(case)
    ]


@pytest.mark.parametrize("command", ["summarize", "build", "show"])
def test_no_command_shows_a_traceback(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, (name, text, _) in enumerate(CASES):
        path = tmp_path / f"bad{number}.yaml"
        path.write_text(text, encoding="utf-8")
        assert main([command, str(path)]) in ((0, 1, 2) if command == "show" or name == "variants" else (1, 2)), name
        assert "Traceback" not in "".join(capsys.readouterr())
