"""The entry point of the `archspec` command, outside of the package: that name may be another project's."""

from __future__ import annotations

import sys
from importlib.util import find_spec


def main() -> int:
    """Run the command line and return the exit code; 2 where the package `archspec` is not this project's."""
    found = find_spec("archspec")
    try:
        import archspec.name_clash  # noqa: F401 - only this project has it
    except ImportError:
        place = (found.origin if found is not None else None) or "nowhere"
        print(
            f"archspec: `archspec` here is another project's package ({place}), which hides archspec-nn: "
            "`pip uninstall archspec`, or install archspec-nn into an environment of its own",
            file=sys.stderr,
        )
        return 2
    from archspec.cli.main import main as run

    return run()
