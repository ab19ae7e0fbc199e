"""archspec list: the gallery, the library's blocks and the ops."""

from __future__ import annotations

import argparse
import json
from typing import Any

from archspec.cli.arguments import add_format
from archspec.language.files import gallery_names
from archspec.language.load import load_partial
from archspec.language.symbols import library_block, library_names
from archspec.ops import find_op, op_names

EXAMPLES = (
    "list",
    "list --blocks",
    "list --format json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the choice of what to list; the gallery alone by default."""
    parser.add_argument("--blocks", action="store_true", help="also the library's blocks and the ops")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the lists."""
    listed = everything()
    if arguments.format == "json":
        print(json.dumps(listed, indent=2, ensure_ascii=False))
        return 0
    for spec in listed["specs"]:
        print(f"{spec['name']:<20} {spec['about']}")
        if spec["variants"]:
            print("".ljust(20), ", ".join(spec["variants"]))
    if arguments.blocks:
        for kind in ("blocks", "ops"):
            print(f"\n{kind}")
            for item in listed[kind]:
                print(f"  {item['name']:<22} {item['about']}")
    return 0


def everything() -> dict[str, Any]:
    """Return the gallery with its variants, the library and the ops, each with a description."""
    specs = []
    for name in gallery_names():
        spec, _ = load_partial(name)
        if spec is not None:
            about = spec.document.about or ""
            specs.append({"name": name, "about": about, "variants": list(spec.variants)})
    blocks = [{"name": name, "about": _block_about(name)} for name in library_names()]
    ops = [{"name": name, "about": op_about(name)} for name in op_names()]
    return {"specs": specs, "blocks": blocks, "ops": ops}


def _block_about(name: str) -> str:
    block = library_block(name)
    return (block.model.about or "") if block is not None else ""


def op_about(name: str) -> str:
    """Return the first sentence of an op's docstring."""
    op = find_op(name)
    return " ".join((op.__doc__ or "").split("\n\n")[0].split()) if op is not None else ""
