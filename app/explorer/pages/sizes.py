"""Input sizes and batch: which sizes work, cost against size, the largest batch for a memory."""

from __future__ import annotations

from functools import partial
from math import prod

import streamlit as st

import archspec
from explorer import designs
from explorer.draft import Draft, current
from explorer.heading import heading
from explorer.tables import table
from explorer.told import plain, short, size

PURPOSE = "Learn which input sizes work, what a larger input costs, and how large a batch fits."
CARDS = (12, 24, 40, 80, 141)  # GB, as they are sold
FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
OPTIMIZERS = {"momentum": "SGD with momentum", "sgd": "plain SGD", "adamw": "AdamW"}


def page() -> None:
    """The page."""
    draft = current()
    graph = heading(draft, "Input sizes and batch", PURPOSE)
    if graph is None:
        return
    sizes, batch = st.columns(2, gap="large")
    with sizes:
        _sizes(draft, graph)
    with batch:
        _batch(draft, graph)


def _sizes(draft: Draft, graph: archspec.Graph) -> None:
    st.subheader("Which sizes work")
    found = draft.kept(("sizes",), lambda: archspec.valid_sizes(graph))
    for line in found.describe().split("\n"):
        st.markdown(f"**{plain(line)}**")
    if not found.axes:
        return
    columns = st.columns(len(found.axes))
    asked = []
    for axis, column in zip(found.axes, columns, strict=True):
        key = f"size_{draft.document}_{draft.variant}_{axis.input}_{axis.name}"
        asked.append(int(column.number_input(_axis(found, axis), 1, 100_000, axis.declared, key=key)))
    if found.contains(*asked):
        st.success(f"{'×'.join(map(str, asked))} works.")
    else:
        near = "; ".join(
            f"{_axis(found, a)} {' or '.join(map(str, a.nearest(n)))}" for a, n in zip(found.axes, asked, strict=True)
        )
        st.error(f"{'×'.join(map(str, asked))} does not work. Nearest that do: {plain(near)}.")
    _against_size(draft, graph, found)


def _axis(found: archspec.ValidSizes, axis: object) -> str:
    name, owner = str(getattr(axis, "name", "")), str(getattr(axis, "input", ""))
    return name if len({a.input for a in found.axes}) == 1 else plain(f"{owner} {name}")


def _against_size(draft: Draft, graph: archspec.Graph, found: archspec.ValidSizes) -> None:
    """What other sizes would cost, for a spec with one input whose axes are all sizes of a map."""
    if len(graph.inputs) != 1 or len({axis.input for axis in found.axes}) != 1:
        st.caption("Cost against size is shown for designs with one input.")
        return
    shape = [n for n in graph.inputs[0][1].shape if isinstance(n, int)]
    rows = []
    for factor in FACTORS:
        other = list(shape)
        for axis in found.axes:
            near = axis.nearest(max(1, round(axis.declared * factor)))
            other[axis.index] = near[-1] if near else axis.declared
        row = draft.kept(("cost", draft.batch, *other), partial(_cost, draft, tuple(other)))
        if row is not None and row not in rows:
            rows.append(row)
    if not rows:
        return
    table(
        ("input", "MACs", f"training peak at batch {draft.batch}"),
        [(name, short(macs), size(peak)) for name, _, macs, peak in rows],
        "Cost against size",
    )
    if len(rows) > 1:
        frame = {"pixels": [row[1] for row in rows], "GMACs": [row[2] / 1e9 for row in rows]}
        st.line_chart(frame, x="pixels", y="GMACs", height=220)


def _cost(draft: Draft, shape: tuple[int, ...]) -> tuple[str, int, int, int] | None:
    """The cost at another input; None where the network does not take it."""
    study = archspec.study(draft.text, draft.variant, input=shape, file=draft.file, root=designs.root())
    if study.graph is None or study.errors:
        return None
    try:
        peak = archspec.memory(study.graph, batch=draft.batch, optimizer="momentum").peak
    except ValueError:
        return None
    macs = archspec.summarize(study.graph).macs
    return "×".join(map(str, shape)), prod(shape[1:]), macs, peak


def _batch(draft: Draft, graph: archspec.Graph) -> None:
    st.subheader("How large a batch fits")
    left, right = st.columns(2)
    optimizer = left.selectbox("Optimizer", list(OPTIMIZERS), format_func=OPTIMIZERS.__getitem__, key="sizes_optimizer")
    memory = right.number_input("Memory in GB", 0.1, 10_000.0, 24.0, key="sizes_memory")
    try:
        largest = draft.kept(("largest", optimizer, memory), lambda: _largest(graph, memory, optimizer))
        st.markdown(f"The largest batch in **{memory:g} GB** is **{largest:,}** samples, by prediction.")
        fitting = draft.kept(("cards", optimizer), lambda: {n: _largest(graph, n, optimizer) for n in CARDS})
        table(("memory", "largest batch"), [(f"{card} GB", f"{most:,}") for card, most in fitting.items()])
        peaks = draft.kept(("peaks", optimizer, draft.batch), lambda: _peaks(graph, draft.batch, optimizer))
    except ValueError as error:
        st.warning(f"The memory of this design is not known: {plain(str(error))}.")
        return
    table(
        ("batch", "training peak", "kept for backward", "highest at"),
        [(f"{n:,}", size(found.peak), size(found.saved), found.peak_path or "optimizer") for n, found in peaks.items()],
        "Memory of a training step in float32, predicted",
    )


def _largest(graph: archspec.Graph, memory: float, optimizer: str) -> int:
    return archspec.largest_batch(graph, int(memory * 1e9), optimizer=optimizer)


def _peaks(graph: archspec.Graph, batch: int, optimizer: str) -> dict[int, archspec.Memory]:
    batches = sorted({1, 8, 32, 128, batch})
    return {n: archspec.memory(graph, batch=n, optimizer=optimizer) for n in batches}
