"""What a claim holds outlives its pods, and its stack where it is told to."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pulumi import automation

from tests.e2e.engine import environment_of, needs_the_engine, stack_of
from tests.e2e.project import Project
from tests.e2e.site import Site
from tests.e2e.waiting import until
from tests.repository import ROOT


@dataclass(frozen=True, kw_only=True)
class Storage(Project):
    """The program in tests/e2e/storage; its volume is the folder `disk` of the node, which is this machine."""

    disk: Path
    image: str

    def configure(self, size: str = "2Mi") -> None:
        stated = {"storage:path": str(self.disk), "storage:image": self.image, "storage:size": size}
        text = yaml.safe_dump({"config": {**stated, "kubernetes:context": self.site.context}})
        (self.folder / f"Pulumi.{self.stack}.yaml").write_text(text, encoding="utf-8")

    def starts(self) -> int:
        """How often a pod has started that could write into the claim."""
        return len((self.disk / "starts").read_text(encoding="utf-8").splitlines())

    def restart(self) -> None:
        self.site.kubectl("delete", "pod", "--namespace", self.stack, "--selector=app.kubernetes.io/name=web")

    def uids(self) -> list[str]:
        """Of the namespace, the volume and the claim."""
        found = [self.site.get(kind, self.stack) for kind in ("namespace", "persistentvolume")]
        found.append(self.site.get("persistentvolumeclaim", "data", "--namespace", self.stack))
        assert found[-1]["status"]["phase"] == "Bound"
        return [one["metadata"]["uid"] for one in found]

    def left(self) -> set[str]:
        """What of the program is in its namespace, by kind."""
        kinds = "deployments,services,configmaps,resourcequotas,pods,persistentvolumeclaims"
        found = self.site.items(kinds, "--namespace", self.stack)
        return {one["kind"] for one in found if one["metadata"]["name"] != "kube-root-ca.crt"}


@pytest.fixture
def storage(site: Site, writer: str, tmp_path: Path, request: pytest.FixtureRequest) -> Generator[Storage]:
    stack = f"storage-{request.node.name.removeprefix('test_').replace('_', '-')}"[:40].rstrip("-")
    shutil.copytree(ROOT / "tests/e2e/storage", tmp_path / "program")
    disk = tmp_path / "disk"
    disk.mkdir()
    disk.chmod(0o777)
    made = Storage(site=site, folder=tmp_path / "program", stack=stack, disk=disk, image=writer)
    made.configure()
    yield made
    site.kubectl("delete", "namespace", stack, "--ignore-not-found")
    site.kubectl("delete", "persistentvolume", stack, "--ignore-not-found")


def test_a_kept_claim_outlives_apply_and_down(storage: Storage) -> None:
    storage.deploy("apply")
    assert storage.starts() == 1
    uids = storage.uids()
    storage.restart()
    until(lambda: storage.starts() == 2, "the pod that replaces the first one finds its file")
    told = storage.deploy("down").stdout
    assert f"Namespace {storage.stack}" in told
    assert f"PersistentVolumeClaim {storage.stack}/data" in told
    until(lambda: storage.left() == {"PersistentVolumeClaim"}, "all but the claim goes")
    storage.deploy("apply")
    assert storage.uids() == uids, "they were made anew"
    assert storage.starts() == 3, "the next deployment finds what the last one left"
    storage.configure(size="1Mi")
    refused = storage.deploy("apply", check=False)
    assert refused.returncode
    assert "claim 'data' has 2Mi and cannot shrink to 1Mi" in refused.stderr


@needs_the_engine
def test_a_kept_claim_outlives_up_and_destroy(storage: Storage, tmp_path: Path) -> None:
    stack = stack_of(storage, environment_of(storage.site, tmp_path / "state"))
    stack.up()
    uids = storage.uids()
    assert storage.starts() == 1
    storage.configure(size="1Mi")
    with pytest.raises(automation.CommandError, match="claim 'data' has 2Mi and cannot shrink to 1Mi"):
        stack.preview()
    storage.configure()
    stack.destroy()
    assert storage.uids() == uids
    until(lambda: storage.left() == {"PersistentVolumeClaim"}, "all but the claim goes")
    stack.preview()
    stack.up()
    assert storage.uids() == uids, "they were made anew"
    assert storage.starts() == 2, "the next deployment finds what the last one left"
    assert set(stack.preview().change_summary) == {"same"}
    stack.destroy()
