"""What nobody calls has no way in."""

from slipway.testing import Render


def test_there_is_no_service(render: Render) -> None:
    assert not render("prod").objects("Service")


def test_prod_outlives_a_node(render: Render) -> None:
    replicas = render("prod").object("Deployment")["spec"]["replicas"]
    assert replicas > 1, "a node may fail at any time"
