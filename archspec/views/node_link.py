"""Convert a view to a networkx graph, and to JSON that networkx reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from archspec.views.model import View

if TYPE_CHECKING:
    from networkx import MultiDiGraph


def to_networkx(view: View) -> MultiDiGraph[str]:
    """Return the view as a directed multigraph; parallel edges are keyed by their kind."""
    from networkx import MultiDiGraph

    graph: MultiDiGraph[str] = MultiDiGraph(name=view.name, variant=view.variant, level=view.level)
    for node in view.nodes:
        data: dict[str, Any] = asdict(node)
        graph.add_node(data.pop("id"), **data, count=node.count)
    for edge in view.edges:
        graph.add_edge(
            edge.source,
            edge.target,
            key=edge.kind,
            kind=edge.kind,
            shape=edge.shape,
            badge=edge.badge,
            known=edge.known,
        )
    return graph


def to_node_link_json(view: View) -> str:
    """Return node-link JSON with the edges under `edges`."""
    from networkx import node_link_data

    return json.dumps(node_link_data(to_networkx(view), edges="edges"), indent=2, ensure_ascii=False) + "\n"
