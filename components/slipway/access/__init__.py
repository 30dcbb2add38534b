"""Where objects live, and who may do what."""
