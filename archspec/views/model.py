"""The model of a picture: boxes with stable ids, and the connections between them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Skip = Literal["identity", "projection", "pad", "concat", "gate", "long-range"]
EdgeKind = Literal["chain"] | Skip
State = Literal["fine", "failed", "unknown"]
Role = Literal["input", "layers", "output"]

MANY = 300  # boxes; above, no frames, which slow Graphviz down from seconds to minutes, and no repeated labels


class ViewNode(Struct, frozen=True):
    """A box; its id is the module path, for folded repetitions that of the first."""

    id: str
    title: str
    about: str
    role: Role = "layers"
    paths: tuple[str, ...] = ()
    shape: str = ""
    params: int | None = None  # None if it has ops of unknown shape
    macs: int | None = None
    memory: int | None = None  # bytes of all outputs of its ops, for one sample in float32
    receptive_field: str = ""
    reach: int | None = None  # the longest side of the receptive field
    state: State = "fine"
    codes: tuple[str, ...] = ()  # of the findings about a layer that failed
    given: tuple[str, ...] = ()  # the different input shapes of such a layer
    clusters: tuple[str, ...] = ()  # the frames around it, outermost first
    origin: str = ""

    @property
    def count(self) -> int:
        """The number of repetitions that it represents."""
        return max(1, len(self.paths))


class ViewEdge(Struct, frozen=True):
    """A connection of two boxes, along the chain or a skip; `badge` is why the compiler inserted a shortcut."""

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
        """The name of the network, such as `resnet:resnet50`."""
        return self.name + (f":{self.variant}" if self.variant else "")
