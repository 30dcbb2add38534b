"""Reports during `pulumi up` why a workload does not become ready. The provider does not say why.

The engine calls resource hooks before it creates or updates a resource, and after it has failed. In between, a thread
watches the rollout. It reports a fault that waiting does not fix long before the timeout.
https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Mapping
from itertools import count
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor, monitor_supports_feature

from slipway.workloads.rollout.cluster import Cluster, UnknownCluster, cluster_of
from slipway.workloads.rollout.explain import account
from slipway.workloads.rollout.faults import fault_of
from slipway.workloads.rollout.lookout import Lookout

_POLL = 3.0
_NOT_READY = ("failed to fully initialize or become live", "timed out waiting for the condition")
"""The provider's messages after a timeout. For other errors, the provider itself says why."""

_numbers = count(1)


def awaited(
    options: pulumi.ResourceOptions, component: pulumi.Resource, kind: str, name: str, seconds: int
) -> pulumi.ResourceOptions:
    """Add to `options` the timeouts and the hooks that watch the workload of `component`."""
    options.custom_timeouts = pulumi.CustomTimeouts(create=f"{seconds}s", update=f"{seconds}s")
    options.hooks = _hooks(component, kind, name, seconds)
    return options


def _hooks(component: pulumi.Resource, kind: str, name: str, seconds: int) -> pulumi.ResourceHookBinding | None:
    """The hooks for the engine; None if it does not call them, as in a preview or a test."""
    features = (
        resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
        resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    )
    called = not pulumi.runtime.is_dry_run() and not isinstance(get_monitor(), MockMonitor)
    if not called or not all(map(monitor_supports_feature, features)):
        return None
    watch = Watch(kind, cluster_of(component), seconds)
    # Two namespaces may have a workload of one name, but the names of hooks must be unique in a program.
    named = f"slipway-{kind}-{name}-{next(_numbers)}".lower()
    begin = pulumi.ResourceHook(f"{named}-begin", watch.begin)
    end = pulumi.ResourceHook(f"{named}-end", watch.end)
    return pulumi.ResourceHookBinding(
        before_create=[begin],
        before_update=[begin],
        after_create=[end],
        after_update=[end],
        on_error=[pulumi.ErrorHook(f"{named}-failed", watch.failed)],
    )


class Watch:
    """Watches one workload while the engine waits for it. If the watch fails, the deployment goes on."""

    def __init__(self, kind: str, cluster: Cluster | UnknownCluster, seconds: int) -> None:
        self._kind = kind
        self._cluster = cluster
        self._seconds = seconds
        self._over = threading.Event()
        self._told: str | None = None

    async def begin(self, args: pulumi.ResourceHookArgs) -> None:
        """Start the watch."""
        cluster, place = self._cluster, _place(args.new_inputs)
        if place and not isinstance(cluster, UnknownCluster):
            self._over.clear()
            # The SDK keeps its settings in context variables, which a new thread does not inherit.
            run = contextvars.copy_context().run
            threading.Thread(target=run, args=(self._look_on, cluster, *place), daemon=True).start()

    async def end(self, args: pulumi.ResourceHookArgs) -> None:
        """Stop the watch: the workload is ready."""
        self._over.set()

    async def failed(self, args: pulumi.ErrorHookArgs) -> bool:
        """Report why it failed. Returns False: a retry would create an object that already exists."""
        self._over.set()
        place = _place(args.new_inputs)
        if place and any(words in error for error in args.errors for words in _NOT_READY):
            pulumi.log.error(await asyncio.to_thread(self._why, *place))
        return False

    def _why(self, namespace: str, name: str) -> str:
        begun = f"{self._kind} {namespace}/{name}"
        described = f"`kubectl --namespace {namespace} describe pods` tells"
        if isinstance(self._cluster, UnknownCluster):
            return f"{begun} did not come up, and why is not looked up: {self._cluster}; {described}"
        try:
            fault, lines = account(self._cluster, self._kind, namespace, name)
        except UnknownCluster as unknown:
            return f"{begun} did not come up, and why is not known: {unknown}; {described}"
        # If this fault was already reported, its first two lines are enough.
        lines = lines[:2] if fault and fault.change == self._told else lines
        return "\n  ".join([f"{begun} did not come up within {self._seconds} s: {lines[0]}", *lines[1:]])

    def _look_on(self, cluster: Cluster, namespace: str, name: str) -> None:
        started = time.monotonic()
        lookout = Lookout()
        try:
            while not self._over.wait(_POLL) and (now := time.monotonic()) - started < self._seconds:
                for found in cluster.get(self._kind, name, "--namespace", namespace):
                    fault = lookout.staying(fault_of(cluster, found), now)
                    if fault and fault.change != self._told and not self._over.is_set():
                        self._told = fault.change
                        _, lines = account(cluster, self._kind, namespace, name, fault)
                        left = self._seconds - (time.monotonic() - started)
                        begun = (
                            f"{self._kind} {namespace}/{name} does not come up, and is awaited for {left:.0f} s more"
                        )
                        pulumi.log.warn("\n  ".join([f"{begun}: {lines[0]}", *lines[1:]]))
        except Exception as error:
            # The watch only helps and must not fail the deployment. If the wait fails, `failed` reports the cause.
            pulumi.log.debug(f"no longer looking on at {namespace}/{name}: {error!r}")


def _place(inputs: Mapping[str, Any] | None) -> tuple[str, str] | None:
    """Namespace and name, if they are plain values."""
    match (inputs or {}).get("metadata"):
        case {"namespace": str(namespace), "name": str(name)}:
            return namespace, name
        case _:
            return None
