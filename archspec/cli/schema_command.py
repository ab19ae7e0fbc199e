"""archspec schema: the language for editors."""

from __future__ import annotations

import argparse
import json

from archspec.language.json_schema import json_schema

EXAMPLES = ("schema > archspec.schema.json",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: there is nothing to choose."""


def run(_arguments: argparse.Namespace) -> int:
    """Print the JSON Schema."""
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return 0
