"""The same design without its skip connections: which of them can be taken out, and the Graph that is left."""
