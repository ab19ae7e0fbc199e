"""Atomic replacement of a file: a reader sees the old text or the new one, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_BOM = b"\xef\xbb\xbf"


def replace_file(path: str, before: str, after: str) -> str:
    """Replace the text `before` of a file by `after`; return what went wrong, or an empty text.

    Links are followed; the byte order mark and permissions are kept. A file that holds another text by now is left.
    """
    target = Path(os.path.realpath(path))
    try:
        data = target.read_bytes()
        mark = _BOM if data.startswith(_BOM) else b""
        # An editor may have saved it since it was linted: the fixes are for the text that was read.
        if data != mark + before.encode("utf-8"):
            return "it has been changed meanwhile"
        # A rename asks only for the right to write to the folder: without this, a read-only file would be replaced.
        if not os.access(target, os.W_OK):
            return "permission denied"
        _write(target, mark + after.encode("utf-8"))
    except (OSError, ValueError) as error:
        return _reason(error)
    return ""


def write_file(path: str, data: str | bytes) -> str:
    """Create or replace a file; return what went wrong, or an empty text.

    Links are followed. A device or a pipe is written to directly.
    """
    written_path, target = Path(path), Path(os.path.realpath(path))
    data = data.encode("utf-8") if isinstance(data, str) else data
    try:
        # The path as written, not its target: /dev/stdout resolves to a name such as pipe:[123], which does not exist.
        if written_path.exists() and not written_path.is_file():
            written_path.write_bytes(data)
        elif target.exists() and not os.access(target, os.W_OK):
            return "permission denied"
        else:
            _write(target, data)
    except (OSError, ValueError) as error:
        return _reason(error)
    return ""


def why_unwritable(path: str) -> str:
    """Return why `write_file` could not write a path, as far as that can be known without trying, or an empty text."""
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            return "is a directory"
        # A device or a pipe is written to directly; its target may have no name (see write_file).
        if Path(path).exists() and not Path(path).is_file():
            return ""
        if target.exists():
            return "" if os.access(target, os.W_OK) else "permission denied"
        if not target.parent.is_dir():
            return f"there is no directory {os.path.dirname(path) or target.parent}"
        return "" if os.access(target.parent, os.W_OK) else "permission denied"
    except (OSError, ValueError) as error:  # a name that is too long, or has a NUL
        return _reason(error)


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def _write(target: Path, data: bytes) -> None:
    """Write a temporary file in the target's folder, sync it to the disk, and rename it, which is atomic there."""
    mode = target.stat().st_mode if target.exists() else 0o666 & ~_umask()
    # The name is cut since file systems allow 255 bytes, to which the random part and the suffix are added.
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            # Otherwise the rename may reach the disk before the data, and a power cut leaves an empty file.
            os.fsync(stream.fileno())
        # mkstemp makes files that only their owner may read.
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, target)
    # Ctrl-C, too, leaves no temporary file behind.
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the permissions that new files do not get; the mask can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
