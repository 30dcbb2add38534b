"""The relations between objects, and the diagram of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway.preview.diagram import diagram
from slipway.preview.model import COMPUTED, Manifest
from slipway.preview.relations import relations
from tests.preview.running import preview_of, write_project

LABELS = {"app": "web"}


def made(api_version: str, kind: str, name: str = "web", **body: Any) -> Manifest:
    metadata = {"name": name, "namespace": "shop", **body.pop("metadata", {})}
    whole = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}
    return Manifest(urn=f"urn:pulumi:dev::p::kubernetes:{kind}::{name}", body=whole)


def deployment(name: str = "web", labels: dict[str, str] | None = None, **pod: Any) -> Manifest:
    pod = {"containers": [{"name": name, "image": "i"}], **pod}
    template = {"metadata": {"labels": LABELS if labels is None else labels}, "spec": pod}
    return made("apps/v1", "Deployment", name, spec={"template": template})


def calling(value: str) -> Manifest:
    environment = [{"name": "URL", "value": value}]
    return deployment("caller", {}, containers=[{"name": "c", "image": "i", "env": environment}])


SERVICE = made("v1", "Service", spec={"selector": LABELS})
SELECTOR = {"matchLabels": LABELS}
ROLE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "web"}


@pytest.mark.parametrize(
    ("one", "verb", "other"),
    [
        (SERVICE, "serves", deployment()),
        (made("policy/v1", "PodDisruptionBudget", spec={"selector": SELECTOR}), "protects", deployment()),
        (made("networking.k8s.io/v1", "NetworkPolicy", spec={"podSelector": SELECTOR}), "limits", deployment()),
        (made("monitoring.coreos.com/v1", "PodMonitor", spec={"selector": SELECTOR}), "scrapes", deployment()),
        (
            made("monitoring.coreos.com/v1", "ServiceMonitor", spec={"selector": SELECTOR}),
            "scrapes",
            made("v1", "Service", metadata={"labels": LABELS}),
        ),
        (
            made(
                "networking.k8s.io/v1",
                "Ingress",
                spec={"rules": [{"http": {"paths": [{"backend": {"service": {"name": "web"}}}]}}]},
            ),
            "routes to",
            SERVICE,
        ),
        (
            made("networking.k8s.io/v1", "Ingress", spec={"tls": [{"secretName": "tls"}]}),
            "has its certificate from",
            made("cert-manager.io/v1", "Certificate", "other", spec={"secretName": "tls"}),
        ),
        (
            made("gateway.networking.k8s.io/v1", "HTTPRoute", spec={"rules": [{"backendRefs": [{"name": "web"}]}]}),
            "routes to",
            SERVICE,
        ),
        (
            made(
                "autoscaling/v2",
                "HorizontalPodAutoscaler",
                spec={"scaleTargetRef": {"kind": "Deployment", "name": "web"}},
            ),
            "scales",
            deployment(),
        ),
        (made("keda.sh/v1alpha1", "ScaledObject", spec={"scaleTargetRef": {"name": "web"}}), "scales", deployment()),
        (deployment(volumes=[{"configMap": {"name": "web"}}]), "reads", made("v1", "ConfigMap")),
        (
            deployment(volumes=[{"persistentVolumeClaim": {"claimName": "web"}}]),
            "mounts",
            made("v1", "PersistentVolumeClaim"),
        ),
        (deployment(serviceAccountName="web"), "runs as", made("v1", "ServiceAccount")),
        (
            deployment(volumes=[{"secret": {"secretName": "made"}}]),
            "reads",
            made("external-secrets.io/v1", "ExternalSecret", spec={"target": {"name": "made"}}),
        ),
        (
            made("v1", "PersistentVolumeClaim", spec={"volumeName": "disk"}),
            "is bound to",
            made("v1", "PersistentVolume", "disk"),
        ),
        (
            made("rbac.authorization.k8s.io/v1", "RoleBinding", roleRef=ROLE),
            "grants",
            made("rbac.authorization.k8s.io/v1", "Role"),
        ),
        (
            made("rbac.authorization.k8s.io/v1", "RoleBinding", subjects=[{"kind": "ServiceAccount", "name": "web"}]),
            "to",
            made("v1", "ServiceAccount"),
        ),
        (calling("http://web.shop:8080"), "calls", SERVICE),
        (calling("web.shop.svc.cluster.local"), "calls", SERVICE),
    ],
)
def test_what_one_object_has_to_do_with_another_is_found(one: Manifest, verb: str, other: Manifest):
    assert [(each.one, each.verb, each.other) for each in relations([one, other])] == [(one, verb, other)]


@pytest.mark.parametrize(
    "objects",
    [
        [SERVICE, deployment(labels={"app": "other"})],
        [SERVICE, calling("http://mweb.shop")],
        [SERVICE, calling("http://web.shopping")],
        [made("v1", "Service", spec={"selector": {"app": COMPUTED}}), deployment()],
        [made("networking.k8s.io/v1", "NetworkPolicy", spec={"podSelector": {}}), deployment()],
        [deployment(volumes=[{"configMap": {"name": COMPUTED}}]), made("v1", "ConfigMap", COMPUTED)],
    ],
    ids=["another label", "a longer name", "a longer namespace", "unknown selector", "all pods", "unknown name"],
)
def test_nothing_is_told_that_is_not_known_to_be_so(objects: list[Manifest]):
    assert relations(objects) == []


def test_the_diagram_has_a_box_for_each_namespace_and_escapes_what_mermaid_would_read():
    volume = Manifest(urn="u::v", body={"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": 'a"#b'}})
    shop = Manifest(urn="u::n", body={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    secret = Manifest(
        urn="u::key", body={**made("v1", "Secret").body, "metadata": {"name": COMPUTED, "namespace": "shop"}}
    )
    assert diagram([shop, SERVICE, deployment(), secret, volume]) == (
        "flowchart LR\n"
        '  subgraph n1["Namespace shop"]\n'
        '    o2(["Service<br>web"])\n'
        '    o3["Deployment<br>web"]\n'
        '    o4[/"Secret<br>key …"/]\n'
        "  end\n"
        '  o5[("PersistentVolume<br>a#quot;#35;b")]\n'
        "  o2 -->|serves| o3\n"
    )


def test_the_command_writes_markdown_with_a_diagram_for_each_stack_that_did_not_fail(tmp_path: Path):
    main = """
        import pulumi
        import pulumi_kubernetes as k8s
        if pulumi.get_stack() == "bad":
            raise ValueError("no")
        k8s.core.v1.ConfigMap("c", metadata={"name": "c", "namespace": "default"}, data={})
    """
    project = write_project(tmp_path, main, config={"dev": "", "bad": ""})
    ended = preview_of(project, "--format", "mermaid")
    assert ended.out == (
        "## dev\n\n```mermaid\nflowchart LR\n"
        '  subgraph n1["Namespace default"]\n    o1[/"ConfigMap<br>c"/]\n  end\n```\n'
    )
    assert ended.code == 2
    assert "none of its objects are written" in ended.err
