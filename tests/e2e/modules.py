"""What the tests take out of Go modules: it is fetched when it is needed, and no part of this repository."""

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
from tests.isolation import inherited


def go(*arguments: str) -> str:
    """What a Go command says; the test is skipped where there is no Go, or a module cannot be fetched."""
    if not shutil.which("go"):
        pytest.skip("it comes as a Go module, and there is no Go on the PATH")
    network = inherited("GO*", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
    ended = subprocess.run(
        ["go", *arguments], env={**os.environ, **network}, capture_output=True, text=True, check=False
    )
    if ended.returncode and arguments[:2] == ("mod", "download"):
        pytest.skip(f"the Go module could not be fetched: {(ended.stderr + ended.stdout).strip()[-200:]}")
    assert not ended.returncode, ended.stderr
    return ended.stdout


def definitions_in(module: str, *files: str) -> list[Path]:
    """The files of CRDs in a module (`example.com/module@v1.0.0`) that match `files`, such as `crds/*.yaml`."""
    folder = Path(json.loads(go("mod", "download", "-json", module))["Dir"])
    found = [one for pattern in files for one in sorted(folder.glob(pattern))]
    assert found, f"{module} has no {' '.join(files)}"
    return found


@contextmanager
def extended(site: Site, module: str, *files: str) -> Generator[None]:
    """The cluster with the definitions in a module, as `definitions_in`; those that it lacked go again."""
    definitions = definitions_in(module, *files)
    before = site.kubectl("get", "customresourcedefinitions", "--output", "name").stdout.split()
    # By the server, as some schemas are too long for the annotation of a client.
    site.kubectl("apply", "--server-side", *(f"--filename={one}" for one in definitions))
    after = site.kubectl("get", "customresourcedefinitions", "--output", "name").stdout.split()
    made = sorted(set(after) - set(before))
    try:
        for one in made:
            site.kubectl("wait", one, "--for=condition=Established", "--timeout=60s")
        yield
    finally:
        if made:
            site.kubectl("delete", *made)
