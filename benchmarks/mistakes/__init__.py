"""Ten mistakes from public threads, written for archspec and for other tools, and what each tool says when."""
