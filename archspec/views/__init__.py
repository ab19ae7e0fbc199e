"""Pictures of a Graph: folded at a level, drawn by Graphviz, as Mermaid or as JSON."""
