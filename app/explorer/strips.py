"""The sizes of an axis as a strip of bars, whose height and colour say whether each works."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

import streamlit as st

from explorer.sizes_model import FAILS, LOSES, WORKS, SizeCell

LABELLED = 16  # sizes from one number below the strip to the next
NAMES = {WORKS: "works", LOSES: "loses", FAILS: "fails"}
STYLE = """<style>
.strip {display: flex; align-items: flex-end; height: 2.2rem; gap: 1px; margin: 0.2rem 0 1.3rem}
.strip i {flex: 1; font-style: normal; position: relative; min-width: 0}
.strip .works {height: 100%; background: #2e8b57}
.strip .loses {height: 62%; background: #d99a00}
.strip .fails {height: 24%; background: #d05050}
.strip .asked {outline: 2px solid currentColor; outline-offset: 1px}
.strip b {position: absolute; top: 100%; left: 50%; transform: translateX(-50%); font-size: 0.72rem; font-weight: 400}
.strip-key {display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-size: 0.85rem; margin-bottom: 0.4rem}
.strip-key > span {display: inline-flex; align-items: flex-end}
.strip-key .strip {width: 0.7rem; height: 1.1rem; margin: 0 0.35rem 0 0}
.strip-name {font-size: 0.85rem}
</style>"""


def show_strips(named: Iterable[tuple[str, Sequence[SizeCell], int]]) -> None:
    """Show a strip for each axis: its name, its sizes, and the size that is checked."""
    key = "".join(
        f'<span><span class="strip"><i class="{name}"></i></span>{escape(state)}</span>'
        for state, name in NAMES.items()
    )
    shown = "".join(_strip(name, cells, checked) for name, cells, checked in named)
    st.html(f'{STYLE}<div class="strip-key">{key}</div>{shown}')


def _strip(name: str, cells: Sequence[SizeCell], checked: int) -> str:
    bars = "".join(_bar(cell, checked) for cell in cells)
    return (
        f'<div class="strip-name">{escape(name)}</div>'
        f'<div class="strip" role="img" aria-label="{escape(f"{name}: {describe(cells)}")}">{bars}</div>'
    )


def _bar(cell: SizeCell, checked: int) -> str:
    number = f"<b>{cell.size}</b>" if cell.size % LABELLED == 0 else ""
    mark = " asked" if cell.size == checked else ""
    return f'<i class="{NAMES[cell.state]}{mark}" title="{cell.size} {cell.state}">{number}</i>'


def describe(cells: Sequence[SizeCell]) -> str:
    """Return the strip as a sentence for screen readers: ranges of sizes with the same verdict."""
    ranges = []
    for state, group in groupby(cells, key=lambda cell: cell.state):
        sizes = [cell.size for cell in group]
        ranges.append(f"{sizes[0]} {state}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} {state}")
    return ", ".join(ranges)
