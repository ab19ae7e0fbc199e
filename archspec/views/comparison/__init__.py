"""Two networks side by side in one picture: the views of both, coloured by the difference."""
