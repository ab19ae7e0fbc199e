"""Compare two networks: align their steps, list what differs, and give the figures of each stage on both sides."""
