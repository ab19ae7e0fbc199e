"""Explore: type on the left, see the graph change, read what it costs, be told what is wrong."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer import designs, workbench
from explorer.draft import COLOURS, LEVELS, Draft, current, keep_address
from explorer.files import files
from explorer.formatting import plain, short, size
from explorer.painting import painter
from explorer.showing import arguments

BASE = "(base)"


def page() -> None:
    """The page."""
    draft = current()
    _choices(draft)
    totals = st.container()
    workbench.show(draft, arguments(draft, painter()))  # first: what was typed is seen a moment sooner
    with totals:
        _totals(draft)
    keep_address(draft)


def _choices(draft: Draft) -> None:
    """What is looked at, and how."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _designs(draft)
        _looks(draft)
        with st.popover("File"):
            files(draft)


def _designs(draft: Draft) -> None:
    known = designs.names()
    known = known if draft.name in known else [draft.name, *known]
    _keep("choice_spec", draft.name)
    st.selectbox(
        "Spec",
        width=220,
        options=known,
        key="choice_spec",
        on_change=lambda: _open(draft),
    )
    variants = draft.analyze().variants
    offered = [BASE, *variants]
    _keep("choice_variant", draft.variant if draft.variant in variants else BASE)
    st.selectbox("Variant", offered, key="choice_variant", on_change=lambda: _choose_variant(draft), width=220)


def _looks(draft: Draft) -> None:
    _keep("choice_level", draft.level)
    st.segmented_control(
        "A box is a", LEVELS, key="choice_level", required=True, on_change=lambda: _choose(draft, "level")
    )
    _keep("choice_colour", draft.colour)
    st.selectbox(
        "Colour by",
        width=180,
        options=list(COLOURS),
        format_func=COLOURS.__getitem__,
        key="choice_colour",
        on_change=lambda: _choose(draft, "colour"),
    )
    _keep("choice_batch", draft.batch)
    st.number_input("Batch", 1, 65536, key="choice_batch", on_change=lambda: _choose(draft, "batch"), width=140)


def _keep(key: str, value: object) -> None:
    """Widgets show the draft, which outlives them when another page is open."""
    st.session_state[key] = value


def _open(draft: Draft) -> None:
    draft.open_design(st.session_state["choice_spec"])


def _choose(draft: Draft, name: str) -> None:
    setattr(draft, name, st.session_state[f"choice_{name}"])


def _choose_variant(draft: Draft) -> None:
    chosen = st.session_state["choice_variant"]
    draft.variant = "" if chosen == BASE else chosen


def _totals(draft: Draft) -> None:
    """What the whole network costs, in one line."""
    graph = draft.analyze().graph
    if graph is None:
        st.markdown("**No totals yet:** the text cannot be read.")
        return
    summary = archspec.summarize(graph)
    known = not summary.total.unknown
    inputs = ", ".join(_shape(shape) for _, shape in summary.inputs)
    outputs = ", ".join(_shape(shape) for _, shape in summary.outputs)
    peak = draft.kept(("peak", draft.batch), lambda: _peak(graph, draft.batch))
    parts = [
        f"**{plain(graph.name)}{plain(':' + graph.variant) if graph.variant else ''}**",
        f"input **{plain(inputs)}** → **{plain(outputs)}**",
        f"**{short(summary.params if known else None)}** params",
        f"**{short(summary.macs if known else None)}** MACs",
        f"**{peak if known else '–'}** training peak at batch {draft.batch}",
    ]
    if draft.is_changed:
        parts.append("*edited*")
    st.markdown("  ·  ".join(parts))


def _shape(shape: tuple[object, ...] | None) -> str:
    return "?" if shape is None else "×".join(map(str, shape))


def _peak(graph: archspec.Graph, batch: int) -> str:
    try:
        return size(archspec.memory(graph, batch=batch, optimizer="momentum").peak)
    except ValueError:
        return "–"
