"""Which image runs where."""

from typing import Any

from slipway.testing import render


def container(stack: str) -> dict[str, Any]:
    return render(stack=stack).object("Deployment")["spec"]["template"]["spec"]["containers"][0]


def test_prod_runs_what_staging_ran() -> None:
    assert container("prod")["image"] == container("staging")["image"]


def test_prod_builds_nothing() -> None:
    assert render(stack="staging").count("docker:index/image:Image") == 1
    assert render(stack="prod").count("docker:index/image:Image") == 0
