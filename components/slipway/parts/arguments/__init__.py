"""Arguments that check themselves."""
