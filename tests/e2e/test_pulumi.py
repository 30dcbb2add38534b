"""The same program through the real engine, where there is one."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from pulumi import automation

from tests.e2e.program.knobs import Knobs
from tests.e2e.project import TOKEN, Service
from tests.e2e.traffic import answer
from tests.e2e.waiting import until

pytestmark = pytest.mark.skipif(not shutil.which("pulumi"), reason="there is no pulumi on the PATH")


@pytest.fixture
def stack(service: Service, image: str, tmp_path: Path) -> Generator[automation.Stack]:
    service.turn(Knobs(image=image, replicas=2, secret=True))
    state = tmp_path / "state"
    state.mkdir()
    environment = {
        **service.site.environment,
        "PULUMI_BACKEND_URL": f"file://{state}",
        "PULUMI_CONFIG_PASSPHRASE": "only for this test",
    }
    options = automation.LocalWorkspaceOptions(env_vars=environment)
    made = automation.create_or_select_stack(service.stack, work_dir=str(service.folder), opts=options)
    made.set_config("e2e:apiToken", automation.ConfigValue(TOKEN, secret=True))
    yield made
    made.destroy()


def _changes(summary: Mapping[Any, int] | None) -> set[str]:
    return set(summary or {}) - {"same"}


def test_the_engine_agrees_with_the_offline_preview_and_settles(service: Service, stack: automation.Stack) -> None:
    planned: dict[str, dict[str, Any]] = {}

    def note(event: automation.EngineEvent) -> None:
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            if step.new and not step.type.startswith("pulumi:"):
                planned[step.urn] = cast("dict[str, Any]", step.new.inputs)

    stack.preview(on_event=note)
    offline = {one["urn"]: one for one in service.preview()["resources"]}
    assert set(planned) == set(offline), "the same resources"

    stack.up()
    until(lambda: answer(service.url()), "the service answers")
    assert not _changes(stack.up().summary.resource_changes), "a second up changes nothing"

    service_file = service.folder / f"Pulumi.{service.stack}.yaml"
    kept = service_file.read_text(encoding="utf-8")
    service_file.write_text(kept.replace("greeting: one", "greeting: two"), encoding="utf-8")
    changed = stack.up().summary.resource_changes or {}
    assert {"replace", "create-replacement"} & set(changed)
    until(lambda: answer(service.url()) == "two", "what was applied answers")
    assert not _changes(stack.refresh().summary.resource_changes), "nothing drifts by itself"
    stack.destroy()
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout
