"""archspec completion: the scripts in their shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from archspec.cli.completion_command import SHELLS
from archspec.cli.parser import COMMANDS, SHORT
from archspec.linter.catalogue import codes
from tests.cli.command_line import runner

# What is typed, one of the candidates, and a word that must not be one.
CASES = [
    (["l"], "lint", "draw"),
    (["lint", "resnet5"], "resnet50", "resnet18"),
    (["lint", "a.yaml", "resnet10"], "resnet101", "resnet50"),
    (["lint", "mi"], "mine.yaml", "resnet50"),
    (["lint", "--f"], "--fix", "--select"),
    (["lint", "--format", ""], "sarif", "csv"),
    (["-q", "draw", "--level", ""], "block", "layer"),
    (["draw", "unet", "-o", "mi"], "mine.yaml", "unet"),
    (["show", "bottl"], "bottleneck", "basic"),
    (["explain", "RES00"], "RES001", "CNV001"),
    (["new", "net", "--from", "vit"], "vit_b_16", "unet"),
    (["completion", ""], "fish", "sh"),
]


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Path:
    """Return the folder with a script for each shell, and a spec."""
    for shell in SHELLS:
        code, out, err = runner(capsys)("completion", shell)
        assert (code, err) == (0, "")
        (tmp_path / f"archspec.{shell}").write_text(out)
    (tmp_path / "mine.yaml").touch()
    return tmp_path


def test_every_shell_has_every_command_and_code(script: Path) -> None:
    for shell in SHELLS:
        text = (script / f"archspec.{shell}").read_text()
        assert all(f"{command}" in text for command in COMMANDS)
        assert all(code in text for code in codes())
        # The old names are accepted, and offered to nobody.
        assert not any(f"'{short}'" in text or f" {short} " in text for short in set(SHORT) - {"graph", "summary"})


def test_bash_completes(script: Path) -> None:
    lines = ["source ./archspec.bash"]
    for words, _, _ in CASES:
        quoted = " ".join(f"'{word}'" for word in ("archspec", *words))
        lines.append(f"COMP_WORDS=({quoted}) COMP_CWORD={len(words)} COMPREPLY=()")
        lines.append('_shtab_archspec; echo "${COMPREPLY[@]}"')
    assert_candidates(["bash", "--norc", "-c", "\n".join(lines)], script)


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes(script: Path) -> None:
    lines = ["source archspec.fish"]
    for words, _, _ in CASES:
        lines.append(f"complete -C 'archspec {' '.join(words)}' | string replace -r '\\t.*' '' | string join ' '; echo")
    assert_candidates(["fish", "--no-config", "-c", "\n".join(lines)], script, blank_lines=True)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh_can_read_it(script: Path) -> None:
    done = subprocess.run(["zsh", "-f", "-n", "archspec.zsh"], cwd=script, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def assert_candidates(command: list[str], folder: Path, blank_lines: bool = False) -> None:
    """Assert that the shell prints, for each case, a line of candidates with the expected one."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    if blank_lines:
        lines = lines[::2]
    assert len(lines) == len(CASES)
    for (words, expected, absent), line in zip(CASES, lines, strict=True):
        assert expected in line.split(), (words, line)
        assert absent not in line.split(), (words, line)
