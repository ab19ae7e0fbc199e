"""Traces of ops: which arrays torch makes for each op in training, their storage, and what autograd keeps."""
