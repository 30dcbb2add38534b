"""The same program under the real engine, where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pulumi import automation

from tests.e2e.engine import changes, environment_of, needs_the_engine, stack_of
from tests.e2e.planned import differences
from tests.e2e.program.knobs import Knobs
from tests.e2e.project import TOKEN, Project, Service, configure, stack_project
from tests.e2e.site import Site
from tests.e2e.traffic import answer
from tests.e2e.waiting import until

pytestmark = needs_the_engine


@pytest.fixture
def environment(site: Site, tmp_path: Path) -> dict[str, str]:
    return environment_of(site, tmp_path / "state")


def _own_project(site: Site, folder: Path, stack: str) -> Project:
    """This repository's own project, with the virtual environment that its Pulumi.yaml names."""
    project = stack_project(site, folder / "project", stack)
    (project.folder / ".venv").symlink_to(sys.prefix)
    return project


@pytest.fixture
def stack(service: Service, image: str, environment: dict[str, str]) -> Generator[automation.Stack]:
    service.turn(Knobs(image=image, replicas=2, secret=True))
    made = stack_of(service, environment)
    made.set_config("e2e:apiToken", automation.ConfigValue(TOKEN, secret=True))
    yield made
    made.destroy()


def _planned_by(stack: automation.Stack) -> dict[str, Mapping[str, Any]]:
    """The inputs of every resource by its URN, as the engine would pass them to the provider."""
    planned: dict[str, Mapping[str, Any]] = {}

    def note(event: automation.EngineEvent) -> None:
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            if step.new and not step.type.startswith("pulumi:"):
                planned[step.urn] = step.new.inputs or {}

    stack.preview(on_event=note)
    return planned


def test_the_engine_plans_the_images_and_the_rest_of_a_stack_as_the_offline_preview_does(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    project = _own_project(site, tmp_path, "dev")
    planned = _planned_by(stack_of(project, environment))
    assert [urn for urn in planned if "docker:index/image:Image" in urn], "an image is among them"
    assert not differences(planned, project.planned())


def test_the_engine_agrees_with_the_offline_preview_and_settles(service: Service, stack: automation.Stack) -> None:
    assert not differences(_planned_by(stack), service.planned())

    stack.up()
    until(lambda: answer(service.url()), "the service answers")
    assert not changes(stack.up().summary.resource_changes), "a second up changes nothing"

    service_file = service.folder / f"Pulumi.{service.stack}.yaml"
    kept = service_file.read_text(encoding="utf-8")
    service_file.write_text(kept.replace("greeting: one", "greeting: two"), encoding="utf-8")
    changed = stack.up().summary.resource_changes or {}
    assert "create" in changed, "the changed configuration is a new object"
    until(lambda: answer(service.url()) == "two", "what was applied answers")
    assert not changes(stack.refresh().summary.resource_changes), "nothing drifts by itself"
    stack.destroy()
    assert not service.site.kubectl("get", "namespace", service.stack, "--ignore-not-found").stdout


def test_an_image_is_built_by_the_first_up_alone_and_promoted_without_a_build(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    project = _own_project(site, tmp_path, "staging")
    configure(replace(project, stack="prod"))
    main = project.folder / "app/main.go"
    main.write_text(f"{main.read_text(encoding='utf-8')}\n// {uuid4()}\n", encoding="utf-8")
    staging, prod = (stack_of(replace(project, stack=name), environment) for name in ("staging", "prod"))
    for stack in (staging, prod):
        stack.set_config("slipway:apiToken", automation.ConfigValue(TOKEN, secret=True))
    try:
        with pytest.raises(automation.CommandError, match="is not in its registry"):
            prod.up()
        assert not site.kubectl("get", "namespace", "hello-world-prod", "--ignore-not-found").stdout
        reference = staging.up().outputs["image"].value
        for path in (project.folder / "app").rglob("*"):
            os.utime(path)
        assert not changes(staging.up().summary.resource_changes), "a touched file is no change"
        up = prod.up()
        assert up.outputs["image"].value == reference
        assert "docker:index" not in up.stdout, "nothing is built"
        assert not changes(prod.up().summary.resource_changes)
    finally:
        for stack in (staging, prod):
            stack.destroy()
