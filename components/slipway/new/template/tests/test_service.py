"""How it is reached, and how it scales."""

from slipway.testing import render


def test_the_service_finds_the_pods() -> None:
    recording = render(stack="prod")
    selected = recording.object("Service")["spec"]["selector"]
    labels = recording.object("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert selected.items() <= labels.items()


def test_prod_outlives_a_node() -> None:
    scaler = render(stack="prod").object("HorizontalPodAutoscaler")["spec"]
    assert scaler["minReplicas"] >= 2, "a node may fail or be drained at any time"
