"""examples/myapp: built by its Dockerfile, updated and rolled back under load, and run by Docker alone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from tests.e2e.conftest import Note
from tests.e2e.example import Example, example
from tests.e2e.site import Site
from tests.e2e.traffic import Traffic, answer
from tests.e2e.waiting import until

FIRST, SECOND = 'version = "1.0.0"', 'version = "1.1.0"'


def test_myapp(site: Site, tmp_path: Path, note: Note) -> None:
    """The way of the pipeline: `dev` builds, `prod` runs what `dev` has built, and goes back to it."""
    with example(site, "myapp", tmp_path / "program", stack="prod", registry=site.registry) as prod:
        dev = replace(prod, stack="dev")
        dev.edit("registry.example.com/team", site.registry, file="Pulumi.dev.yaml")
        # Sources that nobody has built before.
        prod.edit("// Myapp says", f"// {uuid4()}\n\n// Myapp says", file="app/main.go")
        first = _image(dev, "built and pushed")
        prod.update()
        assert _ready(prod) == {first: 3}
        until(lambda: answer(_url(prod)) == "myapp 1.0.0\n", "it answers")
        with _docker_alone(site, first) as url:
            assert until(lambda: answer(url), "it answers without a cluster") == "myapp 1.0.0\n"

        prod.edit(FIRST, SECOND, file="app/main.go")
        second = _image(dev, "built and pushed")
        with Traffic(_url(prod)) as update:
            prod.update()
        note(f"update: {update.sent} sent, {update.failures.total()} failed")
        _nothing_lost(update)
        assert _ready(prod) == {second: 3}

        prod.edit(SECOND, FIRST, file="app/main.go")
        assert _image(dev, "is in the registry already") == first, "a rollback builds nothing"
        with Traffic(_url(prod)) as rollback:
            prod.update()
        note(f"rollback: {rollback.sent} sent, {rollback.failures.total()} failed")
        _nothing_lost(rollback)
        assert _ready(prod) == {first: 3}


def _nothing_lost(traffic: Traffic) -> None:
    assert not traffic.failures
    assert set(traffic.answers) == {"myapp 1.0.0\n", "myapp 1.1.0\n"}, "old and new pods have both answered"
    assert traffic.sent > 100


def _url(prod: Example) -> str:
    return prod.url("myapp-prod", "myapp-service")


def _image(dev: Example, outcome: str) -> str:
    """The image of the sources as they are."""
    reference, told = dev.deploy("image").stdout.strip().rsplit(": ", 1)
    assert told == outcome
    return reference


def _ready(prod: Example) -> dict[str, int]:
    """How many pods the Deployment has ready, by the image that they are to run."""
    found = prod.site.get("deployment", "myapp-deployment", "--namespace", "myapp-prod")
    return {found["spec"]["template"]["spec"]["containers"][0]["image"]: found["status"]["readyReplicas"]}


@contextmanager
def _docker_alone(site: Site, image: str) -> Generator[str]:
    """Runs the image as the README does, at a free port of this machine, and ends it as `docker stop` does."""
    run = _docker(site, "run", "--detach", "--publish", "127.0.0.1::8080", image)
    try:
        yield f"http://{_docker(site, 'port', run, '8080')}/"
        _docker(site, "stop", run)
        assert _docker(site, "inspect", "--format", "{{.State.ExitCode}}", run) == "0", "it stops by itself"
    finally:
        _docker(site, "rm", "--force", run)


def _docker(site: Site, *arguments: str) -> str:
    environment = {**os.environ, **site.environment}
    return subprocess.run(
        ["docker", *arguments], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
