"""A file's text replaced at once: whoever reads the file sees the old text or the new one, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_BOM = b"\xef\xbb\xbf"


def replace_file(path: str, before: str, after: str) -> str:
    """Put `after` in place of `before`, through links, the byte order mark and permissions kept; why not, if it fails.

    A file that holds something else than `before` by now is left alone.
    """
    target = Path(os.path.realpath(path))
    try:
        data = target.read_bytes()
        mark = _BOM if data.startswith(_BOM) else b""
        if data != mark + before.encode("utf-8"):
            return "it has been changed meanwhile"
        if not os.access(target, os.W_OK):
            return "permission denied"
        _write(target, mark + after.encode("utf-8"))
    except OSError as error:
        return (error.strerror or type(error).__name__).lower()
    return ""


def write_file(path: str, text: str) -> str:
    """Put a text into a file, a new one or in place of what it holds, through links; why not, if it fails.

    A device or pipe is simply written to.
    """
    given, target = Path(path), Path(os.path.realpath(path))
    data = text.encode("utf-8")
    try:
        if given.exists() and not given.is_file():
            given.write_bytes(data)
        elif not target.exists():
            target.touch(exist_ok=False)  # with the permissions that any new file would have
            try:
                _write(target, data)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
        elif os.access(target, os.W_OK):
            _write(target, data)
        else:
            return "permission denied"
    except OSError as error:
        return (error.strerror or type(error).__name__).lower()
    return ""


def _write(target: Path, data: bytes) -> None:
    """Write beside the target, bring that to the disk, rename it."""
    mode = target.stat().st_mode
    handle, beside = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(beside, mode & 0o7777)
        os.replace(beside, target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
