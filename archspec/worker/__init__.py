"""Call functions in a separate process: with a time limit, cancellable, with a report however the process ends."""
