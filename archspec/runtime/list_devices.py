"""Which devices torch finds, asked in a process of its own: `python -m archspec.runtime.list_devices`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def found(timeout: float) -> tuple[str, ...]:
    """The names of the devices, the fastest kind first; raises RuntimeError where torch does not say."""
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "archspec.runtime.list_devices"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=timeout,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"torch was not imported within {timeout:g} s") from None
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise RuntimeError(f"torch cannot be imported: {last[0]}")
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print the names as JSON, the last line of what is printed."""
    import torch

    cuda = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    print(json.dumps([*cuda, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]))


if __name__ == "__main__":
    main()
