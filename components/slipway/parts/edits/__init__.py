"""Refuses edits of existing objects that would lose data or requests, before anything is written.

Kubernetes never changes some fields. For these, the provider deletes the object and makes a new one. Each rule compares
an object with what the program declares now. Both ways to deploy use the same rules: a component compares with the
state of the stack (`guarded`), and `slipway apply` with the objects in the cluster. docs/edits.md lists all edits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import pulumi

from slipway.parts.arguments.refusal import caller
from slipway.parts.edits.objects import Body, Rule, api_form
from slipway.parts.edits.storage import claim_refused, volume_refused
from slipway.parts.edits.traffic import service_refused
from slipway.parts.edits.workloads import pod_refused, replaced_by_the_provider, selector_refused, stateful_set_refused
from slipway.parts.state import last_state, objects_of, predecessor
from slipway.parts.workload import WorkloadResource

T = TypeVar("T")

RULES: Mapping[str, Rule] = {
    "DaemonSet": selector_refused,
    "Deployment": selector_refused,
    "PersistentVolume": volume_refused,
    "PersistentVolumeClaim": claim_refused,
    "Pod": pod_refused,
    "Service": service_refused,
    "StatefulSet": stateful_set_refused,
}
"""The rule of each kind that has one. No edit of any other kind has to be refused."""


def refused(was: Body, body: Body, there: Sequence[Body]) -> str | None:
    """Why the object `was` cannot become `body`, and the way out; None if it can.

    All are in the form of the Kubernetes API. `there` are the existing objects. In `body`, a field that is missing, or
    that only a deployment knows, counts as unchanged.
    """
    rule = RULES.get(body["kind"])
    return rule(was, body, there) if rule else None


def guarded(
    component: pulumi.ComponentResource, value: pulumi.Input[T], body: Body | pulumi.Output[Body]
) -> pulumi.Output[T]:
    """`value`, if the object of `component` in the stack's state can become `body`. Otherwise it raises RunError.

    A field of the object takes the result. So a refusal stops the deployment before the object is written.
    """
    where = caller()

    async def judged() -> pulumi.Input[T]:
        state = await last_state()
        declared = await body.future() if isinstance(body, pulumi.Output) else body
        was = predecessor(state, await component.urn.future() or "", declared) if declared else None
        if declared is None or was is None:
            return value
        why = refused(was, declared, objects_of(state)) or replaced_by_the_provider(was, declared)
        if why:
            # The SDK wraps a ValueError, such as Refusal, and then the engine prints a traceback.
            raise pulumi.RunError(f"{where}: {why}" if where else why)
        return value

    return pulumi.Output.from_input(judged()).apply(lambda judged: judged)


def body_of(api_version: str, kind: str, name: str, namespace: str | None, **fields: Any) -> Body:
    """An object with those fields that a rule compares. The namespace is None if only a deployment knows it."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, **fields, "metadata": {**metadata, **fields.get("metadata", {})}}


def guarded_spec(component: WorkloadResource, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The `spec` of the workload `component`, in the fields of the provider. Its selector is `guarded`."""
    workload = component.workload
    declared = api_form({key: value for key, value in spec.items() if key != "template"})
    body = body_of(workload.api_version, workload.kind, workload.name, workload.place.known, spec=declared)
    return {**spec, "selector": guarded(component, spec["selector"], body)}
