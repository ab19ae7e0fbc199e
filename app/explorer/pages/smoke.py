"""Smoke run: does the design train, how fast, with how much memory; for real, in a process of its own."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import streamlit as st

from explorer.draft import current
from explorer.heading import heading
from explorer.jobs import Job, jobs
from explorer.runs import is_full, results, start, watch
from explorer.tables import table
from explorer.told import plain, size

PURPOSE = "Build the design and train it for a few steps on random data: does it run, how fast, in how much memory."
EMPTY = "No run yet. A run takes seconds to a minute on a CPU; the app stays usable meanwhile."
KIND = "smoke"


def page() -> None:
    """The page."""
    draft = current()
    graph = heading(draft, "Smoke run", PURPOSE)
    if find_spec("torch") is None:
        st.warning("A run needs torch: `pip install 'archspec-nn[torch]'`.")
    elif graph is not None:
        options, limit = _form()
        if st.button("Run", type="primary", disabled=is_full(KIND)):
            start(draft, KIND, {**options, "timeout": limit}, limit)
        watch(KIND)
    results(KIND, _shown, EMPTY)


def _form() -> tuple[dict[str, Any], float]:
    """How it is run, and for how long at most."""
    columns = st.columns([1.2, 1, 1.2, 1.1, 1, 1.2], vertical_alignment="bottom")
    device = columns[0].selectbox("Device", ["auto", *_devices()], key="smoke_device")
    batch = columns[1].number_input("Batch", 1, 65_536, 4, key="smoke_batch")
    dtype = columns[2].selectbox("dtype", ["float32", "bfloat16", "float16"], key="smoke_dtype")
    optimizer = columns[3].selectbox("Optimizer", ["sgd", "adamw"], key="smoke_optimizer")
    steps = columns[4].number_input("Steps", 1, 100, 3, key="smoke_steps")
    limit = columns[5].number_input("Seconds at most", 5, 3_600, 120, key="smoke_limit")
    left, right, _ = st.columns([1, 1, 3])
    channels_last = left.checkbox("Channels last", key="smoke_channels_last")
    compiled = right.checkbox("torch.compile", key="smoke_compile")
    options = {"device": device, "batch": int(batch), "dtype": dtype, "optimizer": optimizer, "steps": int(steps)}
    return {**options, "channels_last": channels_last, "compile": compiled}, float(limit)


@st.cache_resource(show_spinner=False)
def _asked_for_devices() -> Job:
    """The question what torch finds, put once; it is the same for everybody."""
    return jobs().start("devices", "devices", {}, 60.0)


def _devices() -> list[str]:
    """What torch finds; until it has said so, the kinds that there are."""
    found = _asked_for_devices().result
    return list(found["devices"]) if found is not None else ["cpu", "cuda", "mps"]


def _shown(job: Job) -> None:
    """What a run has found out."""
    found = job.result or {}
    if found["ok"]:
        st.success("It runs: a forward pass and training steps, with finite loss and gradients.")
    else:
        st.error(_failure(found))
    rows = [
        ("device", f"{found['device']} ({found['device_name'] or 'unknown'})"),
        ("run", f"batch {found['batch']}, {found['dtype']}, {found['optimizer']}, {found['steps']} steps"),
        ("forward pass", _ms(found["forward_ms"])),
        ("training step", _ms(found["step_ms"])),
        ("throughput", _rate(found["samples_per_second"])),
        ("peak memory, measured", size(found["peak_bytes"])),
        ("peak memory, predicted", size(found["predicted_peak_bytes"])),
        ("loss", "–" if found["loss"] is None else f"{found['loss']:.4g}"),
        ("finite", {True: "yes", False: "no", None: "–"}[found["finite"]]),
        ("same again from the same seed", {True: "yes", False: "no", None: "–"}[found["deterministic"]]),
        ("parameters without gradient", _listed(found["without_gradient"])),
    ]
    table(("what", "found"), rows)
    if found["peak_measured"]:
        st.caption(f"Memory is measured as {plain(found['peak_measured'])}.")


def _failure(found: dict[str, Any]) -> str:
    where = f" at layer {found['layer']}" if found["layer"] else ""
    line = f", line {found['line']}" if found["line"] else ""
    return plain(f"{found['error']} (while {found['stage']}{where}{line})")


def _ms(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f} ms"


def _rate(number: float | None) -> str:
    return "–" if number is None else f"{number:,.1f} samples/s"


def _listed(names: list[str] | None) -> str:
    if names is None:
        return "–"
    return "none" if not names else ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
