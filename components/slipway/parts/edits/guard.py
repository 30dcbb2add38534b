"""Compares what a component declares with the state of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pulumi

from slipway.parts.arguments.refusal import caller
from slipway.parts.edits.objects import Body, api_form
from slipway.parts.edits.rules import refused
from slipway.parts.edits.workloads import replaced_by_the_provider
from slipway.parts.state import last_state, objects_of, predecessor
from slipway.parts.workload import WorkloadResource

T = TypeVar("T")


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
