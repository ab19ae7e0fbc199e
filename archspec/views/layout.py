"""Lay out DOT as a picture, by the Graphviz inside pygraphviz or else by the system's `dot`."""

from __future__ import annotations

import re
import warnings

from archspec.errors import PictureError, WorkerEndedError
from archspec.worker.client import Worker

MOST_PIXELS = 32_767
TIME_LIMIT = 60.0  # seconds, unless another one is given
# Lines of DOT. Fewer are laid out within about a second: a process would take longer to start than it could save.
SMALL, SHORT_LIMIT = 200, 10.0
NO_GRAPHVIZ = "no Graphviz: `pip install pygraphviz` brings one; dot, mmd, html and json need none"
RENDER = f"{__name__}:render"
ALTERNATIVE = ", write html, which lays out only what is open, or allow more time (time limit)"
_DATE = re.compile(rb"(?<=/CreationDate \(D:)\d{14}")  # replaced by as many digits: a PDF lists byte offsets
_SIZE = re.compile(rb'<svg width="(\d+)pt" height="(\d+)pt"')


def render(source: str, form: str, time_limit: float | None = None) -> bytes:
    """Return the picture as svg, png or pdf; raises PictureError.

    Graphviz holds Python's lock and cannot be stopped. With a `time_limit` in seconds (it may be infinite) it works in
    a separate process, so that other threads go on, and is ended when the time is over; a small picture is laid out
    in this process unless the limit is short.
    """
    if time_limit is not None and (time_limit < SHORT_LIMIT or source.count("\n") > SMALL):
        with Worker(RENDER) as worker:
            return render_in(worker, source, form, time_limit, ALTERNATIVE)
    if form == "png":
        _check_size(_lay_out(source, "svg"))
    return _lay_out(source, form)


def render_in(worker: Worker, source: str, form: str, time_limit: float, alternative: str = "") -> bytes:
    """Return the picture, laid out by a worker within a time in seconds; raises PictureError."""
    try:
        drawn: bytes = worker.run(RENDER, source, form, timeout=time_limit)
    except PictureError:
        raise
    except WorkerEndedError as ended:
        if ended.kind == "timeout":
            higher = f"draw a higher level (block, stage) and open only the blocks of interest{alternative}"
            raise PictureError(f"the layout took longer than {time_limit:g} s; {higher}") from None
        raise PictureError(f"Graphviz ended with {ended.exit_code}: {ended.last_line or 'it said nothing'}") from None
    except Exception as error:  # of pygraphviz and of the system's dot, in the worker
        raise PictureError(f"Graphviz failed: {type(error).__name__}: {error}") from error
    return drawn


def _check_size(svg: bytes) -> None:
    """Raise PictureError for too large a PNG: it has 96 pixels for 72 points of the SVG, at most 32,767 a side."""
    found = _SIZE.search(svg)
    width, height = (int(side) * 96 // 72 for side in found.groups()) if found else (0, 0)
    if max(width, height) > MOST_PIXELS:
        raise PictureError(
            f"as PNG the picture would have {width:,} by {height:,} pixels, and {MOST_PIXELS:,} a side are possible; "
            "write svg or pdf, or draw a higher level (block, stage)"
        )


def _lay_out(source: str, form: str) -> bytes:
    try:
        import pygraphviz
    except ImportError:
        return _lay_out_by_system(source, form)
    with warnings.catch_warnings():  # Graphviz's remarks on fonts and sizes
        warnings.simplefilter("ignore", RuntimeWarning)
        drawn = pygraphviz.AGraph(string=source).draw(format=form, prog="dot")
    return _strip_date(bytes(drawn))


def _strip_date(drawn: bytes) -> bytes:
    """Return a PDF without its creation time, so that equal pictures have equal bytes."""
    return _DATE.sub(b"19700101000000", drawn) if drawn.startswith(b"%PDF") else drawn


def _lay_out_by_system(source: str, form: str) -> bytes:
    try:
        import graphviz
    except ImportError:
        raise PictureError(NO_GRAPHVIZ) from None
    try:
        drawn = bytes(graphviz.Source(source).pipe(format=form, engine="dot", quiet=True))
    except graphviz.ExecutableNotFound:
        raise PictureError(NO_GRAPHVIZ) from None
    except graphviz.CalledProcessError as error:
        lines = (error.stderr or b"").decode("utf-8", "replace").strip().splitlines()
        raise PictureError(f"the system's dot failed: {lines[-1] if lines else 'it said nothing'}") from None
    except BrokenPipeError:
        raise PictureError("the system's dot failed: it did not read the graph") from None
    if not drawn:
        raise PictureError("the system's dot gave nothing")
    return _strip_date(drawn)
