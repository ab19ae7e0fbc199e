"""The style of all charts, independent of the user's matplotlib settings: equal charts have equal bytes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png")
INCH = 100  # pixels of a PNG
INK, PALE, BAND, SHADE = "#24292f", "#8c959f", "#f3f5f7", "#dde2e7"
COLOURS = ("#2f6db3", "#c8641b", "#3c8d5a", "#8a5aa8")
WIDEST_LABEL = 36
SETTINGS: Mapping[str, object] = {
    "svg.hashsalt": "archspec",  # else the ids in an SVG are drawn at random
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud and copied
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib
    "font.size": 9.0,
    "text.parse_math": False,  # a name may have dollar signs
    "text.color": INK,
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": "#d8dee4",
    "grid.linewidth": 0.6,
    "savefig.dpi": INCH,
}


@contextmanager
def settings() -> Iterator[None]:
    """Use matplotlib's defaults and SETTINGS in place of the user's settings, until the end of the block."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        chosen: Any = matplotlib.rcParams  # its keys are known to a type checker one by one
        chosen.update(SETTINGS)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # such a character is drawn as a box
        yield


def save_figure(figure: Figure, form: str) -> bytes:
    """Return a figure as bytes, without its creation date; an SVG has the heading as its title."""
    stream = BytesIO()
    known = {"Title": figure.get_suptitle(), "Date": None, "Creator": "archspec"}
    figure.savefig(stream, format=form, metadata=known if form == "svg" else {"Software": "archspec"})
    return stream.getvalue()


def label(text: str) -> str:
    """Return a name for a chart: one line, at most WIDEST_LABEL characters, all of them printable."""
    clean = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return clean if len(clean) <= WIDEST_LABEL else clean[: WIDEST_LABEL - 1] + "…"
