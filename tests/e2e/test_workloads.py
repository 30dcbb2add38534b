"""Each kind of workload does its work: it keeps its data, comes before, fires, covers the nodes."""

from __future__ import annotations

import shutil
import time
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from pulumi import automation

from tests.e2e.engine import changes, environment_of, needs_the_engine, stack_of
from tests.e2e.project import Project
from tests.e2e.site import Site
from tests.e2e.waiting import until
from tests.repository import ROOT

_LOG = "| hello-world: flag provided but not defined: -no-such-flag"


@dataclass(frozen=True, kw_only=True)
class Workloads(Project):
    """The program in tests/e2e/workloads. Its volume is the folder `disk` of the node, which is this machine."""

    disk: Path
    image: str

    def configure(self, image: str | None = None, **config: str) -> None:
        file = self.folder / f"Pulumi.{self.stack}.yaml"
        kept: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
        stated = {"path": str(self.disk), "image": image or self.image, **config}
        own = {f"workloads:{key}": value for key, value in stated.items()}
        text = yaml.safe_dump({**kept, "config": {**own, "kubernetes:context": self.site.context}})
        file.write_text(text, encoding="utf-8")

    def apply(self, image: str | None = None, **config: str) -> str:
        """What a successful `slipway apply` says."""
        self.configure(image, **config)
        return self.deploy("apply").stdout

    def refused(self, **config: str) -> str:
        """The errors of a `slipway apply` that fails."""
        self.configure(**config)
        ended = self.deploy("apply", check=False)
        assert ended.returncode == 1, ended.stdout
        return ended.stderr

    def starts(self) -> int:
        """How often a pod has started that could write into the claim."""
        return len((self.disk / "starts").read_text(encoding="utf-8").splitlines())

    def one(self, kind: str, name: str) -> tuple[str, int]:
        """The identity of an object, and how often its spec has changed."""
        metadata = self.site.get(kind, name, "--namespace", self.stack)["metadata"]
        return metadata["uid"], metadata.get("generation", 0)

    def greeting(self) -> str:
        pod = self.site.get("pod", "db-0", "--namespace", self.stack)
        return next(one["value"] for one in pod["spec"]["containers"][0]["env"] if one["name"] == "GREETING")


def _made(site: Site, folder: Path, image: str) -> Workloads:
    shutil.copytree(ROOT / "tests/e2e/workloads", folder / "program")
    disk = folder / "disk"
    disk.mkdir()
    disk.chmod(0o777)
    stack = f"e2e-workloads-{uuid4().hex[:6]}"
    return Workloads(site=site, folder=folder / "program", stack=stack, disk=disk, image=image)


@pytest.fixture(scope="module")
def workloads(site: Site, writer: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Workloads]:
    """The program, deployed once by `slipway apply`."""
    made = _made(site, tmp_path_factory.mktemp("workloads"), writer)
    made.apply()
    yield made
    made.deploy("down")
    site.kubectl("delete", "persistentvolume", made.stack, "--ignore-not-found")


def test_a_daemon_set_covers_the_nodes(workloads: Workloads) -> None:
    nodes = {one["metadata"]["name"] for one in workloads.site.items("nodes")}
    place = ("--namespace", workloads.stack, "--selector=app.kubernetes.io/name=agent")
    pods = workloads.site.items("pods", *place)
    assert sorted(one["spec"]["nodeName"] for one in pods) == sorted(nodes)


def test_a_stateful_set_keeps_its_data_over_a_restart_and_another_image(workloads: Workloads) -> None:
    claim = workloads.one("persistentvolumeclaim", "d-db-0")
    before = workloads.starts()
    workloads.site.kubectl("delete", "pod", "db-0", "--namespace", workloads.stack)
    until(lambda: workloads.starts() == before + 1, "the pod that replaces the first one finds its file")
    by_digest = _by_digest(workloads.image)
    workloads.apply(image=by_digest)
    pod = workloads.site.get("pod", "db-0", "--namespace", workloads.stack)
    assert pod["spec"]["containers"][0]["image"] == by_digest
    assert workloads.starts() == before + 2, "so does the pod of the other image"
    assert workloads.one("persistentvolumeclaim", "d-db-0") == claim


def test_a_job_stops_the_rollout_that_it_comes_before_with_its_log(workloads: Workloads) -> None:
    workloads.apply(greeting="one")
    before = workloads.one("statefulset", "db")
    told = workloads.refused(greeting="two", migrate="--no-such-flag")
    assert "Job" in told
    assert _LOG in told
    assert (workloads.one("statefulset", "db"), workloads.greeting()) == (before, "one"), "it went on all the same"
    workloads.apply(greeting="two")
    assert workloads.greeting() == "two"


def test_an_edit_that_is_refused_leaves_everything_as_it_was(workloads: Workloads) -> None:
    workloads.apply()
    before = workloads.one("daemonset", "agent")
    for edit, said in (
        ({"order": "parallel"}, "order of statefulset 'db' is parallel and was ordered"),
        ({"service": "Headless"}, "service 'db' has an address and cannot lose it"),
    ):
        assert said in workloads.refused(agent="two", **edit)
    assert workloads.one("daemonset", "agent") == before, "something was written"


def test_a_broken_pod_does_not_block_the_version_that_repairs_it(workloads: Workloads) -> None:
    workloads.apply()
    assert "change " in workloads.refused(flag="--no-such-flag")
    started = time.monotonic()
    assert "deleting pod db-0, which is of a former version and blocks the rollout" in workloads.apply()
    assert time.monotonic() - started < 30


def test_a_cron_job_fires(workloads: Workloads) -> None:
    def succeeded() -> list[str]:
        jobs = workloads.site.items("jobs", "--namespace", workloads.stack)
        runs = [one for one in jobs if one["metadata"].get("ownerReferences", [{}])[0].get("kind") == "CronJob"]
        return [one["metadata"]["name"] for one in runs if one["status"].get("succeeded")]

    until(succeeded, "a run of the CronJob succeeds", 75)


@needs_the_engine
def test_up_refuses_edits_in_its_preview_and_stops_at_a_failed_job(site: Site, writer: str, tmp_path: Path) -> None:
    made = _made(site, tmp_path, writer)
    made.configure()
    stack = stack_of(made, environment_of(site, tmp_path / "state"))
    try:
        stack.up()
        assert not changes(stack.preview().change_summary)
        before = made.one("statefulset", "db")
        for edit, said in (
            ({"order": "parallel"}, "order of statefulset 'db' is parallel and was ordered"),
            ({"service": "Headless"}, "service 'db' has an address and cannot lose it"),
        ):
            made.configure(**edit)
            with pytest.raises(automation.CommandError, match=said) as refused:
                stack.preview()
            assert "Traceback" not in str(refused.value)
        made.configure(greeting="two", migrate="--no-such-flag")
        with pytest.raises(automation.CommandError) as failed:
            stack.up()
        assert _LOG in str(failed.value)
        assert made.one("statefulset", "db") == before, "it went on all the same"
        made.configure(greeting="two")
        stack.up()
        assert made.greeting() == "two"
    finally:
        stack.destroy()
        site.kubectl("delete", "persistentvolume", made.stack, "--ignore-not-found")


def _by_digest(image: str) -> str:
    """The image under another name."""
    registry, _, path = image.partition("/")
    repository, _, tag = path.rpartition(":")
    request = urllib.request.Request(
        f"http://{registry}/v2/{repository}/manifests/{tag}",
        method="HEAD",
        headers={"Accept": "application/vnd.docker.distribution.manifest.v2+json"},
    )
    with urllib.request.urlopen(request) as answer:
        return f"{registry}/{repository}@{answer.headers['Docker-Content-Digest']}"
