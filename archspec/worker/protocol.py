"""What a process and its worker say to each other: frames, which are pickled objects after their length.

Client to worker: `(target, arguments, has_progress)`, where a target is `module:function`. Worker to client: any
number of `("progress", values)`, then one `("result", value)` or `("failure", exception)`. Both ends are the same
installation, started by the same user, so that unpickling what comes in is as safe as importing the code.
"""

from __future__ import annotations

from typing import BinaryIO

HEADER = 8  # bytes that say how many follow
CHUNK = 1 << 20


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Write one frame to an unbuffered stream, which may take less than it is given at a time."""
    left = memoryview(len(data).to_bytes(HEADER, "big") + data)
    while left:
        left = left[stream.write(left) or 0 :]


def read_frame(stream: BinaryIO) -> bytes:
    """Read one frame; raises EOFError where the stream ends, also within a frame."""
    return _read(stream, int.from_bytes(_read(stream, HEADER), "big"))


def _read(stream: BinaryIO, count: int) -> bytes:
    parts: list[bytes] = []
    while count > 0:
        part = stream.read(min(count, CHUNK))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
