"""Follows the recipes of docs/migrate.md on the cluster: writes their files, and runs and checks their commands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.site import Site
from tests.e2e.waiting import until
from tests.repository import ROOT

_SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\S+)\n")


def blocks(title: str) -> list[str]:
    """The files and the commands of a recipe, in their order."""
    page = (ROOT / "docs/migrate.md").read_text(encoding="utf-8")
    return _BLOCK.findall(dict(_SECTION.findall(page))[title])


@dataclass(frozen=True, kw_only=True)
class Recipe:
    site: Site
    folder: Path
    namespace: str
    environment: Mapping[str, str]

    def write(self, block: str) -> Path:
        """Writes a block to the file that its first line names."""
        name = _FILE.match(block)
        assert name, f"this block names no file: {block}"
        path = self.folder / name[1]
        path.write_text(block, encoding="utf-8")
        return path

    def run(self, block: str) -> None:
        """Runs the commands of a block. Each has to say what the block says, where `…` is anything."""
        for command, said in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            output = self.command(command)
            told = "".join(line for line in output.splitlines(True) if "as the cluster offers it" not in line)
            assert not said or re.fullmatch(_pattern(said), told), f"$ {command}\n{told}"

    def command(self, command: str) -> str:
        program, *arguments = shlex.split(command)
        # Nobody is asked in a test.
        more = ["--yes"] if (program, *arguments[:1]) == ("pulumi", "up") else []
        called = [sys.executable, "-m", "slipway"] if program == "slipway" else [program]
        environment = {**os.environ, **self.environment}
        ended = subprocess.run(
            [*called, *arguments, *more], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"$ {command}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def pods(self) -> dict[str, Any]:
        """The pods by name, each with its uid and the starts of its containers."""
        found = self.site.items("pods", "--namespace", self.namespace)
        return {
            one["metadata"]["name"]: (
                one["metadata"]["uid"],
                [
                    (each["restartCount"], each["state"]["running"]["startedAt"])
                    for each in one["status"]["containerStatuses"]
                ],
            )
            for one in found
            if "deletionTimestamp" not in one["metadata"]
        }

    def ready(self, deployment: str) -> None:
        self.kubectl("rollout", "status", f"deployment/{deployment}", "--timeout=90s")

    def owners(self) -> set[str]:
        """Who owns fields of the Deployments and Services, but for the cluster's own controllers."""
        found = self.site.items("deployments,services", "--namespace", self.namespace, "--show-managed-fields")
        owners = {owner["manager"] for one in found for owner in one["metadata"]["managedFields"]}
        return {one for one in owners if one != "kube-controller-manager"}

    def kubectl(self, *arguments: str, **options: Any) -> str:
        return self.site.kubectl("--namespace", self.namespace, *arguments, **options).stdout


def _pattern(said: str) -> str:
    lines = [r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line) + r"\n" for line in said.splitlines()]
    return "".join(lines).replace("…", ".*")


@contextmanager
def recipe(site: Site, folder: Path, namespace: str, **environment: str) -> Generator[Recipe]:
    """A folder with a project and a stack `dev`, and a namespace, which goes in the end."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(f"name: {namespace}\nruntime: python\n", encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text(f"config:\n  kubernetes:context: {site.context}\n", encoding="utf-8")
    site.kubectl("create", "namespace", namespace)
    try:
        yield Recipe(site=site, folder=folder, namespace=namespace, environment={**site.environment, **environment})
    finally:
        site.kubectl("delete", "namespace", namespace, "--wait=false")
        gone = ("get", "namespace", namespace, "--ignore-not-found", "--output=name")
        until(lambda: not site.kubectl(*gone).stdout, f"namespace {namespace} is gone")
