"""Input sizes and batch: which inputs work, what they cost, and how many samples fit into a memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import get_args

import streamlit as st

import archspec
from explorer import sizes_model
from explorer.charts import cost_chart, timeline_chart
from explorer.design_panel import choose_design, show_heading, usable_graph
from explorer.draft import Draft, current, keep_address
from explorer.formatting import bytes_text, count_text, escape_markdown
from explorer.session_cache import cached_in_session
from explorer.sizes_model import Dtype, Optimizer
from explorer.strips import show_strips
from explorer.tables import show_table

OPTIMIZERS: dict[Optimizer, str] = {"momentum": "SGD with momentum", "sgd": "SGD", "adamw": "AdamW"}
MOST_SIZE = 1 << 16
TINY = "input: [1, 4, 4]\nstages:\n  - conv: {channels: 1, kernel: 1}\n"


def page() -> None:
    """Show the page."""
    draft = current()
    show_heading(
        "Input sizes and batch", "Which input sizes this design works with, what they cost, and how many samples fit."
    )
    choose_design(draft)
    keep_address(draft)
    graph = usable_graph(draft.analyze())
    if graph is None:
        return
    built, free = cached_in_session(
        ("sizes", draft.text, draft.variant),
        lambda: (archspec.valid_sizes(graph), archspec.valid_sizes(graph, pinned=False)),
    )
    sizes, memory = st.columns(2, gap="large")
    with sizes:
        _sizes(built, free)
    with memory:
        optimizer, dtype = _memory(draft, graph)
    with sizes:
        # The left column goes on below: its costs are for the optimizer and dtype that the right one offers.
        if free.axes:
            _costs(draft, graph, free, optimizer, dtype)


def _sizes(built: archspec.ValidSizes, free: archspec.ValidSizes) -> None:
    """Show which sizes work, in words and as strips, and the check of chosen ones."""
    st.markdown("##### Sizes that work")
    if not built.axes:
        st.info("This design has no input with a height, width or length that could change.")
        return
    st.markdown(escape_markdown(built.describe()))
    if free.describe() != built.describe():
        st.markdown("Built for another size, it could be: " + escape_markdown(free.describe()))
    if built.tried:
        st.caption(f"Sizes up to {built.tried} were tried one by one; beyond them nothing is claimed.")
    chosen = _chosen_sizes(built)
    state, words = sizes_model.verdict(built, chosen)
    _as({sizes_model.WORKS: st.success, sizes_model.LOSES: st.warning, sizes_model.FAILS: st.error}[state], words)
    show_strips(
        (_name(built, axis), sizes_model.strip(axis, size), size) for axis, size in zip(built.axes, chosen, strict=True)
    )


def _chosen_sizes(built: archspec.ValidSizes) -> tuple[int, ...]:
    """Show the choice of sizes to check, the declared ones at first; return them."""
    st.markdown("Does this size work?")
    chosen = []
    for column, axis in zip(st.columns(len(built.axes)), built.axes, strict=True):
        key = f"asked_{axis.input}_{axis.name}_{axis.declared}"
        chosen.append(int(column.number_input(_name(built, axis), 1, MOST_SIZE, axis.declared, key=key)))
    return tuple(chosen)


def _name(sizes: archspec.ValidSizes, axis: object) -> str:
    name, belongs = getattr(axis, "name", ""), getattr(axis, "input", "")
    return f"{belongs}: {name}" if len({one.input for one in sizes.axes}) > 1 else name


def _as(show: Callable[[str], object], words: str) -> None:
    show(escape_markdown(words))


def _memory(draft: Draft, graph: archspec.Graph) -> tuple[Optimizer, Dtype]:
    """Show the largest batch and the memory over time; return the chosen optimizer and dtype."""
    st.markdown("##### Memory of training")
    room, optimizer, dtype = _how()
    question = draft.text, draft.variant, optimizer, dtype
    largest = cached_in_session(
        ("largest", room, *question),
        lambda: archspec.largest_batch(graph, memory_limit=int(room * 10**9), optimizer=optimizer, dtype=dtype),
    )
    if largest:
        st.metric(f"Largest batch in {room:g} GB", f"{largest:,}", help="predicted, for float32 on a GPU")
    else:
        st.error(f"Not even one sample fits into {room:g} GB.")
    batch = int(st.number_input("Batch", 1, 65536, draft.batch, key="sizes_batch", help="of the two charts below"))
    draft.batch = batch
    found = cached_in_session(
        ("memory", batch, *question),
        lambda: archspec.memory(graph, batch=batch, optimizer=optimizer, dtype=dtype),
    )
    where = f"{found.peak_phase} of {found.peak_path}" if found.peak_path else "the optimizer's step"
    st.markdown(f"The peak is **{bytes_text(found.peak)}** at batch {batch}, during {escape_markdown(where)}.")
    st.altair_chart(timeline_chart(found), width="stretch")
    return optimizer, dtype


def _how() -> tuple[float, Optimizer, Dtype]:
    memory, optimizer, dtype = st.columns(3)
    room = memory.number_input("Memory in GB", 0.1, 10_000.0, 24.0, 1.0, key="sizes_room")
    how = optimizer.selectbox("Optimizer", list(OPTIMIZERS), format_func=OPTIMIZERS.__getitem__, key="sizes_optimizer")
    return float(room), how, dtype.selectbox("Numbers", dtypes(), key="sizes_dtype")


@cache
def dtypes() -> tuple[Dtype, ...]:
    """Return the dtypes whose memory the library predicts."""
    tiny = archspec.lower(archspec.loads(TINY))
    known: list[Dtype] = []
    for dtype in get_args(Dtype):
        try:
            # A dtype without predictions is refused with a ValueError.
            archspec.memory(tiny, dtype=dtype)
        except ValueError:
            continue
        known.append(dtype)
    return tuple(known)


def _costs(
    draft: Draft,
    graph: archspec.Graph,
    free: archspec.ValidSizes,
    optimizer: Optimizer,
    dtype: Dtype,
) -> None:
    """Show the cost at other sizes that work, as charts and as a table."""
    spec = draft.analyze().spec
    assert spec is not None
    st.markdown("##### Cost against size")
    points = cached_in_session(
        ("curve", draft.text, draft.variant, draft.batch, optimizer, dtype),
        lambda: sizes_model.cost_curve(spec, graph, free, draft.batch, optimizer, dtype),
        "Working out what other sizes cost…",
    )
    if len(points) < 2:
        st.info("No other size near the declared one works.")
        return
    macs, peak = st.columns(2)
    macs.altair_chart(cost_chart(points, "macs"), width="stretch")
    peak.altair_chart(cost_chart(points, "peak"), width="stretch")
    show_table(
        ("input", "parameters", "MACs", "training peak"),
        [(p.label, count_text(p.params), count_text(p.macs), bytes_text(p.peak)) for p in points],
        f"Declared at other sizes, at batch {draft.batch}",
    )
