"""One keystroke in an open ResNet: the work of the language server until it has the findings, against a full lint."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import thread_time

from _measure import ROOT, Ratio, report

import archspec
from archspec.lsp.documents import OpenDocument, open_document

ROUNDS = 40
TARGET = "≤ 3 ms"
Edit = Callable[[str, int], str]
EDITS: dict[str, tuple[Edit, str]] = {
    "a letter in a comment": (lambda text, n: text.replace("# ResNet,", f"# ResNet {n},"), TARGET),
    "a digit of `classes`": (lambda text, n: text.replace("classes: 1000", f"classes: {1000 + n}"), TARGET),
    "a line more above everything": (lambda text, n: "#\n" * n + text, ""),
    "a digit of a width, so that every block after it is another": (
        lambda text, n: text.replace("widths: [256, 512", f"widths: [256, {512 + 64 * n}"),
        "",
    ),
}


def main() -> None:
    path = ROOT / "specs" / "resnet.yaml"
    text = path.read_text(encoding="utf-8")
    document = open_document(path.as_uri(), str(path), text)
    document.lint()
    rows = [_row(document, text, what, edit, target) for what, (edit, target) in EDITS.items()]
    note = (
        f"Medians of {ROUNDS} in turn, in processor time of the thread; the base of the spec (ResNet-50), which is what"
        " a keystroke checks: its variants follow when the typing pauses. The other: `archspec.lint` of the same text."
    )
    report("Language server: an open ResNet-50 checked again after a keystroke", rows, note)


def _row(document: OpenDocument, text: str, what: str, edit: Edit, target: str) -> Ratio:
    ours, fresh = [], []
    for number in range(1, ROUNDS + 1):
        changed = edit(text, number)
        start = thread_time()
        document.change(changed)
        document.lint()
        ours.append(thread_time() - start)
        start = thread_time()
        # The same work: a keystroke checks the base without its variants.
        archspec.lint(changed, file=document.current.file, variants=False)
        fresh.append(thread_time() - start)
    return Ratio(what, median(ours), median(fresh), target)


if __name__ == "__main__":
    main()
