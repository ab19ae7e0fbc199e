"""A network as one offline HTML page, where boxes are opened and folded."""
