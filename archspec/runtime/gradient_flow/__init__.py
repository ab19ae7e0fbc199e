"""Gradient flow: the norms of gradients and activations by depth, measured on random data."""
