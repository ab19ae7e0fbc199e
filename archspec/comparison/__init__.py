"""Two networks compared: aligned by path and by what they do, changes in words, figures for each stage."""
