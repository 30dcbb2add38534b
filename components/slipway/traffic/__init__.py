"""How requests reach the pods."""
