"""Draw two networks side by side in one picture, coloured by their difference."""
