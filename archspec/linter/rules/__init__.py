"""The rules, one a file, each named after its code."""
