"""What needs torch to run: smoke runs of a design. Only modules that run in a worker process import torch."""
