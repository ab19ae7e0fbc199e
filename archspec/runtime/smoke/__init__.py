"""A smoke run: a design built and trained for a few steps on random data, in a separate process."""
