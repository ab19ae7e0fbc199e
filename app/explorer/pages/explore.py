"""Explore: edit the text on the left; see the graph, its costs and its problems change."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer import designs, workbench
from explorer.draft import COLOURS, LEVELS, Draft, current, keep_address
from explorer.files import files
from explorer.formatting import bytes_text, count_text, escape_markdown
from explorer.shared_painter import shared_painter
from explorer.workbench_arguments import workbench_arguments

BASE = "(base)"


def page() -> None:
    """Show the page."""
    draft = current()
    _choices(draft)
    totals = st.container()
    workbench.show(
        draft, workbench_arguments(draft, shared_painter())
    )  # before the totals, which take longer: an edit shows sooner
    with totals:
        _totals(draft)
    keep_address(draft)


def _choices(draft: Draft) -> None:
    """Show the choice of the design and of how it is shown."""
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
    """Set a widget's value from the draft, which outlives the widget while another page is open."""
    st.session_state[key] = value


def _open(draft: Draft) -> None:
    draft.open_design(st.session_state["choice_spec"])


def _choose(draft: Draft, name: str) -> None:
    setattr(draft, name, st.session_state[f"choice_{name}"])


def _choose_variant(draft: Draft) -> None:
    chosen = st.session_state["choice_variant"]
    draft.variant = "" if chosen == BASE else chosen


def _totals(draft: Draft) -> None:
    """Show the cost of the whole network in one line."""
    graph = draft.analyze().graph
    if graph is None:
        st.markdown("**No totals yet:** the text cannot be read.")
        return
    summary = archspec.summarize(graph)
    known = not summary.total.unknown
    inputs = ", ".join(_shape(shape) for _, shape in summary.inputs)
    outputs = ", ".join(_shape(shape) for _, shape in summary.outputs)
    peak = draft.cached(("peak", draft.batch), lambda: _peak(graph, draft.batch))
    parts = [
        f"**{escape_markdown(graph.name)}{escape_markdown(':' + graph.variant) if graph.variant else ''}**",
        f"input **{escape_markdown(inputs)}** → **{escape_markdown(outputs)}**",
        f"**{count_text(summary.params if known else None)}** params",
        f"**{count_text(summary.macs if known else None)}** MACs",
        f"**{peak if known else '–'}** training peak at batch {draft.batch}",
    ]
    if draft.is_changed:
        parts.append("*edited*")
    st.markdown("  ·  ".join(parts))


def _shape(shape: tuple[object, ...] | None) -> str:
    return "?" if shape is None else "×".join(map(str, shape))


def _peak(graph: archspec.Graph, batch: int) -> str:
    try:
        return bytes_text(archspec.memory(graph, batch=batch).peak)
    except ValueError:
        return "–"
