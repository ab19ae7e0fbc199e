"""Export: the design as PyTorch source, a picture, Mermaid, one spec, or a link to the current state."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlencode

import streamlit as st

import archspec
from explorer.draft import COLOURS, LEVELS, Draft, address_of, current
from explorer.formatting import escape_markdown
from explorer.heading import heading
from explorer.shared_painter import shared_painter
from explorer.work.fair_queue import QueueFull
from explorer.work.job import Control, Job
from explorer.work.session import export_runner, this_session

PURPOSE = "Take the design away: as code that needs torch alone, as a picture, as text, or as a link."
LIMIT = 60.0


def page() -> None:
    """Show the page."""
    draft = current()
    graph = heading(draft, "Export", PURPOSE)
    if graph is None:
        return
    name = graph.variant or graph.name or "network"
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in name)[:60] or "network"
    source, picture, text, link = st.tabs(["PyTorch source", "Picture", "Flattened spec", "Link"])
    with source:
        _source(draft, graph, stem)
    with picture:
        _picture(draft, graph, stem)
    with text:
        _spec(draft, stem)
    with link:
        _link(draft)


def _source(draft: Draft, graph: archspec.Graph, stem: str) -> None:
    """Show the Python file, written in another process: that imports torch, and the server never does."""
    # Looked for without importing it, which the server never does.
    if find_spec("torch") is None:
        st.warning(f"Writing it as Python needs torch: `{archspec.install_command('torch')}`.")
        return
    # A job for each text: a rerun of the page finds it in the session and does not start another.
    key = draft.text, draft.variant
    kept: tuple[object, Job] | None = st.session_state.get("export_python")
    if kept is None or kept[0] != key:
        if kept is not None:
            export_runner().cancel(kept[1])
        job = Job(this_session(), "python", stem, {}, LIMIT)
        try:
            export_runner().submit(job, lambda control: _write(graph, control))
        except QueueFull as full:
            st.warning(escape_markdown(str(full)))
            return
        kept = st.session_state["export_python"] = key, job
    job = kept[1]
    if job.is_active:
        st.fragment(_waiting, run_every=0.5)(job)
    elif job.result is None:
        st.error(escape_markdown(job.error or "It was cancelled."))
    else:
        st.download_button("Download the Python file", job.result, f"{stem}.py", "text/x-python")
        st.code(job.result, language="python", line_numbers=True)


def _write(graph: archspec.Graph, control: Control) -> str:
    control.on_progress("writing", "")
    return archspec.to_python(graph, stop=control.stop)


def _waiting(job: Job) -> None:
    st.progress(min(0.95, job.seconds / 10), "Writing the Python file …")
    if not job.is_active:
        st.rerun()


def _picture(draft: Draft, graph: archspec.Graph, stem: str) -> None:
    left, right = st.columns(2)
    level = left.segmented_control("A box is a", LEVELS, default=draft.level, key="export_level", required=True)
    colour = right.selectbox("Colour by", list(COLOURS), format_func=COLOURS.__getitem__, key="export_colour")
    try:
        svg = shared_painter().draw(graph, level, "svg", color=colour)
        buttons = st.columns(3)
        buttons[0].download_button("Download SVG", svg, f"{stem}.svg", "image/svg+xml", width="stretch")
        if buttons[1].button("Make a PNG", width="stretch"):
            png = shared_painter().draw(graph, level, "png", color=colour)
            buttons[2].download_button("Download PNG", png, f"{stem}.png", "image/png", width="stretch")
        st.image(svg.decode("utf-8"))
    except archspec.PictureError as error:
        st.warning(f"No picture: {escape_markdown(str(error))}.")
    mermaid = str(archspec.draw(graph, level=level, format="mmd", color=colour))
    with st.expander("Mermaid, for Markdown files"):
        st.download_button("Download Mermaid", mermaid, f"{stem}.mmd", "text/plain")
        st.code(mermaid, language=None)


def _spec(draft: Draft, stem: str) -> None:
    spec = draft.analyze().spec
    assert spec is not None
    text = archspec.to_yaml(spec)
    st.write("One spec without variants: the chosen one worked into its parameters.")
    st.download_button("Download the spec", text, f"{stem}.yaml", "application/yaml")
    st.code(text, language="yaml")


def _link(draft: Draft) -> None:
    st.write("This address opens the same design, variant, level and selection.")
    if draft.is_changed:
        st.warning("Your edits are not in it: download the spec, or save it to the folder.")
    here = str(st.context.url or "").partition("?")[0].rpartition("/")[0]
    st.code(f"{here}/?{urlencode(address_of(draft))}", language=None)
