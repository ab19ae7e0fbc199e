"""Compare: two designs, or one before and after an edit, stage by stage and side by side."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer import comparison_model, designs
from explorer.comparison_model import HERE, OPENED, ComparedDesign
from explorer.design_panel import BASE, show_errors, show_heading
from explorer.draft import LEVELS, Draft, Level, current, keep_address
from explorer.formatting import escape_markdown
from explorer.session_cache import cached_in_session
from explorer.shared_painter import shared_painter
from explorer.tables import show_rows

MAX_SHOWN = 40
HEIGHT = 720
HEADINGS = {"changed": "Changed", "added": "Added", "removed": "Removed", "moved": "Moved"}


def page() -> None:
    """Show the page."""
    draft = current()
    show_heading(
        "Compare", "What differs between two designs or variants, or between a design before and after an edit."
    )
    keep_address(draft)
    starts = comparison_model.default_sides(draft.analyze().variants, draft.variant, draft.is_changed)
    columns = st.columns(2, gap="large")
    chosen = []
    for column, label, start in zip(columns, ("Before", "After"), starts, strict=True):
        with column:
            chosen.append(_side(draft, label, *start))
    before, after = chosen
    if before is None or after is None:
        return
    found = cached_in_session(("diff", before, after, designs.root()), lambda: _compared(before, after), "Comparing…")
    if found is not None:
        _shown(before, after, found)


def _side(draft: Draft, label: str, name: str, variant: str) -> ComparedDesign | None:
    """Show the choice of one side; return it, or None after showing why it cannot be compared."""
    # Another document or variant, and the first edit, make new widgets, whose first choice fits them.
    key = f"{draft.document}_{draft.variant}_{draft.is_changed}_{label}"
    offered = [HERE, OPENED, *designs.names()]
    spec, version = st.columns(2)
    names = {HERE: f"{draft.name}, as it is now", OPENED: f"{draft.name}, as it was opened"}
    chosen = spec.selectbox(
        label, offered, offered.index(name), key=f"compare_{key}", format_func=lambda one: names.get(one, one)
    )
    text = draft.text if chosen == HERE else draft.original if chosen == OPENED else designs.text_of(chosen)
    if text is None:
        st.error(escape_markdown(f"{chosen} cannot be read any more."))
        return None
    file = draft.file if chosen in (HERE, OPENED) else chosen.removeprefix("./").removesuffix(".yaml") + ".yaml"
    variants = (BASE, *ComparedDesign(chosen, text, file).analyze(designs.root()).variants)
    first = variant if chosen in (HERE, OPENED) else next(iter(variants[1:]), BASE)
    place = variants.index(first) if first in variants else 0
    picked = version.selectbox(f"Variant {label.lower()}", variants, place, key=f"compare_variant_{key}_{chosen}")
    side = ComparedDesign(chosen, text, file, "" if picked == BASE else picked)
    document = side.analyze(designs.root())
    if document.errors or document.spec is None:
        show_errors(document)
        return None
    return side


def _compared(
    before: ComparedDesign, after: ComparedDesign
) -> tuple[archspec.Spec, archspec.Spec, archspec.Difference] | None:
    one, other = (side.analyze(designs.root()).spec for side in (before, after))
    return None if one is None or other is None else (one, other, archspec.diff(one, other))


def _shown(
    before: ComparedDesign, after: ComparedDesign, found: tuple[archspec.Spec, archspec.Spec, archspec.Difference]
) -> None:
    """Show the difference: figures, sentences, stages and the picture."""
    difference = found[2]
    if not difference:
        st.info("Nothing differs between the two: the same layers, shapes and figures.")
        return
    for column, (name, old, new, delta) in zip(st.columns(4), comparison_model.totals(difference), strict=True):
        change = None if delta == "–" else f"{delta} from {old}".replace("changed ", "")
        column.metric(name, new, change, delta_color="off", delta_arrow="off")
    _sentences(difference)
    st.markdown("##### Stages that differ")
    rows = comparison_model.stages(difference)
    if rows:
        show_rows(rows)
    else:
        st.caption("All stages have the same outputs and figures.")
    _picture(before, after, found)


def _sentences(difference: archspec.Difference) -> None:
    """Show the differences in words, under changed, added, removed and moved."""
    for kind, lines in difference.describe().items():
        if lines:
            shown = [
                f"- {escape_markdown(words)}" + (f" · {escape_markdown(where)}" if where else "")
                for words, where in lines[:MAX_SHOWN]
            ]
            rest = [f"- and {len(lines) - MAX_SHOWN} more"] if len(lines) > MAX_SHOWN else []
            st.markdown("\n".join([f"**{HEADINGS[kind]}**", "", *shown, *rest]))


def _picture(
    before: ComparedDesign, after: ComparedDesign, found: tuple[archspec.Spec, archspec.Spec, archspec.Difference]
) -> None:
    """Show both side by side, with the differences in colour and in words."""
    heading, choice = st.columns([3, 1], vertical_alignment="bottom")
    heading.markdown("##### Side by side: added green, removed red, changed amber, moved dashed")
    level = choice.segmented_control("A box is a", LEVELS, default="block", key="compare_level", required=True)
    try:
        svg = cached_in_session(
            ("picture", before, after, level, designs.root()),
            lambda: _drawn(found[0], found[1], level),
            "Drawing both…",
        )
    except archspec.PictureError as error:
        st.warning(escape_markdown(f"No picture: {error}."))
        return
    with st.container(height=HEIGHT, key="compare_picture"):
        st.image(svg, width="content")
    st.download_button("Download the picture", svg, "compared.svg", "image/svg+xml")


def _drawn(before: archspec.Spec, after: archspec.Spec, level: Level) -> str:
    # Only DOT is made here: Graphviz runs in the painter's process, under its time limit.
    source = archspec.draw_diff(before, after, level=level, format="dot")
    return shared_painter().render(source).decode("utf-8")
