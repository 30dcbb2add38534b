"""The README's "Start your own", command by command, and the other projects that `slipway new` makes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from slipway.new.project import TEMPLATE
from tests.e2e.project import Project
from tests.e2e.site import Site
from tests.e2e.traffic import answer
from tests.e2e.waiting import until
from tests.isolation import inherited
from tests.new.making import Step, new, session
from tests.repository import ROOT

_ADDRESS = re.compile(r"\b\d+\.\d+\.\d+\.\d+(?=:8080\b)")


@pytest.fixture
def namespace(site: Site) -> Generator[str]:
    yield "shop-dev"
    site.kubectl("delete", "namespace", "shop-dev", "--ignore-not-found", "--timeout=100s")


def test_the_readmes_own_start_works_and_prints_what_is_there(site: Site, namespace: str, tmp_path: Path):
    folder = tmp_path
    environment = {
        **os.environ,
        **site.environment,
        # As this machine reaches its package index.
        **inherited("PIP_*", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    steps = [_here(step, site) for step in session()]
    ran = [step.command for step in steps]
    assert {"make preview", "make test", "make apply", "make down"} <= {*ran}, "the README leaves one out"
    for step in steps:
        if step.command.startswith("cd "):
            folder /= step.command.removeprefix("cd ")
            continue
        ended = subprocess.run(
            step.command,
            shell=True,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )
        assert ended.returncode == 0, f"{step.command}\n{ended.stdout}{ended.stderr}"
        # A registry that an earlier run has pushed to has the image.
        said = _ADDRESS.sub("…", ended.stdout).replace(": is in the registry already", ": built and pushed")
        assert step.printed(said), f"{step.command}\n{ended.stdout}"
        if step.command == "make apply":
            address = site.get("service", "shop", "--namespace", namespace)["spec"]["clusterIP"]
            _greets(f"http://{address}:8080/")
    assert not site.kubectl("get", "namespace", namespace, "--ignore-not-found").stdout


def _greets(url: str) -> None:
    until(lambda: answer(url) == "Hello from dev\n", "its Service answers")


def _here(step: Step, site: Site) -> Step:
    """The step with this machine's own in place of what the README takes for an example."""
    own = {"/path/to/slipway": str(ROOT), "kind-kind": site.context, "localhost:5001": site.registry}
    command, output = step.command, step.output
    for example, here in own.items():
        command, output = command.replace(example, here), output.replace(example, here)
    return Step(command=command, output=_ADDRESS.sub("…", output))


def _options(kind: str, sources: Path) -> list[str]:
    image = "registry.example.com/team/till:1.2"
    return {
        "shop": [],
        "mail": ["--worker"],
        "till": ["--image", image],
        "clock": ["--worker", "--image", image],
        "cart": ["--dockerfile", str(sources / "Dockerfile")],
    }[kind]


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of the kind that is asked for; another's sources are those of the template."""
    kind: str = request.param
    shutil.copytree(TEMPLATE / "app", tmp_path / "src")
    monkeypatch.chdir(tmp_path)
    assert new(kind, *_options(kind, tmp_path / "src")).code == 0
    return tmp_path / kind


@pytest.mark.parametrize("project", ["shop", "mail", "till", "clock", "cart"], indirect=True)
def test_each_kind_passes_its_own_tests_and_pyrights_strict_rules(project: Path):
    tools = Path(sys.executable).parent
    (project / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict", "pythonVersion": "3.11"}))
    for command in ([sys.executable, "-m", "pytest"], [tools / "pyright", "--pythonpath", sys.executable]):
        ended = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=300)
        assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("project", ["mail", "cart"], indirect=True)
def test_a_worker_and_a_dockerfile_of_ones_own_come_up(project: Path, site: Site):
    with (project / "stacks/Pulumi.dev.yaml").open("a") as file:
        file.write(f"  kubernetes:context: {site.context}\n")
    stack = Project(site=site, folder=project, stack="dev", guarded=False)
    stack.deploy("image")
    try:
        stack.deploy("apply")
        (pod,) = site.items("pods", "--namespace", f"{project.name}-dev")
        assert all(one["ready"] and not one["restartCount"] for one in pod["status"]["containerStatuses"])
    finally:
        stack.deploy("down")
