"""The module that fails."""


def replicas(settings: dict[str, str]) -> int:
    return int(settings["replicas"])
