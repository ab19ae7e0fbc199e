"""The explorer: an edit, from the start of the rerun to the arguments of the component that shows it."""

from __future__ import annotations

import sys
from statistics import median
from time import perf_counter
from typing import Any

from _measure import ROOT

sys.path.insert(0, str(ROOT / "app"))

from streamlit.testing.v1 import AppTest  # the app's files are next to the package, not in it

from explorer import workbench
from explorer.draft import Draft

ROUNDS = 20
TARGET = 300.0  # milliseconds
DESIGNS = {
    "resnet:resnet50": ("classes: 1000", "classes: {}", TARGET),
    "resnet:resnet50, a width": ("widths: [256, 512", "widths: [256, 51{}", TARGET),
    "densenet:densenet201": ("classes: 1000", "classes: {}", 0.0),
}


def main() -> None:
    reached: list[float] = []
    shown = workbench.show

    # The rerun ends later, in Streamlit's own work; the arguments of the component are the end of ours.
    def noted(draft: Draft, data: dict[str, Any]) -> None:
        reached.append(perf_counter())
        shown(draft, data)

    workbench.show = noted
    print("### The explorer: an edit, from the start of the rerun to the component's arguments\n")
    print("| edit of | median | slowest | target |\n|---|---|---|---|")
    for name, (before, after, target) in DESIGNS.items():
        times = _times(name.partition(",")[0], before, after, reached)
        bound = f"≤ {target:.0f} ms" if target else ""
        print(f"| {name} | {median(times):.0f} ms | {max(times):.0f} ms | {bound} |")
    print(f"\n{ROUNDS} edits each at block level, layout included, as Streamlit's test harness runs the page.")


def _times(name: str, before: str, after: str, reached: list[float]) -> list[float]:
    """Return the milliseconds of each edit of a design."""
    app = AppTest.from_file(str(ROOT / "app" / "streamlit_app.py"), default_timeout=60)
    app.query_params.update(dict(zip(("spec", "variant"), name.split(":"), strict=True)))
    app.run()
    draft = app.session_state["draft"]
    original, times = draft.text, []
    for number in range(1, ROUNDS + 3):
        draft.text = original.replace(before, after.format(2 * number))
        started = perf_counter()
        app.run()
        times.append(1_000 * (reached[-1] - started))
    # The first two warm up.
    return times[2:]


if __name__ == "__main__":
    main()
