"""Learning check: can the design learn something small, beside what a simple guess reaches."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import streamlit as st

from explorer.draft import current
from explorer.heading import heading
from explorer.jobs import Job
from explorer.runs import is_full, results, start, watch
from explorer.tables import table
from explorer.told import plain, short

PURPOSE = "Train the design for a short while on small real data: does it learn more than a simple guess knows."
EMPTY = "Nothing checked yet. A check takes a minute or more on a CPU; the app stays usable meanwhile."
KIND = "learn"
DATA = {
    "digits": "digits: a picture of at least 8×8 to 10 scores",
    "shapes": "shapes: a picture of at least 16×16 to 4 scores at each pixel",
    "text": "text: ids of characters to scores of the next one",
}


def page() -> None:
    """The page."""
    draft = current()
    graph = heading(draft, "Learning check", PURPOSE)
    if any(find_spec(name) is None for name in ("torch", "sklearn", "torchmetrics")):
        st.warning("A check needs more packages: `pip install 'archspec-nn[torch,learn]'`.")
    elif graph is not None:
        options, limit = _form()
        if st.button("Check", type="primary", disabled=is_full(KIND)):
            start(draft, KIND, {**options, "timeout": limit}, limit)
        watch(KIND)
    results(KIND, _shown, EMPTY)


def _form() -> tuple[dict[str, Any], float]:
    columns = st.columns([2.2, 1, 1, 1.1, 1, 1.2], vertical_alignment="bottom")
    data = columns[0].selectbox("Data", list(DATA), format_func=DATA.__getitem__, key="learn_data")
    steps = columns[1].number_input("Steps", 1, 10_000, 100, key="learn_steps")
    batch = columns[2].number_input("Batch", 1, 4_096, 32, key="learn_batch")
    optimizer = columns[3].selectbox("Optimizer", ["adamw", "sgd"], key="learn_optimizer")
    seed = columns[4].number_input("Seed", 0, 2**31, 0, key="learn_seed")
    limit = columns[5].number_input("Seconds at most", 5, 3_600, 300, key="learn_limit")
    options = {"data": data, "steps": int(steps), "batch": int(batch), "optimizer": optimizer, "seed": int(seed)}
    return options, float(limit)


def _shown(job: Job) -> None:
    """How well it does beside the baseline, and its loss by step."""
    found = job.result or {}
    if not found["ok"]:
        st.error(plain(f"{found['error']} (while {found['stage']})"))
        return
    metric = plain(found["metric"])
    if found["learned"]:
        st.success(f"It learns: {metric} {found['value']:.3f}, where the baseline has {found['baseline']:.3f}.")
    else:
        st.warning(f"No better than the baseline: {metric} {found['value']:.3f} and {found['baseline']:.3f}.")
    steps = list(range(1, len(found["losses"]) + 1))
    st.line_chart({"step": steps, "loss": found["losses"]}, x="step", y="loss", height=260)
    rows = [
        ("data", found["data"]),
        (f"{found['metric']}, held out", f"{found['value']:.4f}"),
        (f"{found['metric']}, trained on", f"{found['trained_value']:.4f}"),
        (f"baseline: {found['baseline_is']}", f"{found['baseline']:.4f}"),
        ("parameters", short(found["parameters"])),
        ("time", f"{found['seconds']:.1f} s on {found['device']}"),
    ]
    table(("what", "found"), rows)
