"""What the real engine does if a component is renamed or moved, or a part of a stack is updated."""

from __future__ import annotations

from dataclasses import replace

from tests.e2e.engine import Engine, needs_the_engine
from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service

pytestmark = needs_the_engine


def test_pods_outlive_a_component_that_is_renamed_or_moved(service: Service, engine: Engine, image: str) -> None:
    knobs = Knobs(image=image, replicas=1, secret=True)
    engine.up(replace(knobs, greeting="zero"))
    engine.up(knobs)
    before = set(service.pods())
    maps = {one["metadata"]["name"] for one in service.items("configmaps")}
    # First inside another component, and then with another logical name.
    for moved, made in ((replace(knobs, below="group"), {"create"}), (replace(knobs, below="team"), set[str]())):
        assert engine.up(moved) == made, "only the component that it was moved into is created; nothing else changes"
        assert set(service.pods()) == before, "the pods were made anew"
        assert {one["metadata"]["name"] for one in service.items("configmaps")} == maps, "a former version has gone"
    assert not engine.up(replace(knobs, below="team"))


def test_an_update_of_one_target_leaves_the_others(service: Service, engine: Engine, image: str) -> None:
    knobs = Knobs(image=image, replicas=1, bystander=True)
    engine.up(knobs)
    before = set(service.pods())
    stack = f"urn:pulumi:{service.stack}::e2e::slipway:index:WebService"
    changed = replace(knobs, greeting="two")
    engine.up(changed, target=[f"{stack}::bystander"], target_dependents=True)
    assert set(service.pods()) == before
    assert "create" in engine.up(changed)
    assert not set(service.pods()) & before, "the change comes with the next whole update"
