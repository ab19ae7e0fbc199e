"""An audit: a network's parameters and MACs compared with other counters, each difference explained by rules."""
