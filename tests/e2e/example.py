"""An example, as its README has it run: applied, asked, changed and removed on the cluster under test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
import yaml
from _pytest.mark import ParameterSet
from pulumi import automation

from tests.e2e.engine import environment_of, needs_the_engine, stack_of
from tests.e2e.objects import as_list
from tests.e2e.project import Project
from tests.e2e.site import Site, base_images
from tests.e2e.waiting import until
from tests.repository import ROOT

Way = Literal["apply", "up"]
WAYS: tuple[Way | ParameterSet, ...] = ("apply", pytest.param("up", marks=needs_the_engine))
"""An example comes to the cluster with kubectl alone, or with the Pulumi engine."""

BUSYBOX = f"FROM {base_images()['GO_IMAGE']} AS tools\nFROM scratch\nCOPY --from=tools /bin /bin"
"""A Dockerfile whose image has the usual small programs."""


@dataclass(frozen=True, kw_only=True)
class Example(Project):
    """A copy of an example. `secrets` have the keys of its own project. `engine` is the environment of the Pulumi CLI.

    With an `engine`, `update` is `pulumi up`, else `slipway apply`.
    """

    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    engine: Mapping[str, str] = field(default_factory=dict[str, str])

    def update(self, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.deploy("up" if self.engine else "apply", check=check)

    def given(self, **secrets: str) -> Example:
        """The same with these secrets, for its next update."""
        made = replace(self, secrets=secrets)
        if self.engine:
            stack = stack_of(made, dict(self.engine))
            for key, value in secrets.items():
                stack.set_config(f"{made.name}:{key}", automation.ConfigValue(value, secret=True))
        return made

    @property
    def name(self) -> str:
        return yaml.safe_load((self.folder / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]

    def edit(self, before: str, after: str, *, file: str = "__main__.py") -> None:
        """Replaces text in a file of the copy, where it is exactly once."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{before!r} is {text.count(before)} times in {file}"
        path.write_text(text.replace(before, after), encoding="utf-8")

    def url(self, namespace: str, service: str, path: str = "/") -> str:
        """The URL of a Service's first port, from this machine."""
        spec = self.site.get("service", service, "--namespace", namespace)["spec"]
        return f"http://{spec['clusterIP']}:{spec['ports'][0]['port']}{path}"

    def left(self, objects: list[dict[str, Any]]) -> list[str]:
        """Those of the objects that are still in the cluster."""
        found = self.site.kubectl("get", "--ignore-not-found", "--output=name", "-f-", stdin=as_list(objects))
        return found.stdout.split()

    def _environment(self) -> dict[str, str]:
        # Without the engine, and in the preview, secrets are environment variables (docs/deploying.md).
        named = {_variable(f"{self.name}_secret_{key}"): value for key, value in self.secrets.items()}
        return {**super()._environment(), **self.engine, **named}


@contextmanager
def example(
    site: Site,
    name: str,
    folder: Path,
    *,
    stack: str = "dev",
    way: Way = "apply",
    secrets: Mapping[str, str] | None = None,
    **config: str,
) -> Generator[Example]:
    """`examples/<name>`, copied to `folder`, with the cluster's context and with `config` in its stack file.

    The block calls `update`. After the block it is removed, and nothing of it may be left. `secrets` and `config` have
    keys of the example's own project.
    """
    shutil.copytree(ROOT / "examples" / name, folder)
    file = folder / f"Pulumi.{stack}.yaml"
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    program = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    program["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(program), encoding="utf-8")
    own = {f"{program['name']}:{key}": value for key, value in config.items()}
    data["config"] = {**data["config"], **own, "kubernetes:context": site.context}
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    engine = environment_of(site, folder / ".state") if way == "up" else {}
    made = Example(site=site, folder=folder, stack=stack, engine=engine).given(**secrets or {})
    objects = made.rendered()
    present = made.left(objects)
    assert not present, f"this is in the cluster already: {present}"
    try:
        yield made
    finally:
        made.deploy("down")
        until(lambda: not made.left(objects), "nothing of it is left")


def _variable(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|-", "_", name).upper()


def stand_in(site: Site, name: str, dockerfile: str, **files: Path) -> None:
    """Builds an image and gives it to the node under a name that an example has. `files` are in the build's context."""
    environment = {**os.environ, **site.environment, "DOCKER_BUILDKIT": "0"}
    with TemporaryDirectory() as context:
        # The kubelet does not run an image that it has pulled under another name, so it has to be another image.
        text = f"{dockerfile}\nLABEL slipway.stands-in-for={name}\n"
        (Path(context) / "Dockerfile").write_text(text, encoding="utf-8")
        for called, file in files.items():
            shutil.copy(file, Path(context) / called)
        build = ["docker", "build", "--quiet", "--tag", name, context]
        ended = subprocess.run(build, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    site.cluster("load", name)


def kubectl_image(site: Site) -> None:
    """Stands in for the image of kubectl, with the one on the PATH."""
    found = shutil.which("kubectl", path=site.environment["PATH"])
    if not found:
        pytest.fail("there is no kubectl on the PATH")
    dockerfile = 'FROM scratch\nCOPY kubectl /bin/kubectl\nENTRYPOINT ["/bin/kubectl"]'
    stand_in(site, "registry.k8s.io/kubectl:v1.36.3", dockerfile, kubectl=Path(found))
