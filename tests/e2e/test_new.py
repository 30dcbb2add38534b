"""The tutorial, command by command, and the other projects that `slipway new` makes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from cluster.network import free_ports
from slipway.new.project import TEMPLATE
from tests.e2e.conftest import Note
from tests.e2e.project import Project
from tests.e2e.shell import shell
from tests.e2e.site import Site
from tests.isolation import inherited
from tests.new.making import new
from tests.pages import Command, sections, steps
from tests.repository import ROOT


@pytest.fixture
def namespace(site: Site) -> Generator[str]:
    yield "shop-dev"
    site.kubectl("delete", "namespace", "shop-dev", "--ignore-not-found", "--timeout=100s")


def test_the_tutorial_works_and_prints_what_is_there(site: Site, namespace: str, tmp_path: Path, note: Note):
    environment = {
        **site.environment,
        # As this machine reaches its package index.
        **inherited("PIP_*", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    folder, took = tmp_path, dict[str, float]()
    with shell(folder, environment) as bash:
        for title, text in sections(_here("docs/tutorial.md", site)).items():
            began = time.monotonic()
            for step in steps(text):
                if isinstance(step, Command):
                    said, folder = bash.run(step.command)
                    assert step.printed(said), f"{step.command}\n{said}"
                else:
                    step.make(folder)
            took[title] = time.monotonic() - began
    note(", ".join(f"{title} {seconds:.0f} s" for title, seconds in took.items()))
    assert not site.kubectl("get", "namespace", namespace, "--ignore-not-found").stdout


def _here(page: str, site: Site) -> str:
    """The page with this machine's own in place of what it takes for an example."""
    text = (ROOT / page).read_text(encoding="utf-8")
    own = {
        "/path/to/slipway": str(ROOT),
        "kind-kind": site.context,
        "localhost:5001": site.registry,
        "8000": str(free_ports(1, range(8000, 9000))[0]),
    }
    for example, here in own.items():
        assert example in text, f"{page} has no {example} any more"
        text = text.replace(example, here)
    return text


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
