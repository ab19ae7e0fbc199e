"""Reads spec files: the text, or a diagnostic of why there is none; never an exception."""

from __future__ import annotations

import os
import stat
import sys
from typing import Final

from archspec.diagnostics import Diagnostic, Span, did_you_mean
from archspec.source.limits import FILE_BYTES, FILE_CODE
from archspec.source.positions import Positions

BINARY: Final = "weights belong to `build --weights`; a spec is YAML text"
NO_FILE: Final = "a name without a slash or .yaml is looked up in the gallery: `archspec list`"
_BOM: Final = "\ufeff"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def read(path: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Return the UTF-8 text of a file (`-` is standard input), without a byte order mark and with its line breaks."""
    try:
        data = _standard_input() if path == "-" else _file(path)
    # os.stat raises ValueError for a path with a NUL character.
    except (OSError, ValueError) as error:
        return None, (_unreadable(path, error),)
    if isinstance(data, Diagnostic):
        return None, (data,)
    return decode(data, path)


def decode(data: bytes, path: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Return what `read` returns for a file of these bytes; `path` is its name in findings."""
    return (None, (too_large(path),)) if len(data) > FILE_BYTES else _decode_utf8(data, path)


def too_large(path: str) -> Diagnostic:
    """Report a text of more than the allowed bytes."""
    message = f"the file is larger than {FILE_BYTES // 2**20} MiB"
    return Diagnostic(FILE_CODE, message, _top(path), hint="a spec is a few kilobytes; is this the right file?")


def _standard_input() -> bytes | Diagnostic:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        hint = "pipe a spec into the command"
        return Diagnostic("FIL003", "there is no standard input to read", _top("-"), hint=hint)
    data: bytes = stream.read(FILE_BYTES + 1)
    return data


def _file(path: str) -> bytes | Diagnostic:
    """Read at most one byte more than is allowed; a pipe or device is refused, since reading it may never end."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        hint = "name one of the specs in it"
        return Diagnostic("FIL002", "this is a directory, not a file", _top(path), hint=hint)
    if not stat.S_ISREG(mode):
        return _not_regular(path)
    # Opening a pipe would wait for a writer without O_NONBLOCK; without O_BINARY, Windows would change line breaks.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        # The path may have become a pipe since it was looked at: check what was opened.
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return _not_regular(path)
        return stream.read(FILE_BYTES + 1)


def _not_regular(path: str) -> Diagnostic:
    return Diagnostic("FIL003", "this is a pipe or a device, not a file", _top(path), hint="`-` reads standard input")


def _unreadable(path: str, error: OSError | ValueError) -> Diagnostic:
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        near = _find_similar(path)
        return Diagnostic(
            "FIL001", "there is no such file", _top(path), hint=f"did you mean {near}?" if near else NO_FILE
        )
    reason = (error.strerror or type(error).__name__).lower()
    return Diagnostic("FIL003", f"the file cannot be read: {reason}", _top(path), hint="are its permissions right?")


def _find_similar(path: str) -> str | None:
    """Return a file in the same directory with a similar name."""
    folder, name = os.path.split(path)
    try:
        found = did_you_mean(name, os.listdir(folder or "."))
    except (OSError, ValueError):
        return None
    return os.path.join(folder, found) if found else None


def _decode_utf8(data: bytes, path: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    if data.startswith(_UTF16):
        return None, (_not_text(path, data, 0, "the file is UTF-16, not UTF-8", "save it as UTF-8"),)
    nul = data.find(b"\0")
    if nul >= 0:
        return None, (_not_text(path, data, nul, "the file is binary (a NUL byte), not text", BINARY),)
    try:
        return data.decode("utf-8").removeprefix(_BOM), ()
    except UnicodeDecodeError as error:
        message = f"the byte 0x{data[error.start]:02X} is not UTF-8"
        return None, (_not_text(path, data, error.start, message, "save the file as UTF-8"),)


def _not_text(path: str, data: bytes, index: int, message: str, hint: str) -> Diagnostic:
    before = data[:index].decode("utf-8", errors="replace").removeprefix(_BOM)
    span = Positions(before + "?", path).span(len(before), len(before) + 1)
    return Diagnostic("FIL004", message, span, hint=hint)


def _top(path: str) -> Span:
    return Span(path, 1, 1, 1, 1)
