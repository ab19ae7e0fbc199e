"""The pages, one a file; `page()` draws it."""
