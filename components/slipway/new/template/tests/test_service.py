"""How it is reached, and how it scales."""

from slipway.testing import Render


def test_the_service_finds_the_pods(render: Render) -> None:
    selected = render("prod").object("Service")["spec"]["selector"]
    template = render("prod").object("Deployment")["spec"]["template"]
    assert selected.items() <= template["metadata"]["labels"].items()


def test_prod_outlives_a_node(render: Render) -> None:
    scaler = render("prod").object("HorizontalPodAutoscaler")
    assert scaler["spec"]["minReplicas"] > 1, "a node may fail at any time"
