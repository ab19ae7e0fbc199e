"""Smoke runs of the whole gallery on a CUDA device in float32 and bfloat16: writes the table of docs/benchmarks.md.

    python benchmarks/gpu_smoke.py [--batch 8] [--device cuda] [--timeout 300] [--spec NAME ...]

Each run is a separate process, as `archspec smoke` makes it. The section of docs/benchmarks.md between the two marks
is replaced (it is added at the end where there is none). Exit code 1 where a run failed, 2 without a CUDA device.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from _measure import ROOT, machine

import archspec
from archspec.cli.smoke_text import size
from archspec.language.files import gallery_names
from archspec.runtime.smoke.report import SmokeReport

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- gpu smoke: written by benchmarks/gpu_smoke.py -->", "<!-- end of gpu smoke -->"
DTYPES: tuple[Literal["float32", "bfloat16"], ...] = ("float32", "bfloat16")
HEAD = ("network", "dtype", "", "forward", "training step", "samples/s", "peak", "predicted", "finite", "same again")


def main() -> int:
    """Run the gallery and write the table; return the exit code."""
    arguments = _arguments()
    import torch

    if not torch.cuda.is_available():
        print(f"gpu_smoke.py needs a CUDA device, and torch {torch.__version__} finds none", file=sys.stderr)
        return 2
    reports = []
    for report in _runs(arguments):
        reports.append(report)
        print(" | ".join(_row(report)), report.error or "", flush=True)
    replace_section(PAGE, _section(reports, torch.cuda.get_device_name(), arguments.batch))
    return 0 if all(reports) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Smoke runs of the gallery on a GPU.")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--timeout", type=float, default=300.0)
    parser.add_argument("--spec", action="append", help="a name of the gallery, repeatable (default: all)")
    return parser.parse_args()


def gallery() -> Iterator[str]:
    """Yield every variant of the gallery, and the specs that have none."""
    for name in gallery_names():
        variants = archspec.load(name).variants
        yield from (f"{name}:{variant}" for variant in variants) if variants else (name,)


def _runs(arguments: argparse.Namespace) -> Iterator[SmokeReport]:
    for name in arguments.spec or gallery():
        graph = archspec.lower(archspec.load(name))
        for dtype in DTYPES:
            yield archspec.smoke(
                graph, device=arguments.device, batch=arguments.batch, dtype=dtype, timeout=arguments.timeout
            )


def _row(report: SmokeReport) -> tuple[str, ...]:
    verdict = "ok" if report.ok else (report.error_kind or "failed").replace("_", " ")
    rate = "?" if report.samples_per_second is None else f"{report.samples_per_second:,.0f}"
    times = tuple("?" if time is None else f"{time:.3g} ms" for time in (report.forward_ms, report.step_ms))
    sizes = (size(report.peak_bytes), size(report.predicted_peak_bytes))
    words = tuple({True: "yes", False: "no", None: "?"}[fact] for fact in (report.finite, report.deterministic))
    name = report.name + (f":{report.variant}" if report.variant else "")
    return name, report.dtype, verdict, *times, rate, *sizes, *words


def _section(reports: list[SmokeReport], gpu: str, batch: int) -> str:
    """Return the heading, how it was measured, and a row for each run."""
    fine = sum(map(bool, reports))
    rows = [" | ".join(_row(report)) for report in reports]
    failures = [f"- {r.name}:{r.variant} in {r.dtype}: {r.error}" for r in reports if not r.ok]
    return "\n".join(
        [
            "## Smoke runs on a GPU",
            "",
            f"{fine} of {len(reports)} runs are fine. {gpu}, batch {batch}, {machine()}; `benchmarks/gpu_smoke.py`.",
            "",
            f"| {' | '.join(HEAD)} |",
            "|" + "---|" * 3 + "---:|" * 5 + "---|" * 2,
            *(f"| {row} |" for row in rows),
            *(["", *failures] if failures else []),
        ]
    )


def replace_section(page: Path, section: str) -> None:
    """Put the section between its marks in place of the one that is there, or at the end of the page."""
    text = page.read_text(encoding="utf-8")
    marked = f"{BEGIN}\n{section}\n{END}\n"
    there = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}\n", re.DOTALL)
    # A function, as re would read backslashes in the text of a replacement.
    new = there.sub(lambda _: marked, text) if there.search(text) else f"{text.rstrip()}\n\n{marked}"
    page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
