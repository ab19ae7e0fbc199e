"""The sizes of an axis as a strip: a bar for each, as tall and of the colour that says whether it works."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

import streamlit as st

from explorer.sizing import FAILS, LOSES, WORKS, Cell

LABELLED = 16  # every so many sizes have their number below
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


def strips(named: Iterable[tuple[str, Sequence[Cell], int]]) -> None:
    """A strip for each axis: its name, the sizes, and the one that is asked about."""
    key = "".join(
        f'<span><span class="strip"><i class="{name}"></i></span>{escape(state)}</span>'
        for state, name in NAMES.items()
    )
    told = "".join(_strip(name, cells, asked) for name, cells, asked in named)
    st.html(f'{STYLE}<div class="strip-key">{key}</div>{told}')


def _strip(name: str, cells: Sequence[Cell], asked: int) -> str:
    bars = "".join(_bar(cell, asked) for cell in cells)
    return (
        f'<div class="strip-name">{escape(name)}</div>'
        f'<div class="strip" role="img" aria-label="{escape(f"{name}: {in_words(cells)}")}">{bars}</div>'
    )


def _bar(cell: Cell, asked: int) -> str:
    number = f"<b>{cell.size}</b>" if cell.size % LABELLED == 0 else ""
    mark = " asked" if cell.size == asked else ""
    return f'<i class="{NAMES[cell.state]}{mark}" title="{cell.size} {cell.state}">{number}</i>'


def in_words(cells: Sequence[Cell]) -> str:
    """The strip read aloud: stretches of sizes with the same verdict."""
    told = []
    for state, group in groupby(cells, key=lambda cell: cell.state):
        sizes = [cell.size for cell in group]
        told.append(f"{sizes[0]} {state}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]} {state}")
    return ", ".join(told)
