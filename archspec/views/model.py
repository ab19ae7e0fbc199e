"""What a picture shows: boxes with stable ids, and the flows and skip connections between them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Skip = Literal["identity", "projection", "pad", "concat", "gate", "long-range"]
EdgeKind = Literal["chain"] | Skip
State = Literal["fine", "failed", "unknown"]
Role = Literal["input", "layers", "output"]

MANY = 300  # boxes; above, frames slow the layout down from seconds to minutes, and what is said often is left out


class ViewNode(Struct, frozen=True):
    """A box: its id is the module path (of the first, where `paths` has several that are the same)."""

    id: str
    title: str
    about: str
    role: Role = "layers"
    paths: tuple[str, ...] = ()
    shape: str = ""
    params: int | None = None  # None where ops of unknown shape belong to it
    macs: int | None = None
    memory: int | None = None  # bytes of all that its ops give, for one sample in float32
    receptive_field: str = ""
    reach: int | None = None  # the longest side of the receptive field
    state: State = "fine"
    codes: tuple[str, ...] = ()  # what lint says of a layer that failed
    given: tuple[str, ...] = ()  # the different shapes that such a layer was given
    clusters: tuple[str, ...] = ()  # what is drawn around it, outermost first
    origin: str = ""

    @property
    def count(self) -> int:
        """How many blocks it stands for."""
        return max(1, len(self.paths))


class ViewEdge(Struct, frozen=True):
    """What flows from one box to another: along the chain, or past it; `badge` is why the compiler put it there."""

    source: str
    target: str
    kind: EdgeKind
    shape: str
    badge: str = ""
    known: bool = True

    @property
    def skips(self) -> bool:
        return self.kind != "chain"


class View(Struct, frozen=True):
    """A network at one level."""

    name: str
    variant: str
    level: str
    nodes: tuple[ViewNode, ...]
    edges: tuple[ViewEdge, ...]

    @property
    def title(self) -> str:
        """What the picture is of: `resnet:resnet50`."""
        return self.name + (f":{self.variant}" if self.variant else "")
