"""The device at hand, measured with torch: a profile for predicting latencies."""
