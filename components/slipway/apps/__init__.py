"""Compositions: one component with the parts that most applications need."""
