"""Specs with mistakes, each with every finding that must be reported.

They stand in the .txt files beside this one: `=== name`, the text, `---`, and a line for each finding:
`line:column CODE part of its message | part of its hint`.
"""

from __future__ import annotations

from pathlib import Path

from archspec.diagnostics import Diagnostic

Case = tuple[str, str, str]
SIZES = ("SHP004", "SHP005", "ATT004")


def written(name: str) -> tuple[Case, ...]:
    """Return the cases of one file."""
    parts = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8").split("=== ")[1:]
    return tuple(_case(part) for part in parts)


def _case(part: str) -> Case:
    name, _, rest = part.partition("\n")
    text, _, findings = rest.partition("---\n")
    return name, text, findings


def is_reported(raised: Diagnostic, reported: tuple[Diagnostic, ...]) -> bool:
    """Return whether lint reports what lowering raises: itself, or as a cause of a finding about a size."""
    if str(raised) in {str(finding) for finding in reported}:
        return True
    carried = f"{raised.code}: {raised.message}"
    causes = [cause.message for finding in reported if finding.code in SIZES for cause in finding.causes]
    return carried in causes or any(message.endswith("more places") for message in causes)


TEXTS: tuple[Case, ...] = (
    ("empty", "\n", "1:1 SPC009 the file is empty | smallest spec"),
    ("only comments", "# nothing\n# at all\n", "1:1 SPC009 the file is empty | smallest spec"),
    ("a list", "- 1\n", "1:1 SPC002 expected a mapping, found a list | a spec is a mapping"),
    ("a word", "hello\nworld\n", "1:1 SPC002 expected a mapping, found the text hello world | a spec is a mapping"),
    ("an empty mapping", "{}\n", "1:1 SPC009 the key input is missing | input: [3, 224, 224]"),
    ("not YAML", "input: [3, 4\nstages: [relu]\n", "2:7 SPC011 not YAML | "),
    ("a tab", "input: [3, 4, 4]\nstages:\n\t- relu\n", "3:1 SPC011 not YAML: a tab | indent with spaces"),
    ("a bell", "input: [3]\a\n", "1:11 SPC011 the control character U+0007 | delete it"),
    ("two documents", "input: [3]\n---\ninput: [4]\n", "2:1 SPC002 | a file of its own"),
    ("a tag", "input: !!python/object:os.system [3]\nhead: [relu]\n", "1:8 SPC002 | specs need no tags"),
    ("5,000 digits", "input: [3, 4, " + "9" * 5000 + "]\nhead: [relu]\n", "1:15 LIM008 19 digits | "),
    ("50,000 brackets", "input: " + "[" * 50_000 + "\n", "1:71 LIM002 64 | "),
    (
        "an alias bomb",
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        "6:8 LIM003 100,000 nodes | ",
    ),
    ("an alias of itself", "a: &a [*a]\n", "1:8 LIM004 | "),
)

CASES = (*written("language"), *written("skip_connections"), *written("definitions"), *TEXTS)
