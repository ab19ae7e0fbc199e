"""The command line: arguments to public functions to exit codes."""

from archspec.name_clash import stop_if_overwritten

# The other project's script imports `main` from here: without this it would fail with a TypeError.
stop_if_overwritten()
