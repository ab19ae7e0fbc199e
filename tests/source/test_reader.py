"""Reading files that are no specs, or no files."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics import Diagnostic
from archspec.source import compose, read


def refusal(path: Path | str) -> Diagnostic:
    text, (diagnostic,) = read(str(path))
    assert text is None
    assert diagnostic.is_error
    assert diagnostic.span.file == str(path)
    return diagnostic


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffa: é\r\nb: 🜁\n".encode())
    assert read(str(path)) == ("a: é\r\nb: 🜁\n", ())


def test_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "resnet.yaml").write_text("a: 1")
    diagnostic = refusal(tmp_path / "resnett.yaml")
    assert diagnostic.code == "FIL001"
    assert "resnet.yaml" in diagnostic.hint
    assert refusal(tmp_path / "resnet.yaml" / "x").code == "FIL001"
    assert refusal("a\0b").code == "FIL001"
    assert refusal("").code == "FIL001"


def test_a_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "FIL002"


def test_a_pipe_or_device_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").code == "FIL003"
    assert refusal("/dev/zero").code == "FIL003"
    (tmp_path / "link").symlink_to("/dev/zero")
    assert refusal(tmp_path / "link").code == "FIL003"


def test_links_that_go_in_circles_and_names_too_long(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert refusal(tmp_path / "a").code == "FIL003"
    assert refusal("x" * 10_000).code == "FIL003"


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:  # what the mode 000 would do, were the tests not run by root at times
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "a").write_text("a: 1")
    monkeypatch.setattr(os, "open", refuse)
    assert refusal(tmp_path / "a").code == "FIL003"


def test_a_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"#" * 2**20)
    assert read(str(path))[0] is not None
    with path.open("wb") as stream:
        stream.truncate(2**40)  # a sparse terabyte: reading it all would not end
    assert refusal(path).code == "LIM001"


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"a: 1\nb: \xff\n", 2, 4),
        ("é🜁: ".encode() + b"\xc3(", 1, 5),
        (b"a\r\nb\xed\xa0\x80", 2, 2),
        (b"a: 1\n\0", 2, 1),
        ("a: 1".encode("utf-16"), 1, 1),
        (b"\xef\xbb\xbfa\x80", 1, 2),
    ],
)
def test_what_is_not_text(tmp_path: Path, data: bytes, line: int, column: int) -> None:
    (tmp_path / "a").write_bytes(data)
    diagnostic = refusal(tmp_path / "a")
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == ("FIL004", line, column)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("a: é\n".encode())))
    assert read("-") == ("a: é\n", ())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"#" * (2**20 + 1))))
    assert refusal("-").code == "LIM001"
    monkeypatch.setattr(sys, "stdin", None)
    assert refusal("-").code == "FIL003"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(data)
    text, found = read(str(path))
    assert (text is None) == bool(found)
    if text is not None:
        assert data.endswith(text.encode())
        compose(text, str(path))
