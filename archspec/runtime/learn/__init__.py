"""A learning check: a design trained for a short while on small real data, in a process of its own."""
