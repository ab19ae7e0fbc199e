"""Inputs run again, without the fuzzer, in a process that gets 500 MB in all.

`python -m tests.fuzz.replay TARGET FILE...` prints as JSON how many seconds each took.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from tests.fuzz.targets import TARGETS

MEMORY = 500 * 2**20


def main() -> None:
    """Run each file once; any exception ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    target = TARGETS[sys.argv[1]]
    target(b"")  # what the first use costs, imports and the library's files, is not the input's
    seconds = {}
    for name in sys.argv[2:]:
        started = time.process_time()
        target(Path(name).read_bytes())
        seconds[name] = time.process_time() - started
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
