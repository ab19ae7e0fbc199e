"""Compare two networks: align their steps, list the differences, and show the figures of each stage on both sides."""
