"""The mark of what outlives its stack, for those that make such objects and for the preview that reads them."""

KEEP = "slipway/keep"
"""The annotation of an object that outlives its stack."""
