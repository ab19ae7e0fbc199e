"""The top of every page but Explore: its heading, the choice of the design, and the design's errors."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer import designs
from explorer.draft import Draft
from explorer.formatting import escape_markdown

BASE = "(base)"
MAX_SHOWN = 8  # errors


def show_heading(title: str, sentence: str) -> None:
    """Show the page's title and its purpose."""
    st.header(title)
    st.write(sentence)


def choose_design(draft: Draft) -> None:
    """Show the choice of spec and variant; an edited text stays chosen."""
    spec, variant, _ = st.columns([2, 2, 4])
    known = designs.names()
    known = known if draft.name in known else [draft.name, *known]
    # Streamlit drops the state of a widget while another page is open; the draft has the choice.
    st.session_state["design_spec"] = draft.name
    spec.selectbox(
        "Spec",
        known,
        key="design_spec",
        format_func=lambda name: f"{name} (edited)" if name == draft.name and draft.is_changed else name,
        on_change=lambda: _open(draft),
    )
    variants = draft.analyze().variants
    st.session_state["design_variant"] = draft.variant if draft.variant in variants else BASE
    variant.selectbox("Variant", [BASE, *variants], key="design_variant", on_change=lambda: _choose(draft))


def _open(draft: Draft) -> None:
    draft.open_design(st.session_state["design_spec"])


def _choose(draft: Draft) -> None:
    chosen = st.session_state["design_variant"]
    draft.variant = "" if chosen == BASE else chosen


def usable_graph(document: archspec.Document) -> archspec.Graph | None:
    """Return the graph of a design without errors; of any other show the errors and return None."""
    if document.graph is not None and not document.errors:
        return document.graph
    show_errors(document)
    return None


def show_errors(document: archspec.Document) -> None:
    """Show why a design cannot be used."""
    if not document.errors:
        st.warning("There is no design here yet: the text says nothing that can be built.")
        return
    lines = [f"- line {d.span.line}: {escape_markdown(d.message)}" + _hint(d) for d in document.errors[:MAX_SHOWN]]
    if len(document.errors) > MAX_SHOWN:
        lines.append(f"- and {len(document.errors) - MAX_SHOWN} more")
    st.error("This design has errors; fix them on the page Explore.\n\n" + "\n".join(lines))


def _hint(found: archspec.Diagnostic) -> str:
    return f" ({escape_markdown(found.hint)})" if found.hint else ""
