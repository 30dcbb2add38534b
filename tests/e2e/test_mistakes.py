"""The real engine reports a mistake as the preview does: one line of ours, and no traceback. It needs no cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mistakes.table import program
from tests.preview.running import write_project
from tests.repository import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("pulumi"), reason="there is no pulumi on the PATH")

# One mistake for each way in which it is found: a call, a type, a rule, a fragment, and later, inside an Output.
STATEMENTS = {
    "DeploymentArgs(**B, replica=3)": "DeploymentArgs has no argument 'replica': did you mean 'replicas'?",
    "DeploymentArgs(**B, ports=[8080])": "DeploymentArgs: ports[0] is 8080: give a Port",
    "Deployment('My App', DeploymentArgs(**B))": "deployment 'My App' is not a valid name",
    "DeploymentArgs(**B, pod_spec={'contaners': []})": "DeploymentArgs: pod_spec has no field 'contaners': did",
    "Deployment('a', DeploymentArgs(**B, args=[secret]))": "container 'a' args[0] is secret and would be kept in clear",
}


def pulumi(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the CLI with a backend of its own and only the given environment."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": home.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PYTHONPATH": str(ROOT),
        "KUBECONFIG": str(home / "none"),
    }
    return subprocess.run(
        ["pulumi", "--non-interactive", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_engine_reports_a_mistake_in_one_line_without_a_traceback(statement: str, tmp_path: Path) -> None:
    text = program(statement)
    virtualenv = f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
    project = write_project(tmp_path / "shop", text)
    (project / "Pulumi.yaml").write_text(f"name: shop\n{virtualenv}", encoding="utf-8")
    made = pulumi(project, "stack", "init", "dev")
    assert made.returncode == 0, made.stderr
    ended = pulumi(project, "preview", "--stack", "dev", "--diff")
    assert ended.returncode, "the engine accepts it"
    place = f"__main__.py:{len(text.splitlines())}: "
    said = ended.stdout + ended.stderr
    (told,) = {line.strip() for line in said.splitlines() if place in line}
    assert told.startswith(f"error: {place}{STATEMENTS[statement]}"), said
    assert "Traceback" not in said
    assert "t0ps3cret" not in said
