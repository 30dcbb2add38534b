"""The API server, with the extensions' own schemas, takes every object of a custom kind that we make.

The preview judges by the same CRDs, and as the API server does.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import ExitStack
from copy import deepcopy
from typing import Any

import pytest

from slipway import (
    Alert,
    Alerts,
    AlertsArgs,
    Bounds,
    Deployment,
    DeploymentArgs,
    EventScaler,
    EventScalerArgs,
    ExternalSecret,
    ExternalSecretArgs,
    Monitor,
    MonitorArgs,
    Port,
    Recorded,
    Remote,
    Service,
    ServiceArgs,
    Trigger,
    VerticalAutoscaler,
    VerticalAutoscalerArgs,
)
from slipway.preview.checks import check
from slipway.preview.checks.definitions import Definitions
from slipway.preview.crds import read_crds
from slipway.preview.model import Manifest
from tests.e2e.modules import definitions_in, extended
from tests.e2e.objects import rendered
from tests.e2e.site import Site

# A dry run stores nothing, so that it can be in a namespace that is always there.
NAMESPACE = "default"


def program() -> None:
    """One of each, with all that its args have."""

    def web(name: str) -> Deployment:
        ports = [Port(name="http", number=8080)]
        return Deployment(name, DeploymentArgs(namespace=NAMESPACE, image="nowhere/none:1", ports=ports))

    sized, scaled = web("access-sized"), web("access-scaled")
    bounds = {"access-sized": Bounds(min_cpu="50m", max_cpu="1", min_memory="64Mi", max_memory="1Gi")}
    for mode in ("Off", "Initial", "Recreate", "InPlaceOrRecreate"):
        one = sized if mode == "InPlaceOrRecreate" else web(f"access-{mode.lower()}")
        args = VerticalAutoscalerArgs(workload=one, mode=mode, containers=bounds, min_replicas=1)
        VerticalAutoscaler(one.name, args)
    queue = Trigger(
        type="rabbitmq",
        metadata={"queueName": "orders", "mode": "QueueLength", "value": "5"},
        authentication="rabbitmq",
        cluster_authentication=True,
        metric="AverageValue",
        name="orders",
    )
    cpu = Trigger(type="cpu", metadata={"value": "60"})
    EventScaler(
        "access-scaled", EventScalerArgs(workload=scaled, triggers=[queue, cpu], min=0, max=9, annotations=KEPT)
    )
    service = Service("access", ServiceArgs(workload=scaled))
    for name, of in (("access-pods", scaled), ("access-service", service)):
        Monitor(name, MonitorArgs(of=of, every=30, timeout=10, labels={"release": "p"}, annotations=KEPT))
    alert = Alert(name="Down", when="up == 0", for_=300, keep=60, summary="Down", description="It is down.")
    recorded = Recorded(name="up:sum", expression="sum(up)", labels={"team": "shop"})
    Alerts("access", AlertsArgs(namespace=NAMESPACE, groups={"web": [recorded, alert]}, every=60, annotations=KEPT))
    kept = {"TOKEN": Remote(key="shop/api", property="token", version="3"), "PASSWORD": "shop/database"}
    stored = ExternalSecretArgs(
        namespace=NAMESPACE, store="vault", store_kind="ClusterSecretStore", keys=kept, refresh="90s", annotations=KEPT
    )
    ExternalSecret("access", stored)


KEPT = {"example.com/kept": "yes"}
MODULES = {
    "k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1": ["deploy/vpa-v1-crd-gen.yaml"],
    "github.com/kedacore/keda/v2@v2.21.0": ["config/crd/bases/keda.sh_scaledobjects.yaml"],
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": [
        f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
        for kind in ("servicemonitors", "podmonitors", "prometheusrules")
    ],
    "github.com/external-secrets/external-secrets@v1.3.2": [
        "config/crds/bases/external-secrets.io_externalsecrets.yaml"
    ],
}
"""The modules that define the kinds, and the files that do."""

KINDS = {
    "VerticalPodAutoscaler": 4,
    "ScaledObject": 1,
    "ExternalSecret": 1,
    "ServiceMonitor": 1,
    "PodMonitor": 1,
    "PrometheusRule": 1,
}


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return [one for one in rendered(program) if one["kind"] in KINDS]


@pytest.fixture(scope="module", autouse=True)
def served(site: Site) -> Generator[None]:
    with ExitStack() as definitions:
        for module, files in MODULES.items():
            definitions.enter_context(extended(site, module, *files))
        yield


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return Definitions(
        given=read_crds({one for module, files in MODULES.items() for one in definitions_in(module, *files)})
    )


def previewed(one: dict[str, Any], definitions: Definitions) -> list[str]:
    """What the preview says against the fields of an object."""
    found = check([Manifest(urn="urn", body=one)], definitions=definitions)
    return [f"{each.path}: {each.message}" for each in found if each.rule.startswith("schema/")]


def tried(site: Site, one: dict[str, Any]) -> str:
    """What the API server says against it; nothing where it takes it."""
    arguments = ("apply", "--dry-run=server", "--validate=strict", "--output=json", "-f-")
    return site.kubectl(*arguments, stdin=json.dumps(one), check=False).stderr.strip()


def test_each_is_taken_strictly(site: Site, objects: list[dict[str, Any]], definitions: Definitions) -> None:
    counted = {kind: sum(one["kind"] == kind for one in objects) for kind in KINDS}
    assert counted == KINDS, "one of each was tried"
    against = {f"{one['kind']} {one['metadata']['name']}": tried(site, one) for one in objects}
    assert {name: told for name, told in against.items() if told} == {}
    assert [told for one in objects for told in previewed(one, definitions)] == []


# By kind, changes of its spec that the schema does not allow: the path, and the value.
FAULTS: dict[str, list[tuple[list[str | int], Any]]] = {
    "VerticalPodAutoscaler": [(["updatePolicy", "updateMode"], "Sometimes"), (["targetRef"], {"kind": "Deployment"})],
    "ScaledObject": [(["triggers"], []), (["minReplicaCount"], "0"), (["scaleTargetRef", "name"], None)],
    "ExternalSecret": [(["target", "deletionPolicy"], "Never"), (["data", 0, "remoteRef"], {"property": "a"})],
    "ServiceMonitor": [(["endpoints", 0, "interval"], "soon"), (["endpoints", 0, "path"], 1)],
    "PodMonitor": [(["podMetricsEndpoints"], {}), (["podMetricsEndpoints", 0, "scheme"], "ftp")],
    "PrometheusRule": [(["groups", 0, "rules", 0, "expr"], True), (["groups", 0, "name"], "")],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_api_server_refuses_the_preview_finds(
    kind: str, site: Site, objects: list[dict[str, Any]], definitions: Definitions
) -> None:
    good = next(one for one in objects if one["kind"] == kind)
    unknown = deepcopy(good)
    unknown["spec"]["notThere"] = 1
    assert 'unknown field "spec.notThere"' in tried(site, unknown)
    [told] = previewed(unknown, definitions)
    assert told.startswith("spec.notThere: unknown field `notThere`")
    for path, value in FAULTS[kind]:
        bad = deepcopy(good)
        *parents, last = path
        below: Any = bad["spec"]
        for step in parents:
            below = below[step]
        below[last] = value
        assert tried(site, bad), f"the API server takes {path}"
        assert previewed(bad, definitions), f"the preview takes {path}"
