"""Ten mistakes from public threads, written for archspec and for other tools, and the reports of each tool."""
