"""What must hold in every environment. The program is run as it is; nothing is built or deployed."""

import pytest
from slipway.testing import render


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_nothing_in_it_would_be_refused(stack: str) -> None:
    render(stack=stack).check("error")


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_each_has_a_namespace_of_its_own(stack: str) -> None:
    recording = render(stack=stack)
    namespace = recording.object("Namespace")["metadata"]["name"]
    assert namespace.endswith(f"-{stack}")
    assert recording.object("Deployment")["metadata"]["namespace"] == namespace


def test_dev_takes_the_least() -> None:
    assert render(stack="dev").object("Deployment")["spec"]["replicas"] == 1
