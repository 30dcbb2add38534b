"""A budget keeps a pod from being evicted, and does not keep one that is broken anyway."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from slipway import (
    Config,
    ConfigArgs,
    Deployment,
    DeploymentArgs,
    DisruptionBudget,
    DisruptionBudgetArgs,
    Namespace,
    Port,
    Probe,
    Probes,
)
from tests.e2e.objects import applied, rendered
from tests.e2e.site import Site
from tests.e2e.waiting import until

NAMESPACE = "access-budget"
READY, BROKEN = "ready", "broken"


def deployments(image: str) -> dict[str, Deployment]:
    """Two of two pods each; those of the second listen, and are never ready."""
    namespace = Namespace(NAMESPACE)
    files = {"hello-world.data": "hi", "hello-world.config": ""}
    config = Config("settings", ConfigArgs(namespace=namespace, values=files))
    paths = {READY: "/livez", BROKEN: "/nowhere"}
    return {
        name: Deployment(
            name,
            DeploymentArgs(
                namespace=namespace,
                image=image,
                replicas=2,
                ports=[Port(name="http", number=8080)],
                probes=Probes(readiness=Probe(http=path, period=1)),
                mounts={"/etc/hello-world": config.values.volume()},
            ),
        )
        for name, path in paths.items()
    }


def program(image: str) -> None:
    for name, workload in deployments(image).items():
        DisruptionBudget(name, DisruptionBudgetArgs(workload=workload, min_available="50%"))


def pods(site: Site, name: str) -> list[dict[str, Any]]:
    found = site.items("pods", "--namespace", NAMESPACE, "--selector", f"app.kubernetes.io/name={name}")
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def is_ready(pod: dict[str, Any]) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def evict(site: Site, pod: dict[str, Any]) -> str:
    """Nothing, or what the API server says against it: `kubectl drain` asks the same."""
    name = pod["metadata"]["name"]
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": NAMESPACE}}
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/eviction"
    return site.kubectl("create", "--raw", path, "-f-", stdin=json.dumps(body), check=False).stderr.strip()


def broken_run(site: Site) -> bool:
    """Whether the two broken pods run. One that is pending can always be evicted."""
    return [one["status"]["phase"] for one in pods(site, BROKEN)] == ["Running"] * 2


def budget(site: Site, name: str) -> dict[str, Any]:
    return site.get("poddisruptionbudget", name, "--namespace", NAMESPACE)["status"]


@pytest.fixture(scope="module", autouse=True)
def running(site: Site, image: str) -> Generator[None]:
    with applied(site, lambda: program(image)):
        until(lambda: [is_ready(one) for one in pods(site, READY)] == [True, True], "two pods are ready")
        until(lambda: broken_run(site), "two others run")
        until(lambda: budget(site, READY).get("disruptionsAllowed") == 1, "one of the two may go")
        yield


def test_it_blocks_the_eviction_that_would_be_one_too_many_and_lets_a_broken_pod_go(site: Site) -> None:
    first, second = pods(site, READY)
    assert evict(site, first) == ""
    told = evict(site, second)
    assert "Cannot evict pod as it would violate the pod's disruption budget" in told
    assert second["metadata"]["name"] in {one["metadata"]["name"] for one in pods(site, READY)}

    assert budget(site, BROKEN)["disruptionsAllowed"] == 0, "of these none is ready, so the budget has none to spare"
    broken = pods(site, BROKEN)
    assert [evict(site, one) for one in broken] == ["", ""], "AlwaysAllow: what does not work holds up no drain"


def test_the_broken_pod_would_be_kept_under_kubernetes_own_default(site: Site) -> None:
    """So the policy is what lets it go, and the test above would see it missing."""
    patch = json.dumps({"spec": {"unhealthyPodEvictionPolicy": "IfHealthyBudget"}})
    site.kubectl("patch", "poddisruptionbudget", BROKEN, "--namespace", NAMESPACE, "--type=merge", "--patch", patch)
    until(lambda: broken_run(site), "those that come for the evicted ones run")
    assert "Cannot evict pod" in evict(site, pods(site, BROKEN)[0])


def test_two_budgets_of_one_pod_would_stop_every_eviction(site: Site) -> None:
    """Which is why a second one is refused as it is made."""

    def second(image: str) -> None:
        for name, workload in deployments(image).items():
            DisruptionBudget(f"{name}-too", DisruptionBudgetArgs(workload=workload))

    (one,) = [
        body
        for body in rendered(lambda: second("nowhere/none:1"))
        if body["kind"] == "PodDisruptionBudget" and body["metadata"]["name"] == f"{READY}-too"
    ]
    site.kubectl("apply", "-f-", stdin=json.dumps(one))
    until(lambda: "more than one PodDisruptionBudget" in evict(site, pods(site, READY)[0]), "both are seen")
