"""Every object of ours takes raw fields of its spec, so that a new field of Kubernetes never waits for us."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from slipway import (
    Alerts,
    Autoscaler,
    Certificate,
    Claim,
    Config,
    Connection,
    CronJob,
    DaemonSet,
    Dashboard,
    Deployment,
    DisruptionBudget,
    EventScaler,
    ExternalSecret,
    Ingress,
    Job,
    Monitor,
    Namespace,
    NamespaceArgs,
    NetworkPolicy,
    Password,
    PersistentVolume,
    Pod,
    PullSecret,
    Route,
    Service,
    ServiceAccount,
    StatefulSet,
    TlsSecret,
    VerticalAutoscaler,
    WebService,
    WebServiceArgs,
    Worker,
)
from slipway.testing import Recording, deploy
from tests.components import examples
from tests.components.examples import EXAMPLES, IMAGE, NAMESPACE, STATES, surroundings

Component = type[pulumi.ComponentResource]

NAME = "web"
FIELDS: dict[Component, dict[str, str]] = {
    Alerts: {"spec": "PrometheusRule web"},
    Autoscaler: {"spec": "HorizontalPodAutoscaler web"},
    Certificate: {"spec": "Certificate web"},
    Claim: {"spec": "PersistentVolumeClaim web"},
    Connection: {"egress_spec": "NetworkPolicy web-egress", "ingress_spec": "NetworkPolicy web-ingress"},
    CronJob: {"cron_spec": "CronJob web"},
    DaemonSet: {"spec": "DaemonSet web"},
    Deployment: {"spec": "Deployment web"},
    DisruptionBudget: {"spec": "PodDisruptionBudget web"},
    EventScaler: {"spec": "ScaledObject web"},
    ExternalSecret: {"spec": "ExternalSecret web"},
    Ingress: {"spec": "Ingress web"},
    Job: {"spec": "Job web"},
    Monitor: {"spec": "PodMonitor web"},
    Namespace: {"spec": "Namespace web", "quota_spec": "ResourceQuota web", "defaults_spec": "LimitRange web"},
    NetworkPolicy: {"spec": "NetworkPolicy web"},
    PersistentVolume: {"spec": "PersistentVolume web"},
    Pod: {"pod_spec": "Pod web"},
    Route: {"spec": "HTTPRoute web"},
    Service: {"spec": "Service web"},
    StatefulSet: {"spec": "StatefulSet web", "service_spec": "Service web-headless"},
    VerticalAutoscaler: {"spec": "VerticalPodAutoscaler web"},
    WebService: {
        "spec": "Deployment web",
        "service_spec": "Service web",
        "autoscaler_spec": "HorizontalPodAutoscaler web",
        "budget_spec": "PodDisruptionBudget web",
    },
    Worker: {
        "spec": "Deployment web",
        "event_scaler_spec": "ScaledObject web",
        "budget_spec": "PodDisruptionBudget web",
    },
}
"""By component, the field of its args for the raw spec of each object that it makes."""

WITHOUT_SPEC: list[Component] = [Config, Dashboard, Password, PullSecret, ServiceAccount, TlsSecret]
"""What makes only objects without a spec, whose metadata is all that is open."""


def _raw(field: str) -> dict[str, Any]:
    return {"aFieldToCome": {"deepInside": [field]}}


def made(component: Component, monkeypatch: pytest.MonkeyPatch, **own: Any) -> tuple[Recording, str]:
    """The example of the component with `own` in its args, and its URN."""
    args = f"{component.__name__}Args"
    real = getattr(examples, args)

    def completed(**given: Any) -> object:
        return real(**{**given, **own})

    monkeypatch.setattr(examples, args, completed)
    recording = deploy(lambda: EXAMPLES[component](NAME, pulumi.ResourceOptions(), surroundings()), states=STATES)
    return recording, recording.one(f"slipway:index:{component.__name__}", NAME).urn


def own_objects(recording: Recording, urn: str) -> dict[str, dict[str, Any]]:
    """The objects below the component; those named by their content without the digits."""
    below = {one.urn for one in recording.below(urn)}
    found = [one for one in recording.manifests() if one.urn in below]
    return {f"{one.kind} {_logical(one.name)}": one.body for one in found}


def _logical(name: str) -> str:
    stem, _, digits = name.rpartition("-")
    return stem if len(digits) == 8 and not set(digits) - set("0123456789abcdef") else name


@pytest.mark.parametrize("component", EXAMPLES, ids=lambda one: one.__name__)
def test_each_object_with_a_spec_takes_raw_fields_last(component: Component, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = FIELDS.get(component, {})
    recording, urn = made(component, monkeypatch, **{field: _raw(field) for field in fields})
    specs = {name: body["spec"] for name, body in own_objects(recording, urn).items() if "spec" in body}
    taken = {name: spec.get("aFieldToCome") for name, spec in specs.items()}
    assert taken == {name: {"deepInside": [field]} for field, name in fields.items()}
    # The spec of a Namespace is empty unless it is told otherwise.
    emptied = [name for name, spec in specs.items() if len(spec) == 1 and not name.startswith("Namespace")]
    assert emptied == [], "the component's own fields stay"


@pytest.mark.parametrize("component", WITHOUT_SPEC, ids=lambda one: one.__name__)
def test_an_object_without_a_spec_takes_annotations(component: Component, monkeypatch: pytest.MonkeyPatch) -> None:
    recording, urn = made(component, monkeypatch, annotations={"example.com/told": "yes"})
    objects = own_objects(recording, urn)
    assert objects
    told = [name for name, body in objects.items() if body["metadata"]["annotations"].get("example.com/told") == "yes"]
    assert told == [*objects]


def test_the_raw_fields_of_a_part_that_is_not_made_are_refused() -> None:
    for field in ("service_spec", "autoscaler_spec", "event_scaler_spec", "budget_spec"):
        own: dict[str, Any] = {"namespace": NAMESPACE, "image": IMAGE, "replicas": 1, field: _raw(field)}
        with pytest.raises(ValueError, match=f"{field} .*is for an? "):
            WebServiceArgs(**own)
    for part in ("quota", "defaults"):
        given: dict[str, Any] = {f"{part}_spec": _raw(part)}
        with pytest.raises(ValueError, match=f"{part}_spec is given without {part}"):
            NamespaceArgs(**given)
