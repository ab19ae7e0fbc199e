"""Remove the skip connections of a design: check that each can be removed, and rewrite the Graph without them."""
