"""archspec explain: the meaning of a code, with examples."""

from __future__ import annotations

import argparse
import json
from typing import Any

from archspec.cli.arguments import add_format
from archspec.diagnostics import did_you_mean
from archspec.errors import UsageError
from archspec.linter.catalogue import codes, find_rule, rules
from archspec.linter.pages import explanation
from archspec.linter.rule import Rule

EXAMPLES = (
    "explain RES001",
    "explain",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the code, which may be left out."""
    parser.add_argument("code", metavar="CODE", nargs="?", help="a code that lint prints, e.g. RES001; all if left out")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation."""
    chosen = rules()
    if arguments.code is not None:
        rule = find_rule(arguments.code)
        if rule is None:
            raise _unknown(arguments.code.upper())
        chosen = (rule,)
    if arguments.format == "json":
        print(json.dumps({rule.code: _as_dict(rule) for rule in chosen}, indent=2, ensure_ascii=False))
    elif arguments.code is None:
        print("\n".join(f"{rule.code}  {rule.severity.value:7}  {rule.summary}" for rule in chosen))
    else:
        print("\n".join(explanation(rule) for rule in chosen))
    return 0


def _unknown(code: str) -> UsageError:
    close = did_you_mean(code, codes())
    return UsageError(
        f"there is no code {code}" + (f"; did you mean {close}?" if close else "; archspec explain lists them")
    )


def _as_dict(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "why": rule.why,
        "fix": rule.hint,
        "bad": [{"text": example.text, "at": example.at} for example in rule.bad],
        "good": list(rule.good),
        "references": list(rule.references),
        "applicability": rule.applicability,
        "enabled": rule.enabled,
    }
