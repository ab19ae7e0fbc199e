"""The explorer: the app in which one designs. It uses the public names of archspec only."""
