"""What every page beside Explore begins with: what it is for, which design it is about, and what is wrong with that."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer import designs
from explorer.draft import Draft
from explorer.formatting import plain

BASE = "(base)"
MOST_TOLD = 8  # problems


def intro(title: str, sentence: str) -> None:
    """The page's heading and the sentence that says what it is for."""
    st.header(title)
    st.write(sentence)


def design(draft: Draft) -> None:
    """Choose the spec and variant; an edited text stays the one that is chosen."""
    spec, variant, _ = st.columns([2, 2, 4])
    known = designs.names()
    known = known if draft.name in known else [draft.name, *known]
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


def usable(document: archspec.Document) -> archspec.Graph | None:
    """The graph of a design without errors; of any other the errors, in words."""
    if document.graph is not None and not document.errors:
        return document.graph
    problems(document)
    return None


def problems(document: archspec.Document) -> None:
    """What keeps a design from being used."""
    if not document.errors:
        st.warning("There is no design here yet: the text says nothing that can be built.")
        return
    told = [f"- line {d.span.line}: {plain(d.message)}" + _hint(d) for d in document.errors[:MOST_TOLD]]
    if len(document.errors) > MOST_TOLD:
        told.append(f"- and {len(document.errors) - MOST_TOLD} more")
    st.error("This design has errors; mend them on the page Explore.\n\n" + "\n".join(told))


def _hint(found: archspec.Diagnostic) -> str:
    return f" ({plain(found.hint)})" if found.hint else ""
