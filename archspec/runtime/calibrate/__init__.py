"""Measuring a device with torch, which results in a profile for predicting latencies."""
