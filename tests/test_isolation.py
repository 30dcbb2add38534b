"""No test depends on who runs it: neither on their variables nor on their machine's programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT

NONSENSE = dict.fromkeys(
    [
        *("PULUMI_CONFIG_PASSPHRASE", "PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_HOME", "PULUMI_STACK"),
        *("KUBECONFIG", "DOCKER_HOST", "DOCKER_CONFIG", "HTTP_PROXY", "https_proxy", "NO_PROXY", "ALL_PROXY"),
        *("SLIPWAY_SECRET_API_TOKEN", "NO_COLOR", "GIT_DIR", "XDG_CONFIG_HOME"),
    ],
    "nonsense",
)
PROGRAMS = (
    *("docker", "dockerd", "docker-registry", "containerd", "runc", "kubectl", "kubelet", "kube-apiserver", "etcd"),
    *("go", "pulumi", "helm", "kustomize", "kind", "iptables-restore", "nft", "nsenter"),
)
LOOK = """
import json, os, pathlib, shutil, sys
everywhere = os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])
home = pathlib.Path.home()
print(json.dumps({
    "programs": [name for name in sys.argv[2:] if shutil.which(name, path=everywhere)],
    "planted": os.listdir(sys.argv[1]),
    "variables": dict(os.environ),
    "home": sorted(str(one.relative_to(home)) for one in home.rglob("*")),
}))
"""


def test_a_test_inherits_nothing_that_it_does_not_name() -> None:
    program = "import json, os, tests.conftest; print(json.dumps(sorted(os.environ)))"
    named = {**os.environ, **NONSENSE, "SLIPWAY_CLUSTER_HOME": "/somewhere"}
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=named, capture_output=True, check=True)
    seen = set(json.loads(ended.stdout))
    assert not seen & NONSENSE.keys()
    assert seen >= {"PATH", "SLIPWAY_CLUSTER_HOME"}, "a process needs the one, the end-to-end tests the other"


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has every program, and whose user is logged in everywhere."""
    folder = tmp_path / "planted"
    folder.mkdir()
    for name in PROGRAMS:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    for name in (".kube/config", ".docker/config.json", ".pulumi/credentials.json", ".config/pip/pip.conf", ".netrc"):
        file = tmp_path / "home" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **NONSENSE, "PATH": path, "HOME": str(tmp_path / "home"), "PYTHON": sys.executable}


def bare(machine: dict[str, str], *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts/bare", *command], env=machine, capture_output=True, text=True, check=False, timeout=60
    )


def _may_hide() -> bool:
    command = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount", "true"]
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False).returncode == 0


@pytest.mark.skipif(not _may_hide(), reason="this machine allows no mount namespace")
def test_a_bare_machine_has_only_python_make_git_and_a_package_index(machine: dict[str, str], tmp_path: Path) -> None:
    machine |= {"PIP_INDEX_URL": "https://index.example.com/simple", "SSL_CERT_FILE": "/etc/authorities.pem"}
    ended = bare(machine, "python3", "-c", LOOK, tmp_path / "planted", *PROGRAMS, "python3", "make", "git")
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert seen["programs"] == ["python3", "make", "git"]
    assert not seen["planted"], "nor by its full path"
    assert {name for name, value in seen["variables"].items() if value == "nonsense"} == {"PIP_PROXY"}, (
        "the index may be behind the proxy"
    )
    assert seen["variables"]["PIP_INDEX_URL"] == machine["PIP_INDEX_URL"]
    assert seen["variables"]["SSL_CERT_FILE"] == machine["SSL_CERT_FILE"]
    assert seen["home"] == [".cache", ".config", ".config/pip", ".netrc"], "only what pip reads"
    assert (tmp_path / "planted/kubectl").exists(), "the machine itself is as it was"
    assert bare(machine, "sh", "-c", "exit 7").returncode == 7, "how the command ended is how this ends"
