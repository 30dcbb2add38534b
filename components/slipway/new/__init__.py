"""`slipway new`: a project of the user's own."""
