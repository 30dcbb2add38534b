"""`slipway new`: creates a new project."""
