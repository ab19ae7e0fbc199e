"""Graphviz in a process of its own, which can be ended: `python -m archspec.views.worker FORMAT < DOT > picture`.

With `serve` in place of a format it draws one text after the other, each after a line `FORMAT LENGTH`, and answers with
a line `STATUS LENGTH` before the picture or the reason why there is none.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from typing import IO

from archspec.errors import PictureError
from archspec.views.layout import render

REFUSED = 3
SERVE = "serve"


def rendered_apart(source: str, form: str, time_limit: float) -> bytes:
    """The picture, laid out by another process; raises PictureError, also when the time in seconds is over."""
    limit = None if math.isinf(time_limit) else time_limit
    try:
        done = subprocess.run(
            [sys.executable, "-m", "archspec.views.worker", form],
            input=source.encode("utf-8"),
            capture_output=True,
            timeout=limit,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PictureError(
            f"the layout took longer than {time_limit:g} s; draw a higher level (block, stage), or write html, which "
            "lays out only what is open"
        ) from None
    if done.returncode == 0:
        return done.stdout
    told = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    if done.returncode == REFUSED:
        raise PictureError(told[0])
    raise PictureError(f"Graphviz ended with {done.returncode}: {told[0] if told else 'it said nothing'}")


def header(word: str, length: int) -> bytes:
    """The line before so many bytes."""
    return f"{word} {length}\n".encode()


def read_header(stream: IO[bytes]) -> tuple[str, int]:
    """The word of such a line, and how many bytes follow; raises EOFError where there is none."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    word, length = line.split()
    return word.decode(), int(length)


def serve(given: IO[bytes], drawn: IO[bytes]) -> int:
    """Draw text after text until there is no more."""
    while True:
        try:
            form, length = read_header(given)
        except EOFError:
            return 0
        source = given.read(length).decode("utf-8")
        try:
            status, answer = 0, render(source, form)
        except PictureError as error:
            status, answer = REFUSED, str(error).encode()
        drawn.write(header(str(status), len(answer)) + answer)
        drawn.flush()


def main() -> int:
    """Draw what comes in."""
    if sys.argv[1] == SERVE:
        return serve(sys.stdin.buffer, sys.stdout.buffer)
    source = sys.stdin.buffer.read().decode("utf-8")
    try:
        drawn = render(source, sys.argv[1])
    except PictureError as error:
        sys.stderr.buffer.write(f"{error}\n".encode())
        return REFUSED
    sys.stdout.buffer.write(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
