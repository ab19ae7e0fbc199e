"""The rules, one module each, named after code and name."""
