"""An audit: a network's parameters and MACs beside what other counters say, each difference explained by rules."""
