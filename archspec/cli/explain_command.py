"""archspec explain: what a code means."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from archspec.cli.arguments import USAGE, add_format
from archspec.diagnostics import did_you_mean
from archspec.lint.codes import CODES, Code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The code; all of them without one."""
    parser.add_argument("code", metavar="CODE", nargs="?", help="a code that lint prints, e.g. RES001; all if left out")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation."""
    chosen = CODES
    if arguments.code is not None:
        code = arguments.code.upper()
        if code not in CODES:
            return _unknown(arguments, code)
        chosen = {code: CODES[code]}
    if arguments.format == "json":
        print(json.dumps({name: asdict(code) for name, code in chosen.items()}, indent=2, ensure_ascii=False))
    elif arguments.code is None:
        print("\n".join(f"{name}  {code.title}" for name, code in chosen.items()))
    else:
        print("\n".join(_text(name, code) for name, code in chosen.items()))
    return 0


def _unknown(arguments: argparse.Namespace, code: str) -> int:
    close = did_you_mean(code, CODES)
    message = f"there is no code {code}" + (f"; did you mean {close}?" if close else "; archspec explain lists them")
    print(json.dumps({"error": message}) if arguments.format == "json" else f"archspec: {message}")
    return USAGE


def _text(name: str, code: Code) -> str:
    lines = [f"{name}: {code.title}", "", code.why, code.fix]
    if code.bad:
        lines.extend(["", f"  not  {code.bad}", f"  but  {code.good}"])
    return "\n".join(lines)
