"""What nobody calls has no way in."""

from slipway.testing import render


def test_there_is_no_service() -> None:
    assert not render(stack="prod").objects("Service")


def test_prod_outlives_a_node() -> None:
    replicas = render(stack="prod").object("Deployment")["spec"]["replicas"]
    assert replicas >= 2, "a node may fail or be drained at any time"
