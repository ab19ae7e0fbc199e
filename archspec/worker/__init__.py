"""Functions called in a process of its own: with a time limit, cancellable, and reported however the process ends."""
