"""Graphviz in a process of its own, which can be ended: `python -m archspec.views.worker FORMAT < DOT > picture`."""

from __future__ import annotations

import math
import os
import subprocess
import sys

from archspec.views.layout import PictureError, render

REFUSED = 3


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


def main() -> int:
    """Draw what comes in."""
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
