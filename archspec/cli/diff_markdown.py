"""A difference as markdown, for a comment on a pull request."""

from __future__ import annotations

from archspec.cli.markdown import code, table
from archspec.comparison.difference import Difference
from archspec.comparison.render_text import (
    STAGE_HEAD,
    render_title,
    render_totals,
    stage_cells,
    total_cells,
)

MOST = 30
COMMENT = 65_000  # characters that GitHub takes in a comment are 65,536


def render_markdown(difference: Difference) -> str:
    """Return a heading, the totals, a list of the changes, and a table of the stages."""
    lines = [f"### {code(render_title(difference.before, difference.after))}", ""]
    if not difference:
        return "\n".join([*lines, "No difference."])
    lines.extend(f"- {line}" for line in render_totals(difference.before, difference.after))
    for name, items in difference.describe().items():
        lines.extend(_section(name.capitalize(), items))
    rows = [_cells(stage_cells(row)) for row in difference.stages]
    rows.append(_cells(total_cells(difference.before, difference.after)))
    return _cut("\n".join(lines), "\n".join(["", "", *table(STAGE_HEAD, rows, right=(2, 3, 4))]))


def _cells(row: tuple[str, ...]) -> tuple[str, ...]:
    """Return a row of the table; the stage's name is set as code, since it is the spec's own text."""
    return code(row[0]), *row[1:]


def _section(name: str, items: list[tuple[str, str]]) -> list[str]:
    if not items:
        return []
    lines = ["", f"**{name}**", ""]
    lines.extend(f"- {code(words)}" + (f" at {code(where)}" if where else "") for words, where in items[:MOST])
    if len(items) > MOST:
        lines.append(f"- and {len(items) - MOST} more")
    return lines


def _cut(lists: str, stages: str) -> str:
    """Return both if a comment can hold them, else the lists without the table, else the beginning of the lists."""
    if len(lists) + len(stages) <= COMMENT:
        return lists + stages
    # Cut at the end of a line, so that no <code> stays open.
    if len(lists) > COMMENT:
        lists = lists[:COMMENT].rpartition("\n")[0]
    return f"{lists}\n\nToo long for a comment: `archspec diff` prints all of it."
