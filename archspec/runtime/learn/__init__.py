"""A learning check: a design trained for a short while on small real data, in a separate process."""
