"""Compare: two designs, or one before and after an edit, aligned by path, with deltas for each stage."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer import designs
from explorer.draft import LEVELS, Draft, current
from explorer.painting import painter
from explorer.tables import table
from explorer.told import more, plain, short, size

HERE, BEFORE = "the design on the page Explore", "the same, as it was opened"
BASE = "(base)"


def page() -> None:
    """The page."""
    draft = current()
    st.header("Compare")
    st.write("See what differs between two designs, or what your edits have changed: stage by stage, with its price.")
    left, right = st.columns(2)
    with left:
        before = _side("Before", draft, BEFORE if draft.is_changed else draft.name, 0)
    with right:
        after = _side("After", draft, HERE, 1)
    if before is not None and after is not None:
        _difference(before, after)


def _side(label: str, draft: Draft, default: str, number: int) -> archspec.Spec | None:
    """One of the two designs; None with a message where it has errors."""
    choices = [HERE, BEFORE, *designs.names()]
    design, variant = st.columns(2)
    start = choices.index(default) if default in choices else 1 - number
    name = design.selectbox(label, choices, index=start, key=f"compare_{number}")
    if name in (HERE, BEFORE):
        text, variants = draft.text if name == HERE else draft.original, draft.study().variants
        wanted, file = draft.variant, draft.file
    else:
        text = designs.text_of(name) or ""
        variants = archspec.study(text, root=designs.root()).variants
        file = name.removeprefix("./").removesuffix(".yaml") + ".yaml"
        wanted = next((other for other in variants if other != draft.variant), "") if name == draft.name else ""
        wanted = wanted or (variants[0] if variants else "")
    offered = [BASE, *variants]
    key = f"compare_variant_{number}_{name}"
    chosen = variant.selectbox(
        "Variant", offered, index=offered.index(wanted or BASE), key=key, label_visibility="visible"
    )
    found = archspec.study(text, "" if chosen == BASE else chosen, file=file, root=designs.root())
    if found.spec is None or found.errors:
        told = "\n".join(f"- line {d.span.line}: {plain(d.message)}" for d in found.errors[:10])
        st.error(f"This side has errors:\n{told}")
        return None
    return found.spec


def _difference(before: archspec.Spec, after: archspec.Spec) -> None:
    found = archspec.diff(before, after)
    if not found:
        st.success("No difference: both are the same network.")
    _totals(found)
    if found.stages:
        table(
            ("stage", "output", "params", "MACs", "output memory", "receptive field"),
            [_stage(item) for item in found.stages],
            "The stages that differ",
        )
    picture, words = st.columns([1.3, 1])
    with picture:
        _picture(before, after)
    with words:
        _words(found)


def _totals(found: archspec.Difference) -> None:
    one, other = found.before.cost, found.after.cost
    rows = []
    for name, told in (("params", short), ("macs", short), ("output_bytes", size)):
        old, new = getattr(one, name), getattr(other, name)
        share = f" ({100 * (new - old) / old:+.1f} %)" if old and new != old else ""
        label = {"params": "params", "macs": "MACs", "output_bytes": "output memory"}[name]
        rows.append((label, told(old), told(new), more(new - old, told(new - old)) + share))
    rows.append(
        (
            "receptive field",
            found.before.field,
            found.after.field,
            "–" if found.before.field == found.after.field else "other",
        )
    )
    table(("whole network", found.before.title, found.after.title, "difference"), rows)


def _stage(item: archspec.StageChange) -> tuple[str, ...]:
    before, after = item.before, item.after
    old, new = before or after, after or before
    assert old is not None
    assert new is not None
    name = new.name if before and after else f"{new.name} ({'added' if before is None else 'removed'})"
    cost = item.cost
    return (
        f"{name}: {_both(old.kind, new.kind)}",
        _both("×".join(map(str, old.output)), "×".join(map(str, new.output))),
        _figure(new.cost.params, cost.params, short),
        _figure(new.cost.macs, cost.macs, short),
        _figure(new.cost.output_bytes, cost.output_bytes, size),
        _both(old.field, new.field),
    )


def _both(old: str, new: str) -> str:
    return new if old == new else f"{old} → {new}"


def _figure(now: int, change: int, told: object) -> str:
    assert callable(told)
    return str(told(now)) + (f" ({more(change, told(change))})" if change else "")


def _picture(before: archspec.Spec, after: archspec.Spec) -> None:
    level = st.segmented_control("A box is a", LEVELS, default="stage", key="compare_level", required=True)
    st.caption("Green came, red went, amber changed, dashed moved.")
    try:
        source = archspec.draw_diff(before, after, level or "stage", "dot")
        st.image(painter().render(str(source)).decode("utf-8"), width="stretch")
    except archspec.PictureError as error:
        st.warning(f"No picture: {plain(str(error))}.")


def _words(found: archspec.Difference) -> None:
    lines = []
    for change in found.changes:
        where = ", ".join(after for _, after in change.paths[:3]) + (" …" if len(change.paths) > 3 else "")
        said = "; ".join(map(str, change.said))
        price = (
            f"{more(change.cost.params, short(change.cost.params))} params"
            if change.cost and change.cost.params
            else ""
        )
        lines.append((change.kind, where, said, price))
    lines += [("added", part.path, part.kind, f"{short(part.cost.params)} params") for part in found.added]
    lines += [("removed", part.path, part.kind, f"{short(part.cost.params)} params") for part in found.removed]
    lines += [("moved", " → ".join(move.paths), move.kind, "") for move in found.moved]
    if lines:
        table(("what", "where", "how", "price"), lines[:200], f"{len(lines)} differences")
