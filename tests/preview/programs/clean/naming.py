"""A module of the program itself, beside it."""

LABELS = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "shop"}
