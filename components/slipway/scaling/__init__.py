"""How many pods there are, and how large they are."""
