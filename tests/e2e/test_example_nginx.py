"""examples/nginx runs: it is applied, asked, restarted, changed and removed, and leaves nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Note
from tests.e2e.example import BUSYBOX, WAYS, Example, Way, example, stand_in
from tests.e2e.modules import extended
from tests.e2e.nginx import DOCKERFILE, files_of_nginx
from tests.e2e.site import Site
from tests.e2e.traffic import answer
from tests.e2e.waiting import until

AUTOSCALER = "k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1"
PLACE = ("--namespace", "k8s")
SERVICES = ("nginx-service", "nginx-unprivileged")


@pytest.mark.parametrize("way", WAYS)
def test_nginx(way: Way, site: Site, tmp_path: Path, note: Note) -> None:
    packages, disk = tmp_path / "packages", tmp_path / "pages"
    packages.mkdir()
    stand_in(site, "nginx:1.14.2", DOCKERFILE, files=files_of_nginx(packages))
    stand_in(site, "busybox:1.37", BUSYBOX)
    disk.mkdir()
    # Each pod may write to it: the node is this machine.
    disk.chmod(0o777)
    node = site.items("nodes")[0]["metadata"]["name"]
    with (
        extended(site, AUTOSCALER, "deploy/vpa-v1-crd-gen.yaml"),
        example(site, "nginx", tmp_path / "program", way=way, node=node, disk=str(disk)) as nginx,
    ):
        note(nginx.update().stdout)
        _serves(nginx, "Hello from k8s.\n")
        _is_discovered(nginx)
        _tells_of_itself(nginx)
        _keeps_its_pages(nginx)
        _changes(nginx)
        _is_scaled(nginx)
    assert (disk / "index.html").read_text(encoding="utf-8") == "Hello again.\n", "the volume retains its files"


def _serves(nginx: Example, page: str) -> None:
    for service in SERVICES:
        url = nginx.url("k8s", service)
        until(lambda url=url: answer(url) == page, f"{service} serves {page!r}")
    assert re.fullmatch(r"nginx-unprivileged-\S+, without root\n", answer(nginx.url("k8s", SERVICES[1], "/who")) or "")


def _is_discovered(nginx: Example) -> None:
    """The Job has found the Service by its name and by its variables, and its pod has read the page by both."""
    address = nginx.site.get("service", "nginx-service", *PLACE)["spec"]["clusterIP"]
    (job,) = (name for name in _uids(nginx, "jobs") if name.startswith("discovery-"))
    log = nginx.site.kubectl("logs", f"job/{job}", *PLACE).stdout
    assert re.search(rf"^Address:\s+{re.escape(address)}$", log, re.MULTILINE), log
    assert f"NGINX_SERVICE_SERVICE_HOST={address}\nNGINX_SERVICE_SERVICE_PORT=80\n" in log
    assert log.endswith(2 * "Hello from k8s.\n")


def _tells_of_itself(nginx: Example) -> None:
    """The EndpointSlices have two ready addresses for each Service, and the logs have the requests."""
    for service in SERVICES:
        slices = nginx.site.items("endpointslices", "--selector", f"kubernetes.io/service-name={service}", *PLACE)
        ready: list[Any] = [at for one in slices for at in one["endpoints"] if at["conditions"]["ready"]]
        assert len({address for one in ready for address in one["addresses"]}) == 2, ready
    for workload in ("nginx", "nginx-unprivileged"):
        log = nginx.site.kubectl("logs", "--all-pods", f"deployment/{workload}", *PLACE).stdout
        assert '"GET / HTTP/1.1" 200' in log


def _keeps_its_pages(nginx: Example) -> None:
    before = _uids(nginx, "pods")
    nginx.site.kubectl("rollout", "restart", "deployment", *PLACE)
    nginx.site.kubectl("rollout", "status", "deployment/nginx", "--timeout=60s", *PLACE)
    nginx.site.kubectl("rollout", "status", "deployment/nginx-unprivileged", "--timeout=60s", *PLACE)
    running = nginx.site.items("pods", "--field-selector=status.phase=Running", *PLACE)
    new = [one for one in running if "deletionTimestamp" not in one["metadata"]]
    assert len(new) == 4, "two of each"
    assert not {one["metadata"]["uid"] for one in new} & set(before.values())
    _serves(nginx, "Hello from k8s.\n")


def _changes(nginx: Example) -> None:
    """Another page is written, another configuration rolls out, and another minimum is the autoscaler's."""
    served, jobs = set(_uids(nginx, "pods", "app.kubernetes.io/name=nginx").values()), _uids(nginx, "jobs")
    nginx.edit("Hello from k8s.", "Hello again.")
    nginx.edit("without root", "still without root", file="config/nginx.conf")
    nginx.edit("Scaling(min=2,", "Scaling(min=3,")
    nginx.update()
    who = nginx.url("k8s", "nginx-unprivileged", "/who")
    until(lambda: "still without root" in (answer(who) or ""), "the new configuration is served")
    for service in SERVICES:
        url = nginx.url("k8s", service)
        until(lambda url=url: answer(url) == "Hello again.\n", "the new page is served")
    assert served <= set(_uids(nginx, "pods", "app.kubernetes.io/name=nginx").values()), "nginx is not rolled out"
    after = _uids(nginx, "jobs")
    assert {name.rpartition("-")[0] for name in set(jobs) ^ set(after)} == {"pages"}, "no other Job runs again"


def _is_scaled(nginx: Example) -> None:
    """The autoscaler alone has set the number of pods, and knows their use of CPU; so does kubectl."""

    def status() -> dict[str, Any]:
        return nginx.site.get("hpa", "nginx", *PLACE)["status"]

    until(lambda: nginx.site.get("deployment", "nginx", *PLACE)["status"].get("readyReplicas") == 3, "a third pod")
    until(lambda: "currentMetrics" in status(), "metrics-server tells of the pods", seconds=120)
    assert status()["currentReplicas"] == 3
    shown = nginx.site.kubectl("top", "pods", "--no-headers", "--selector=app.kubernetes.io/name=nginx", *PLACE).stdout
    assert re.search(r"^nginx-\S+\s+\d+m\s+\d+Mi", shown, re.MULTILINE), shown
    made = nginx.site.get("verticalpodautoscaler", "nginx", *PLACE)["spec"]["resourcePolicy"]["containerPolicies"]
    assert {tuple(one["controlledResources"]) for one in made} == {("memory",)}, "one owner for each request"


def _uids(nginx: Example, kind: str, selector: str = "") -> dict[str, str]:
    """The UIDs of the objects by name. Without those that are being deleted."""
    found = [one["metadata"] for one in nginx.site.items(kind, f"--selector={selector}", *PLACE)]
    return {one["name"]: one["uid"] for one in found if "deletionTimestamp" not in one}
