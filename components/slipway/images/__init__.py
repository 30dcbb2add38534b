"""Images: built from their sources, or released before."""
