"""A module of the program's own, beside it."""

LABELS = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "shop"}
