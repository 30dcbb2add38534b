"""What must hold in every environment. Nothing is built or deployed for it."""

import pytest
from slipway.testing import Render

STACKS = ["dev", "staging", "prod"]


@pytest.mark.parametrize("stack", STACKS)
def test_a_cluster_would_take_it(render: Render, stack: str) -> None:
    render(stack).check("error")


@pytest.mark.parametrize("stack", STACKS)
def test_each_has_a_namespace_of_its_own(render: Render, stack: str) -> None:
    namespace = render(stack).object("Namespace")["metadata"]["name"]
    assert namespace.endswith(f"-{stack}")
    assert render(stack).object("Deployment")["metadata"]["namespace"] == namespace


def test_dev_takes_the_least(render: Render) -> None:
    assert render("dev").object("Deployment")["spec"]["replicas"] == 1
