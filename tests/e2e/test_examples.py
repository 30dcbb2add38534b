"""The examples run: each is applied, asked, changed and removed, and leaves nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.conftest import Note
from tests.e2e.example import BUSYBOX, WAYS, Example, Way, example, kubectl_image, stand_in
from tests.e2e.modules import extended
from tests.e2e.project import TOKEN
from tests.e2e.site import Site
from tests.e2e.traffic import answer, fetch
from tests.e2e.waiting import until

PROMETHEUS = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
MONITORS = "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"


@pytest.mark.parametrize("way", WAYS)
def test_objects(way: Way, site: Site, image: str, tmp_path: Path, note: Note) -> None:
    stand_in(site, "registry.example.com/hello-world:1.0.0", f"FROM {image}")
    stand_in(site, "busybox:1.37", BUSYBOX)
    kubectl_image(site)
    node = site.items("nodes")[0]["metadata"]["name"]
    disk = _folder(tmp_path / "reports")
    told = {"node": node, "disk": str(disk), "schedule": "0 0 1 1 *"}
    with (
        extended(site, PROMETHEUS, MONITORS),
        _provisioned(site, "objects", "data-recorder-0", _folder(tmp_path / "data")),
        example(site, "objects", tmp_path / "program", way=way, secrets={"apiToken": TOKEN}, **told) as objects,
    ):
        note(objects.update().stdout)
        _answers(objects)
        _records(objects)
        _reports(objects)
        _grants_no_more(objects)
        _changes(objects)


def _answers(objects: Example) -> None:
    hello = objects.url("objects", "hello-world")
    until(lambda: answer(hello) == "Hello from objects.\n", "the greeting is served")
    assert fetch(f"{hello}private")[0] == 401
    assert fetch(f"{hello}private", token=TOKEN)[0] == 200
    assert "http_requests_total" in fetch(f"{hello}metrics")[1], "what the ServiceMonitor has scraped"
    status = objects.site.get("daemonset", "agent", "--namespace", "objects")["status"]
    assert status["numberReady"] == status["desiredNumberScheduled"] == len(objects.site.items("nodes"))


def _records(objects: Example) -> None:
    """The recorder sees that the service is up, and its claim outlives its pod."""
    seen = objects.url("objects", "recorder", "/seen.txt")
    before = until(lambda: re.findall(r"^.* up$", answer(seen) or "", re.MULTILINE), "it sees the service")
    place = ("--namespace", "objects")
    objects.site.kubectl("delete", "pod", "recorder-0", *place)
    objects.site.kubectl("rollout", "status", "statefulset/recorder", "--timeout=30s", *place)
    assert before[0] in until(lambda: answer(seen) or "", "the next pod shows what it finds").splitlines()


def _reports(objects: Example) -> None:
    """The Job has written the heading, a run of the CronJob adds a line, and the Pod shows both."""
    shown = objects.url("objects", "reader", "/report.txt")
    until(lambda: answer(shown) == "time, up, asked\n", "the heading is shown")
    place = ("--namespace", "objects")
    objects.site.kubectl("create", "job", "now", "--from=cronjob/report", *place)
    objects.site.kubectl("wait", "job/now", "--for=condition=Complete", "--timeout=40s", *place)
    heading, line = fetch(shown)[1].splitlines()
    assert heading == "time, up, asked"
    assert re.fullmatch(r"\S+, [1-9]\d*, [1-9]\d*", line)


def _grants_no_more(objects: Example) -> None:
    """The account may read the one Deployment."""

    def may(verb: str, what: str) -> bool:
        asking = ("auth", "can-i", verb, what, "--namespace=objects", "--as=system:serviceaccount:objects:report")
        return objects.site.kubectl(*asking, check=False).stdout.strip() == "yes"

    assert may("get", "deployments.apps/hello-world")
    refused = [("get", "deployments.apps/other"), ("delete", "deployments.apps/hello-world"), ("list", "pods")]
    assert not [one for one in refused if may(*one)]


def _changes(objects: Example) -> None:
    """Another greeting rolls the Deployment out, and touches nothing that holds data or has run."""

    def kept() -> dict[str, str]:
        kinds = "pods,jobs,persistentvolumeclaims"
        found = [one["metadata"] for one in objects.site.items(kinds, "--namespace", "objects")]
        return {one["name"]: one["uid"] for one in found if not one["name"].startswith("hello-world-")}

    before = kept()
    objects.edit("Hello from objects.", "Hello again.")
    objects.update()
    hello = objects.url("objects", "hello-world")
    until(lambda: answer(hello) == "Hello again.\n", "the new greeting is served")
    assert kept() == before


@contextmanager
def _provisioned(site: Site, namespace: str, claim: str, disk: Path) -> Generator[None]:
    """A volume for the claim, which a cluster with a StorageClass would make by itself."""
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{namespace}-{claim}"},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": namespace, "name": claim},
            "hostPath": {"path": str(disk), "type": "Directory"},
        },
    }
    site.kubectl("apply", "-f-", stdin=json.dumps(volume))
    try:
        yield
    finally:
        site.kubectl("delete", "persistentvolume", f"{namespace}-{claim}")


def _folder(path: Path) -> Path:
    """A folder that each pod may write to: the node is this machine."""
    path.mkdir()
    path.chmod(0o777)
    return path
