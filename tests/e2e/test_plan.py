"""The offline preview gives a program the same answers as the real engine's preview. It needs an engine, no cluster."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation
from pulumi.runtime.rpc import UNKNOWN

from slipway.preview.model import COMPUTED
from slipway.preview.result import Result
from tests.e2e.planned import differences
from tests.preview.running import result, write_project

pytestmark = pytest.mark.skipif(
    not (shutil.which("pulumi") and shutil.which("pulumi-resource-kubernetes")),
    reason="there is no pulumi with its Kubernetes plugin on the PATH",
)

PROGRAM = """
import json
import pulumi
import pulumi_kubernetes as k8s

class Holder(pulumi.ComponentResource):
    def __init__(self, name, **props):
        super().__init__("a:b:Holder", name, props)
        self.register_outputs({})

namespace = k8s.core.v1.Namespace("apps", metadata={"labels": {"team": "web"}})
named = {"namespace": namespace.metadata.apply(lambda metadata: metadata.name)}
account = k8s.core.v1.ServiceAccount("account", metadata=named)
holder = Holder("holder", account=account, holder=Holder("inner"))
k8s.core.v1.ConfigMap("nowhere", data={"a": "b"})
k8s.rbac.v1.ClusterRole("role", rules=[])
widget = k8s.apiextensions.CustomResource(
    "widget", api_version="example.com/v1", kind="Widget", metadata={"name": "w", **named}, spec={"size": 1}
)
annotations = {"holder": holder, "team": namespace.metadata.labels.apply(lambda labels: labels["team"])}
pod = k8s.core.v1.Pod(
    "pod",
    metadata={"annotations": annotations, **named},
    spec={"service_account_name": account, "containers": [{"name": "c", "image": "nginx"}]},
)
service = k8s.core.v1.Service("service", metadata=named, spec={"ports": [{"port": 80}]})
pulumi.export("name", pulumi.Output.concat("in ", namespace.metadata.name))
pulumi.export("labels", namespace.metadata.apply(lambda metadata: metadata.labels))
pulumi.export("none", account.metadata.apply(lambda metadata: f"{metadata.labels}"))
pulumi.export("metadata", account.metadata)
pulumi.export("namespace", service.metadata.namespace)
pulumi.export("port", service.spec.apply(lambda spec: spec.ports[0].port))
pulumi.export("widget", widget.metadata["name"])
pulumi.export("unknown", [namespace.id, service.status, pod.status.apply(lambda status: status.pod_ip)])
pulumi.export("address", service.spec.cluster_ip)
pulumi.export("uid", namespace.metadata.apply(lambda metadata: f"{metadata.name}-{metadata.uid}"))
"""
KUBECONFIG = """
{apiVersion: v1, kind: Config, current-context: none, clusters: [{name: none, cluster: {server: 'https://127.0.0.1:9'}}],
 contexts: [{name: none, context: {cluster: none, user: none}}], users: [{name: none, user: {token: none}}]}
"""


def test_the_engine_and_the_offline_preview_plan_and_answer_the_same(tmp_path: Path) -> None:
    project = write_project(tmp_path, PROGRAM)
    (tmp_path / "kubeconfig").write_text(KUBECONFIG, encoding="utf-8")
    ours = result(project)
    assert not ours.failed, ours.diagnostics
    planned, outputs = _as_named_by(ours, *_planned(project))
    assert not differences(planned, {one.urn: one.inputs for one in ours.registrations})
    made_up = {"uid": "None", "address": None}
    assert {key: ours.outputs[key] for key in made_up} == dict.fromkeys(made_up, COMPUTED)
    assert outputs.pop("uid").endswith("-None"), "the engine makes up a value that nobody knows; here it is unknown"
    assert outputs == {key: value for key, value in ours.outputs.items() if key not in made_up}


def _planned(project: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of each resource by its URN, and the stack's outputs."""
    (project / "state").mkdir()
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "KUBECONFIG": str(project / "kubeconfig"),
        "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "only for this test",
    }
    options = automation.LocalWorkspaceOptions(env_vars=environment)
    stack = automation.create_stack("dev", work_dir=str(project), opts=options)
    planned: dict[str, Any] = {}
    outputs: dict[str, Any] = {}

    def note(event: automation.EngineEvent) -> None:
        if (pre := event.resource_pre_event) and pre.metadata.new and not pre.metadata.type.startswith("pulumi:"):
            planned[pre.metadata.urn] = pre.metadata.new.inputs or {}
        if (after := event.res_outputs_event) and after.metadata.new and after.metadata.type.endswith(":Stack"):
            outputs.update(after.metadata.new.outputs or {})

    stack.preview(on_event=note)
    return planned, outputs


def _as_named_by(
    ours: Result, planned: Mapping[str, Any], outputs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plan with our generated names and our placeholder for unknown values."""
    text = json.dumps([planned, outputs])
    for one in ours.registrations:
        if one.custom:
            text = text.replace(planned[one.urn]["metadata"]["name"], one.inputs["metadata"]["name"])
    made: tuple[dict[str, Any], dict[str, Any]] = json.loads(text)
    return made[0], json.loads(json.dumps(made[1]).replace(UNKNOWN, COMPUTED))
