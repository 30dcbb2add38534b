"""Argument checks at run time, by type annotation."""
