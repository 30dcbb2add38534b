"""Which image runs where."""

from slipway.testing import Render

BUILD = "docker:index/image:Image"


def test_prod_runs_what_staging_runs(render: Render) -> None:
    assert render("prod").outputs["image"] == render("staging").outputs["image"]


def test_prod_builds_nothing(render: Render) -> None:
    assert render("staging").count(BUILD) == 1
    assert render("prod").count(BUILD) == 0
