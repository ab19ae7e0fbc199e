"""archspec lint --watch: what it lints again, what it prints, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archspec.cli.lint_watch import Watcher, watch
from archspec.cli.parser import make_parser

ERROR = "input: [3, 8, 8]\nstem: [{conv: 8}, rleu]\n"
CLEAN = "input: [3, 8, 8]\nstem: [{conv: 8}, relu]\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.yaml").write_text(ERROR)
    (tmp_path / "b.yaml").write_text(CLEAN)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def arguments(*words: str) -> Namespace:
    return make_parser(["lint"]).parse_args(["lint", *words])


def write(path: str, text: str) -> None:
    """Write a file so that its time is another even on a coarse clock."""
    before = os.stat(path).st_mtime_ns if os.path.exists(path) else 0
    Path(path).write_text(text)
    os.utime(path, ns=(before + 10_000_000, before + 10_000_000))


def test_only_what_has_changed_is_linted_again(here: Path) -> None:
    watcher = Watcher(arguments("."))
    assert watcher.turn() == ("a.yaml", "b.yaml")
    assert watcher.turn() is None
    write("a.yaml", CLEAN)
    assert watcher.turn() == ("a.yaml",)
    assert watcher.outcomes["a.yaml"].diagnostics == ()
    write("c.yaml", ERROR)
    assert watcher.turn() == ("c.yaml",)
    assert list(watcher.outcomes) == ["a.yaml", "b.yaml", "c.yaml"]
    os.remove("c.yaml")
    assert watcher.turn() == ()
    assert list(watcher.outcomes) == ["a.yaml", "b.yaml"]
    assert watcher.turn() is None


def test_a_spec_that_includes_another_is_linted_again_with_it(here: Path) -> None:
    Path("parts").mkdir()
    write("parts/base.yaml", "input: [8, 8, 8]\nparams: {g: 1}\nstem: [{conv: {channels: 8, groups: g}}]\n")
    write("d.yaml", "extends: ./parts/base.yaml\nparams: {g: 3}\n")
    watcher = Watcher(arguments("d.yaml", "b.yaml"))
    watcher.turn()
    assert [d.code for d in watcher.outcomes["d.yaml"].diagnostics] == ["CNV001"]
    write("parts/base.yaml", "input: [9, 8, 8]\nparams: {g: 1}\nstem: [{conv: {channels: 9, groups: g}}]\n")
    assert watcher.turn() == ("d.yaml",)
    assert watcher.outcomes["d.yaml"].diagnostics == ()


def test_a_configuration_that_changes_is_followed(here: Path) -> None:
    watcher = Watcher(arguments("."))
    watcher.turn()
    write("archspec.toml", 'ignore = ["SPC005"]\n')
    assert watcher.turn() == ("a.yaml", "b.yaml")
    assert watcher.outcomes["a.yaml"].diagnostics == ()


def test_a_missing_file_is_waited_for(here: Path) -> None:
    watcher = Watcher(arguments("new.yaml"))
    watcher.turn()
    assert [d.code for d in watcher.outcomes["new.yaml"].diagnostics] == ["FIL001"]
    write("new.yaml", CLEAN)
    assert watcher.turn() == ("new.yaml",)
    assert watcher.outcomes["new.yaml"].diagnostics == ()


def steps(*actions: Callable[[], None]) -> Callable[[], None]:
    """A pause that does one thing after another and then is Ctrl-C."""
    remaining: Iterator[Callable[[], None]] = iter(actions)

    def pause() -> None:
        action = next(remaining, None)
        if action is None:
            raise KeyboardInterrupt
        action()

    return pause


def test_what_is_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = watch(
        arguments("a.yaml", "--format", "concise"),
        steps(
            lambda: None,
            lambda: write("a.yaml", CLEAN),
            lambda: write("archspec.toml", "selct = 1\n"),
            lambda: None,
            lambda: os.remove("archspec.toml"),
        ),
    )
    out, err = capsys.readouterr()
    assert code == 130
    assert out == "a.yaml:2:19: SPC005 there is no op or block named rleu\n1 spec checked, nothing found\n"
    lines = [line.partition("] ")[2] or line for line in err.splitlines()]
    assert lines == [
        "checked a.yaml; watching, Ctrl-C ends",
        "checked a.yaml; watching, Ctrl-C ends",
        "archspec: archspec.toml:1:1: unknown key selct; did you mean select?",
    ]


def test_the_screen_is_cleared_on_a_terminal(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archspec.cli.lint_watch.is_terminal", lambda stream: True)
    watch(arguments("b.yaml"), steps(lambda: write("b.yaml", ERROR)))
    assert capsys.readouterr().out.count("\x1b[H\x1b[2J") == 2


# What a shell starts in the background, as these tests may be, does not hear Ctrl-C.
HEARING_CTRL_C = """
import signal, sys
from archspec.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
"""


def test_ctrl_c_ends_it_cleanly(here: Path) -> None:
    command = [sys.executable, "-u", "-c", HEARING_CTRL_C, "lint", ".", "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        stop = threading.Timer(60, process.kill)
        stop.start()
        assert process.stderr is not None
        first = process.stderr.readline()
        write("a.yaml", CLEAN)
        second = process.stderr.readline()
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        stop.cancel()
    assert "checked a.yaml, b.yaml" in first
    assert "checked a.yaml;" in second
    assert process.returncode == 130
    assert err == ""
    assert out.endswith("2 specs checked, nothing found\n")
