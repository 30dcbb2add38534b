"""`kubectl rollout undo` after `pulumi up` finds the configuration of each remaining revision."""

from __future__ import annotations

import json
from typing import Any

from slipway.configuration.versions import HISTORY
from tests.e2e.engine import Engine, changes, needs_the_engine
from tests.e2e.program.knobs import Knobs
from tests.e2e.project import Service
from tests.e2e.traffic import answer
from tests.e2e.waiting import until

pytestmark = needs_the_engine

GREETINGS = ["one", "two", "three", "four", "five"]


def _knobs(image: str, greeting: str, **own: Any) -> Knobs:
    return Knobs(image=image, greeting=greeting, replicas=1, secret=True, **own)


def _kept(service: Service) -> set[str]:
    maps = [one.get("data", {}) for one in service.items("configmaps")]
    return {data["hello-world.data"] for data in maps if "hello-world.data" in data}


def test_an_undo_works_for_each_remaining_revision(service: Service, engine: Engine, image: str) -> None:
    for number, greeting in enumerate(GREETINGS, 1):
        engine.up(_knobs(image, greeting))
        assert _kept(service) == set(GREETINGS[max(0, number - 1 - HISTORY) : number])
    assert len(service.items("replicasets")) == HISTORY + 1
    unchanged = _knobs(image, "five")
    assert not engine.preview(unchanged)
    assert not engine.up(unchanged)
    for greeting in reversed(GREETINGS[-HISTORY - 1 : -1]):
        revision = GREETINGS.index(greeting) + 1
        service.kubectl("rollout", "undo", "deployment/hello", f"--to-revision={revision}")
        service.kubectl("rollout", "status", "deployment/hello", "--timeout=90s")
        until(lambda greeting=greeting: answer(service.url()) == greeting, f"revision {revision} answers")
    # The program has not changed, so nothing is done. The next change rolls out what the program says.
    assert not engine.up(unchanged)
    engine.up(_knobs(image, "six"))
    until(lambda: answer(service.url()) == "six", "what the program says answers")
    assert not changes(engine.stack.refresh().summary.resource_changes), "nothing drifts by itself"


def test_a_refresh_undoes_an_undo(service: Service, engine: Engine, image: str) -> None:
    for greeting in ("one", "two"):
        engine.up(_knobs(image, greeting))
    service.kubectl("rollout", "undo", "deployment/hello")
    service.kubectl("rollout", "status", "deployment/hello", "--timeout=90s")
    engine.stack.refresh()
    assert engine.up(_knobs(image, "two")) == {"update"}
    until(lambda: answer(service.url()) == "two", "what the program says answers")


def test_a_reverted_change_finds_its_earlier_version(service: Service, engine: Engine, image: str) -> None:
    for greeting in ("one", "two", "one"):
        done = engine.up(_knobs(image, greeting))
    assert done == {"update"}, "the object is there, and its readers roll to it"
    until(lambda: answer(service.url()) == "one", "what the program says answers")


def test_a_version_that_a_refresh_finds_gone_is_not_made_again(service: Service, engine: Engine, image: str) -> None:
    for greeting in ("one", "two"):
        engine.up(_knobs(image, greeting))
    maps = {json.dumps(one.get("data")): one["metadata"]["name"] for one in service.items("configmaps")}
    service.kubectl("delete", "configmap", next(name for data, name in maps.items() if '"one"' in data))
    engine.stack.refresh()
    assert not engine.up(_knobs(image, "two"))
    assert _kept(service) == {"two"}
