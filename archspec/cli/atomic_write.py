"""Atomic replacement of a file: a reader sees the old text or the new one, never half of it."""

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


def write_file(path: str, data: str | bytes) -> str:
    """Write a file at once, new or in place of what it holds, through links; why not, if it fails.

    A device or a pipe is simply written to.
    """
    written_path, target = Path(path), Path(os.path.realpath(path))
    data = data.encode("utf-8") if isinstance(data, str) else data
    try:
        if written_path.exists() and not written_path.is_file():
            written_path.write_bytes(data)
        elif target.exists() and not os.access(target, os.W_OK):
            return "permission denied"
        else:
            _write(target, data)
    except OSError as error:
        return (error.strerror or type(error).__name__).lower()
    return ""


def _write(target: Path, data: bytes) -> None:
    """Write a temporary file in the target's folder, sync it to the disk, and rename it, which is atomic there."""
    mode = target.stat().st_mode if target.exists() else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the permissions that new files do not get; the mask can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
