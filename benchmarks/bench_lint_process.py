"""A whole `archspec lint resnet152`, from the shell's return key to the prompt, against `import torch`."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

from _measure import ROOT, interleaved, ratio_of, report

ROUNDS = 15


def main() -> None:
    rivals = {
        "lint": partial(_process, "-m", "archspec", "lint", "resnet152"),
        "lint all": partial(_process, "-m", "archspec", "lint", "resnet"),
        "torch": partial(_process, "-c", "import torch"),
    }
    times = interleaved(rivals, ROUNDS)
    rows = [
        ratio_of("`archspec lint resnet152`", times, "lint", "torch", "≤ 0.12"),
        ratio_of("`archspec lint resnet` (the base and 10 variants)", times, "lint all", "torch", "≤ 0.17"),
    ]
    report("Whole process: lint against `python -c 'import torch'`", rows, f"Medians of {ROUNDS} processes each.")


def _process(*arguments: str) -> None:
    """Run this Python; byte code is cached, as for any installed package."""
    # The variable would make every process compile all modules, which no installed package does.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    main()
