"""`python -m archspec`: the command line, where no script of that name is on PATH."""

from __future__ import annotations

import sys

from archspec.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
