"""Compositions: what most applications are made of, in one component."""
