"""Container images: built from sources, or released earlier."""
