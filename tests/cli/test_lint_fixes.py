"""archspec lint --fix, --unsafe-fixes and --diff: what is written, what is printed, what is left alone."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from archspec.cli import atomic_write
from archspec.cli.lint_fixes import LintedText, fix_in_rounds
from archspec.diagnostics import Diagnostic, Edit, Fix, Severity, Span
from archspec.language.files import gallery
from tests.cli.command_line import Run, runner

SAFE = "input: [3, 8, 8]\nstem:\n  - conv: {channels: 8, bias: on}  # é\n  - resize: {scale: max(2, 1)}\n"
SAFE_FIXED = 'input: [3, 8, 8]\nstem:\n  - conv: {channels: 8, bias: true}  # é\n  - resize: {scale: "max(2, 1)"}\n'
UNSAFE = "input: [3, 8, 8]\nstem: [{conv: 8}, batch_norm, {group_norm: 4}]  # both\n"
UNSAFE_FIXED = "input: [3, 8, 8]\nstem: [{conv: 8}, batch_norm]  # both\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "lint")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "safe.yaml").write_text(SAFE, encoding="utf-8")
    (tmp_path / "unsafe.yaml").write_text(UNSAFE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fix_applies_the_safe_ones_and_says_what_is_left(run: Run, here: Path) -> None:
    code, out, err = run("--fix", ".")
    assert (here / "safe.yaml").read_text("utf-8") == SAFE_FIXED
    assert (here / "unsafe.yaml").read_text() == UNSAFE
    assert code == 1
    assert "NRM005" in out
    assert "SPC004" not in out
    assert out.splitlines()[-1] == "2 findings fixed in 1 spec; 1 more could be with --unsafe-fixes"
    assert err == "wrote safe.yaml\n"


def test_unsafe_fixes_apply_all(run: Run, here: Path) -> None:
    code, out, _ = run("--fix", "--unsafe-fixes", ".")
    assert (here / "safe.yaml").read_text("utf-8") == SAFE_FIXED
    assert (here / "unsafe.yaml").read_text() == UNSAFE_FIXED
    assert code == 0
    assert out == "2 specs checked, nothing found\n3 findings fixed in 2 specs\n"
    assert sorted(path.name for path in here.iterdir()) == ["safe.yaml", "unsafe.yaml"]
    assert run("--fix", "--unsafe-fixes", ".") == (0, "2 specs checked, nothing found\n", "")


def test_unsafe_fixes_alone_write_nothing(run: Run, here: Path) -> None:
    code, out, err = run("--unsafe-fixes", ".")
    assert code == 1
    assert "SPC004" in out
    assert err == "3 findings could be fixed: add --fix, or --diff to look first\n"
    assert (here / "safe.yaml").read_text("utf-8") == SAFE
    assert (here / "unsafe.yaml").read_text() == UNSAFE
    (here / "clean.yaml").write_text(UNSAFE_FIXED)
    assert run("--unsafe-fixes", "clean.yaml") == (0, "1 spec checked, nothing found\n", "")


def test_only_selected_rules_are_fixed(run: Run, here: Path) -> None:
    assert run("--fix", "--unsafe-fixes", "--ignore", "NRM", ".")[0] == 0
    assert (here / "unsafe.yaml").read_text() == UNSAFE


def test_a_silenced_finding_is_not_fixed(run: Run, here: Path) -> None:
    text = UNSAFE.replace("# both", "# archspec: ignore[NRM005] on purpose")
    (here / "unsafe.yaml").write_text(text)
    assert run("--fix", "--unsafe-fixes", "unsafe.yaml")[0] == 0
    assert (here / "unsafe.yaml").read_text() == text


def test_the_difference_is_one_that_patch_takes(run: Run, here: Path) -> None:
    code, out, err = run("--diff", "--unsafe-fixes", ".")
    assert code == 1
    assert err == "3 findings would be fixed in 2 specs\n"
    assert (here / "safe.yaml").read_text("utf-8") == SAFE
    assert (here / "unsafe.yaml").read_text() == UNSAFE
    subprocess.run(["patch", "-p0"], input=out, text=True, encoding="utf-8", check=True, cwd=here, capture_output=True)
    assert (here / "safe.yaml").read_text("utf-8") == SAFE_FIXED
    assert (here / "unsafe.yaml").read_text() == UNSAFE_FIXED
    assert run("--diff", "--unsafe-fixes", ".") == (0, "", "")


def test_a_text_without_a_last_line_break_is_marked(run: Run, here: Path) -> None:
    (here / "unsafe.yaml").write_text("input: [3, 8, 8]\nstem: [{conv: 8}, batch_norm, {group_norm: 4}]")
    _, out, _ = run("--diff", "--unsafe-fixes", "unsafe.yaml")
    assert out.count("\\ No newline at end of file\n") == 2
    subprocess.run(["patch", "-p0"], input=out, text=True, check=True, cwd=here, capture_output=True)
    assert (here / "unsafe.yaml").read_text() == "input: [3, 8, 8]\nstem: [{conv: 8}, batch_norm]"


def test_line_breaks_byte_order_mark_and_permissions_stay(run: Run, here: Path) -> None:
    file = here / "safe.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SAFE.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    assert run("--fix", "safe.yaml")[0] == 0
    assert file.read_bytes() == b"\xef\xbb\xbf" + SAFE_FIXED.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o7777 == 0o640


def test_a_link_stays_a_link(run: Run, here: Path) -> None:
    link = here / "link.yaml"
    link.symlink_to("safe.yaml")
    assert run("--fix", "link.yaml")[0] == 0
    assert link.is_symlink()
    assert (here / "safe.yaml").read_text("utf-8") == SAFE_FIXED


def test_a_clean_spec_is_not_written(run: Run, here: Path) -> None:
    (here / "clean.yaml").write_text(UNSAFE_FIXED)
    before = (here / "clean.yaml").stat()
    run("--fix", "--unsafe-fixes", "clean.yaml")
    after = (here / "clean.yaml").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def _pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode("utf-8"))))


def test_standard_input_is_printed_fixed(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pipe(monkeypatch, UNSAFE)
    assert run("--fix", "--unsafe-fixes", "-")[:2] == (0, UNSAFE_FIXED)
    _pipe(monkeypatch, UNSAFE)
    code, out, err = run("--fix", "-")
    assert (code, out) == (1, UNSAFE)
    assert "NRM005" in err
    _pipe(monkeypatch, UNSAFE)
    code, out, _ = run("--diff", "--unsafe-fixes", "--stdin-filename", "net.yaml", "-")
    assert code == 1
    assert out.startswith("--- net.yaml\n+++ net.yaml\n")


def test_json_stays_json(run: Run, here: Path) -> None:
    import json

    code, out, err = run("--fix", "--format", "json", ".")
    assert code == 1
    assert [d["code"] for d in json.loads(out)["diagnostics"]] == ["NRM005"]
    assert err == "wrote safe.yaml\n2 findings fixed in 1 spec; 1 more could be with --unsafe-fixes\n"


@pytest.mark.parametrize("words", [("--fix", "--watch", "safe.yaml"), ("--fix", "-", "safe.yaml")])
def test_what_cannot_be_meant_is_refused(run: Run, here: Path, words: tuple[str, str, str]) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert err.startswith("archspec: ")


def test_the_gallery_is_not_changed_by_its_names(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "specs"
    shutil.copytree(gallery(), copy)
    file = copy / "resnet.yaml"
    file.write_text(file.read_text() + "let: {unused: 012}\n")
    monkeypatch.setattr("archspec.language.files.gallery", lambda: copy)
    monkeypatch.setattr("archspec.cli.lint_fixes.gallery", lambda: copy)
    before = file.read_text()
    for name in ("resnet", "resnet:resnet50", "resnet50"):
        _, out, _ = run("--fix", "--unsafe-fixes", name)
        assert file.read_text() == before
        assert "fixed by its path" in out
    run("--fix", "--unsafe-fixes", str(file))
    assert file.read_text() != before


def test_a_file_that_cannot_be_written_is_left_as_it_is(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, out, _ = run("--fix", "safe.yaml")
    assert code == 2
    assert "cannot be written: no space left on device" in out
    assert "fixed in" not in out
    assert (here / "safe.yaml").read_text("utf-8") == SAFE
    assert sorted(path.name for path in here.iterdir()) == ["safe.yaml", "unsafe.yaml"]


def test_a_file_that_somebody_else_changes_is_left_alone(here: Path) -> None:
    file = here / "safe.yaml"
    assert atomic_write.replace_file(str(file), "something else", "new") == "it has been changed meanwhile"
    assert file.read_text("utf-8") == SAFE
    assert atomic_write.replace_file(str(here / "none.yaml"), "", "new") == "no such file or directory"


def test_a_file_that_cannot_be_read_is_reported(run: Run, here: Path) -> None:
    assert run("--fix", "none.yaml")[0] == 2
    code, out, err = run("--diff", "none.yaml", "safe.yaml")
    assert code == 2
    assert "FIL001" in err
    assert out.startswith("--- safe.yaml")


def test_fixes_that_spoil_the_text_are_not_made(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoiling(text: str, found: list[Diagnostic], unsafe: bool, file: str) -> tuple[str, int]:
        return text + "}", 1

    monkeypatch.setattr("archspec.cli.lint_fixes.fix_text", spoiling)
    code, _, _ = run("--fix", "safe.yaml")
    assert code == 1
    assert (here / "safe.yaml").read_text("utf-8") == SAFE


HEADS = """input: [4, 40]
stages:
  - conv: {channels: 18, kernel: 1}
  - to_tokens
  - attention: {heads: 9}
  - permute: [1, 0]
  - conv: 16
"""


def test_a_fix_that_gives_a_spec_an_error_is_left_out(run: Run, here: Path) -> None:
    """18 channels are fine for 9 heads, the 24 that PRF001 proposes are not."""
    file = here / "heads.yaml"
    file.write_text(HEADS.replace("18", "24"))
    assert run("--select", "ATT001", "heads.yaml")[0] == 1
    file.write_text(HEADS)
    code, out, _ = run("--fix", "--unsafe-fixes", "--format", "concise", "heads.yaml")
    assert file.read_text() == HEADS
    assert (code, "PRF001" in out, "ATT001" in out) == (0, True, False)


@pytest.mark.parametrize("harmful", [{0}, {6}, {2, 3}, {0, 1, 6}, set(), set(range(7))])
def test_of_many_fixes_the_harmful_ones_alone_are_left_out(harmful: set[int]) -> None:
    start = "".join(f"{number} old\n" for number in range(7))

    def lint(text: str) -> LintedText:
        lines = text.splitlines()
        error = any(lines[number].endswith("new") for number in harmful)
        found = [Diagnostic("PRF001", "", Span("f", n + 1, 1, n + 1, 2), Severity.WARNING) for n in range(7)]
        fixes = [Fix("unsafe", (Edit(Span("f", n + 1, 3, n + 1, 6), "new"),)) for n in range(7)]
        findings = [
            replace(finding, fix=fix) for finding, fix, line in zip(found, fixes, lines, strict=True) if "old" in line
        ]
        broken = [Diagnostic("ATT001", "", Span("f", 1, 1, 1, 1))] if error else []
        return (*broken, *findings), True

    left, text, count = fix_in_rounds(start, lint, True, "f")
    assert text == "".join(f"{n} {'old' if n in harmful else 'new'}\n" for n in range(7))
    assert (len(left), count) == (len(harmful), 7 - len(harmful))


def test_included_files_are_found_from_where_the_spec_is(run: Run, here: Path) -> None:
    (here / "base.yaml").write_text(
        "input: [3, 8, 8]\nparams: {w: 8}\nstem: [{conv: w}, {conv: {channels: 8, bias: on}}]\n"
    )
    (here / "more.yaml").write_text("extends: ./base.yaml\nparams: {w: 016}\n")
    base = (here / "base.yaml").read_text()
    run("--fix", "more.yaml")
    assert (here / "more.yaml").read_text() == "extends: ./base.yaml\nparams: {w: 16}\n"
    assert (here / "base.yaml").read_text() == base


def test_fixing_costs_nothing_where_it_is_not_asked_for() -> None:
    code = "import sys; from archspec.cli.main import main; main(['lint', 'resnet18']); print('difflib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.splitlines()[-1] == "False"
