"""The points of a line of a chart."""

from __future__ import annotations

import numpy as np
from matplotlib.lines import Line2D


def points(line: Line2D) -> list[tuple[float, float]]:
    """Return the points of a line in the data's units."""
    return [(float(x), float(y)) for x, y in np.asarray(line.get_xydata())]
