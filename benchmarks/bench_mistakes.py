"""The reports of archspec and its peers on ten real mistakes; peers that are not installed are left out.

`pip install -r benchmarks/mistakes/peers.txt` brings those that were compared.
"""

from __future__ import annotations

from mistakes.cases import MISTAKES, Mistake
from mistakes.peers import answer, installed

import archspec
from archspec.diagnostics import Diagnostic

LONGEST = 170


def most_serious(mistake: Mistake) -> Diagnostic | None:
    """Return the most serious finding of archspec."""
    order = ["error", "warning", "info"]
    found = archspec.lint(mistake.spec, file="design.yaml")
    return min(found, key=lambda d: order.index(d.severity.value), default=None)


def main() -> None:
    """Print a table: for each mistake a row for archspec and one for each peer."""
    tools = list(installed())
    print("### Ten real mistakes: who says it, when, and in what words\n")
    print("| mistake | tool | when | what it says |")
    print("|---|---|---|---|")
    for mistake in MISTAKES:
        finding = most_serious(mistake)
        message = "" if finding is None else f"{finding.span}: {finding.code} {finding.message}. {finding.hint}"
        _row(f"[{mistake.name}]({mistake.thread})", "archspec", "before building" if finding else "never", message)
        for name, tool in tools:
            when, what = answer(tool, mistake)
            _row("", name, when or "–", what)


def _row(mistake: str, tool: str, when: str, what: str) -> None:
    shown = " ".join(what.split()).replace("|", "\\|")
    print(f"| {mistake} | {tool} | {when} | {shown if len(shown) <= LONGEST else shown[:LONGEST] + ' …'} |")


if __name__ == "__main__":
    main()
