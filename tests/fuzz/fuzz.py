"""One target under the coverage-guided fuzzer: `python -m tests.fuzz.fuzz TARGET [libFuzzer's arguments]`."""

from __future__ import annotations

import os
import sys

import atheris


def main() -> None:
    """Instrument archspec, then change inputs for as long as the arguments say."""
    with atheris.instrument_imports(include=["archspec"]):
        from tests.fuzz.targets import TARGETS
    if (
        child := os.fork()
    ):  # Linux counts a caller's memory (pytest's, with torch) to a process's peak; a fork's starts at zero
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
