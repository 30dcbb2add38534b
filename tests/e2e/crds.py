"""The CRDs of extensions, out of their own Go modules: never copied into this repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.site import Site
from tests.e2e.waiting import until
from tests.isolation import inherited

# The module and its version, and the files of it, by the CRD that each defines.
MODULES: dict[str, dict[str, str]] = {
    "k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1": {
        "verticalpodautoscalers.autoscaling.k8s.io": "deploy/vpa-v1-crd-gen.yaml",
    },
    "github.com/kedacore/keda/v2@v2.21.0": {
        "scaledobjects.keda.sh": "config/crd/bases/keda.sh_scaledobjects.yaml",
    },
    "github.com/external-secrets/external-secrets@v1.3.2": {
        "externalsecrets.external-secrets.io": "config/crds/bases/external-secrets.io_externalsecrets.yaml",
    },
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": {
        f"{kind}.monitoring.coreos.com": f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
        for kind in ("servicemonitors", "podmonitors", "prometheusrules")
    },
}


def fetched(folder: Path) -> dict[str, Path]:
    """The files by CRD. Skips the test, with the reason, where Go or the module proxy is missing."""
    if shutil.which("go") is None:
        pytest.skip("no Go, with which the modules that hold the CRDs are fetched")
    found: dict[str, Path] = {}
    for module, files in MODULES.items():
        ended = subprocess.run(
            ["go", "mod", "download", "-json", module],
            cwd=folder,
            env={**os.environ, **inherited("GO*", "*_PROXY", "*_proxy"), "GOFLAGS": "-mod=mod"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if ended.returncode:
            pytest.skip(f"{module} cannot be fetched: {(ended.stderr or ended.stdout).strip()}")
        home = Path(json.loads(ended.stdout)["Dir"])
        found |= {crd: home / file for crd, file in files.items()}
    return found


@contextmanager
def defined(site: Site, files: dict[str, Path]) -> Generator[None]:
    """The cluster serves these kinds; those that it did not serve before are gone afterwards."""
    there = site.kubectl("get", "customresourcedefinitions", "--output=name").stdout
    ours = {crd: file for crd, file in files.items() if f"/{crd}\n" not in there}
    try:
        for file in {*ours.values()}:
            # By the server, as their schemas are too long for the annotation of a client.
            site.kubectl("apply", "--server-side", "-f", str(file))
        for crd in files:
            until(lambda crd=crd: _is_established(site, crd), f"{crd} is served")
        yield
    finally:
        for file in {*ours.values()}:
            site.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", str(file))


def _is_established(site: Site, crd: str) -> bool:
    conditions = site.get("customresourcedefinition", crd).get("status", {}).get("conditions", [])
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
