"""Projects as users have them: a folder, a stack file in it, and the commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from tests import own_project
from tests.e2e.program.knobs import Knobs
from tests.e2e.site import Site

TOKEN = "a-token-that-no-log-may-show"
_SECRETS = {"SLIPWAY_SECRET_API_TOKEN": TOKEN, "E2E_SECRET_API_TOKEN": TOKEN}
_RENDER = """
import json, pathlib, sys
from slipway.deploy.rendered import find_stack, render
rendered = render(find_stack(pathlib.Path(sys.argv[1]), sys.argv[2]))
objects = [one.body for one in rendered.applicable()]
inputs = {one.urn: one.inputs for one in rendered.registrations}
print(json.dumps({"objects": objects, "inputs": inputs}))
"""


@dataclass(frozen=True, kw_only=True)
class Project:
    site: Site
    folder: Path
    stack: str
    guarded: bool = True
    """Whether `/private` has a token."""

    def deploy(self, command: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs `slipway <command>` to its end."""
        return self.end_of(self.start(command, *arguments), check=check)

    def end_of(self, process: subprocess.Popen[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Waits for the end of a command that `start` has started."""
        with process:
            output, errors = process.communicate(timeout=400)
        ended = subprocess.CompletedProcess(process.args, process.returncode, output, errors)
        assert TOKEN not in output + errors, "a secret was shown"
        assert not check or ended.returncode == 0, f"{process.args} ended with {ended.returncode}:\n{output}{errors}"
        return ended

    def start(self, command: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "slipway", command, "--project", str(self.folder), self.stack, *arguments],
            env={**self._environment(), **(_SECRETS if self.guarded else {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def preview(self) -> dict[str, Any]:
        """The offline preview of the stack, with secrets masked."""
        command = [
            sys.executable,
            "-m",
            "slipway",
            "preview",
            "--project",
            str(self.folder),
            self.stack,
            "--format",
            "json",
        ]
        ended = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=True)
        return json.loads(ended.stdout)["stacks"][0]

    def rendered(self) -> list[dict[str, Any]]:
        """What `apply` would send, with secrets in clear."""
        return self._render()["objects"]

    def planned(self) -> dict[str, dict[str, Any]]:
        """The inputs of every resource by its URN, with secrets masked."""
        return self._render()["inputs"]

    def _render(self) -> dict[str, Any]:
        command = [sys.executable, "-c", _RENDER, str(self.folder), self.stack]
        environment = {**self._environment(), **(_SECRETS if self.guarded else {})}
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return json.loads(ended.stdout)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.site.environment}


def stack_project(site: Site, folder: Path, stack: str) -> Project:
    """This repository's own program for one of its stacks, with this cluster's registry and context."""
    own_project.copy_project(folder)
    project = Project(site=site, folder=folder, stack=stack, guarded=stack != "dev")
    configure(project)
    return project


def configure(project: Project, **more: str) -> None:
    """Writes this cluster's registry and context, and the given settings, into the stack's file."""
    site = {"slipway:registry": project.site.registry, "kubernetes:context": project.site.context}
    own_project.configure(project.folder, project.stack, {**site, **more})


class Service(Project):
    """The program in tests/e2e/program: one namespace and one service, with everything adjustable."""

    def turn(self, knobs: Knobs, **config: str) -> None:
        """Writes the stack's file."""
        stated: Mapping[str, object] = {
            "e2e:knobs": asdict(knobs),
            "kubernetes:context": self.site.context,
            **config,
        }
        text = yaml.safe_dump({"config": stated})
        (self.folder / f"Pulumi.{self.stack}.yaml").write_text(text, encoding="utf-8")

    def apply(self, knobs: Knobs, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        self.turn(knobs)
        return self.deploy("apply", *arguments, check=check)

    def start_apply(self, knobs: Knobs) -> subprocess.Popen[str]:
        self.turn(knobs)
        return self.start("apply")

    def items(self, kind: str) -> list[dict[str, Any]]:
        return self.site.items(kind, "--namespace", self.stack)

    def get(self, kind: str, name: str = "hello") -> dict[str, Any]:
        return self.site.get(kind, name, "--namespace", self.stack)

    def kubectl(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return self.site.kubectl("--namespace", self.stack, *arguments, **options)

    def url(self) -> str:
        return f"http://{self.get('service')['spec']['clusterIP']}:8080"

    def pods(self, *, app: str = "hello") -> dict[str, dict[str, Any]]:
        """The pods that are not being deleted, by name."""
        found = self.site.items("pods", "--namespace", self.stack, "--selector", f"app.kubernetes.io/name={app}")
        return {pod["metadata"]["name"]: pod for pod in found if "deletionTimestamp" not in pod["metadata"]}
