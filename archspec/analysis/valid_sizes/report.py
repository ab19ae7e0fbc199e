"""The result of `archspec.valid_sizes`."""

from __future__ import annotations

from msgspec import Struct

from archspec.analysis.valid_sizes.data import axis_data, linked_axes_data
from archspec.analysis.valid_sizes.describe import describe
from archspec.analysis.valid_sizes.model import InputAxis, LinkedAxes


class ValidSizes(Struct, frozen=True):
    """The sizes that work. `tried` is 0 for an exact answer, else the largest size tried, one axis after the other."""

    axes: tuple[InputAxis, ...]
    linked: tuple[LinkedAxes, ...] = ()
    tried: int = 0

    @property
    def bounded(self) -> bool:
        """Whether more sizes might work than listed: sizes were tried, or linked axes could not be solved."""
        return bool(self.tried) or any(links.boxes is None for links in self.linked)

    @property
    def verdict(self) -> str:
        """`always` if every size works, `never` if none does, else `conditional`."""
        verdicts = {axis.verdict for axis in self.axes}
        if "never" in verdicts:
            return "never"
        # Axes that must be equal are a condition, even if each takes every size.
        linked = self.linked or len({axis.variable for axis in self.axes}) < len(self.axes)
        return "conditional" if linked or "conditional" in verdicts else "always"

    def __getitem__(self, name: str) -> InputAxis:
        """Return the axis of a name: `height`, or `image.height` if there are several inputs."""
        found = [axis for axis in self.axes if name in (axis.name, f"{axis.input}.{axis.name}")]
        if len(found) != 1:
            known = ", ".join(f"{axis.input}.{axis.name}" for axis in self.axes)
            raise KeyError(f"{'several axes are' if found else 'no axis is'} named {name}; there are: {known}")
        return found[0]

    def contains(self, *sizes: int) -> bool:
        """Return whether these sizes, one for each axis in order, work together."""
        by_variable: dict[str, int] = {}
        for axis, size in zip(self.axes, sizes, strict=True):
            # Axes of one variable must be equal: the first sets the size, the others are compared with it.
            if size not in axis.sizes or by_variable.setdefault(axis.variable, size) != size:
                return False
        return all(links.contains(by_variable) for links in self.linked)

    def describe(self) -> str:
        """Return what works, in sentences."""
        return describe(self.axes, self.linked, self.tried)

    def to_dict(self) -> dict[str, object]:
        """Return the JSON form, with which a program can decide about any sizes."""
        return {
            "verdict": self.verdict,
            "bounded": self.bounded,
            "tried": self.tried,
            "description": self.describe(),
            "axes": [axis_data(axis) for axis in self.axes],
            "together": [linked_axes_data(links) for links in self.linked],
        }
