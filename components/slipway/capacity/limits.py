"""What a namespace's LimitRange and ResourceQuota do to pods, as the API server does it.

https://kubernetes.io/docs/concepts/policy/limit-range/
https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from slipway.capacity.cluster import Body
from slipway.capacity.model import Amounts, Shape
from slipway.capacity.requests import amount, amounts, completed
from slipway.preview.checks.fields import get, items, mapping, text

_HOLDERS = ("containers", "initContainers")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The LimitRanges and ResourceQuotas that there are."""

    ranges: Sequence[Body] = ()
    quotas: Sequence[Body] = ()

    @classmethod
    def among(cls, objects: Sequence[Body]) -> Limits:
        def of(kind: str) -> list[Body]:
            return [one for one in objects if one.get("kind") == kind]

        return cls(ranges=of("LimitRange"), quotas=of("ResourceQuota"))

    def completed(self, namespace: str, spec: Any) -> dict[str, Any]:
        """The pod's spec with the defaults of the namespace."""
        whole = completed(spec)
        for item in self._items(namespace, "Container"):
            limits, requests = _defaults(item)
            for holder in _HOLDERS:
                if holder in whole:
                    whole[holder] = [_with(one, limits, requests) for _, one in items(whole, holder)]
        return whole

    def refusal(self, namespace: str, spec: Any) -> str:
        """Why a LimitRange refuses the pod; empty if none does. `spec` is completed."""
        for item in self._items(namespace, "Container"):
            for holder in _HOLDERS:
                for _, container in items(spec, holder):
                    if told := _beyond(item, "Container", container):
                        return told
        return ""

    def _items(self, namespace: str, kind: str) -> Iterator[Body]:
        for one in self.ranges:
            if (text(one, "metadata", "namespace") or "default") == namespace:
                for _, item in items(one, "spec", "limits"):
                    if text(item, "type") == kind:
                        yield item


def _defaults(item: Body) -> tuple[dict[str, Any], dict[str, Any]]:
    """The limits and the requests of a container that states none. Each falls back to others of the same item."""
    limits = {**mapping(item, "max"), **mapping(item, "default")}
    requests = {**mapping(item, "min"), **limits, **mapping(item, "defaultRequest")}
    return limits, requests


def _with(container: dict[str, Any], limits: Body, requests: Body) -> dict[str, Any]:
    stated = mapping(container, "resources")
    both = {
        **stated,
        "limits": {**limits, **mapping(stated, "limits")},
        "requests": {**requests, **mapping(stated, "requests")},
    }
    return {**container, "resources": both}


def _beyond(item: Body, kind: str, container: Body) -> str:
    asked = amounts(mapping(container, "resources", "requests"))
    most = amounts(mapping(container, "resources", "limits"))
    for resource, quantity in mapping(item, "min").items():
        least = amount(resource, quantity)
        if least is not None and asked.get(resource, least) < least:
            return (
                f"minimum {resource} usage per {kind} is {quantity}, but request is {shown(resource, asked[resource])}"
            )
    for resource, quantity in mapping(item, "max").items():
        bound = amount(resource, quantity)
        if bound is not None and most.get(resource, bound) > bound:
            return f"maximum {resource} usage per {kind} is {quantity}, but limit is {shown(resource, most[resource])}"
    return ""


@dataclass(frozen=True, kw_only=True)
class _Quota:
    """`hard` are the bounds that are known."""

    namespace: str
    name: str
    hard: Amounts
    body: Body

    @classmethod
    def of(cls, body: Body) -> _Quota:
        bounds = {key: amount(_resource(key), value) for key, value in mapping(body, "spec", "hard").items()}
        return cls(
            namespace=text(body, "metadata", "namespace") or "default",
            name=text(body, "metadata", "name") or "",
            hard={key: number for key, number in bounds.items() if number is not None},
            body=body,
        )

    def counts(self, shape: Shape) -> bool:
        return self.namespace == shape.namespace and _counts(self.body, shape)


@dataclass
class Ledger:
    """What the pods of each quota use."""

    limits: Limits
    _used: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict[tuple[str, str], dict[str, int]])

    @cached_property
    def _quotas(self) -> list[_Quota]:
        return [_Quota.of(body) for body in self.limits.quotas]

    def release(self, shape: Shape) -> None:
        """Takes a pod that was charged off again."""
        for quota in self._quotas:
            used = self._used.get((quota.namespace, quota.name))
            if used and quota.counts(shape):
                for key in used:
                    used[key] -= _asked(shape, key) or 0

    def charge(self, shape: Shape) -> str:
        """Counts a pod; or the API server's refusal, if a quota of its namespace has no room for it."""
        charges: list[tuple[dict[str, int], Amounts]] = []
        for quota in self._quotas:
            if not quota.counts(shape):
                continue
            hard, name = quota.hard, quota.name
            if missing := sorted(set(_unset(shape)) & {_canonical(key) for key in hard}):
                return f"failed quota: {name}: must specify {','.join(missing)}"
            used = self._used.setdefault((quota.namespace, name), {})
            asked = {key: number for key in hard if (number := _asked(shape, key)) is not None}
            over = sorted(key for key, number in asked.items() if number and used.get(key, 0) + number > hard[key])
            if over:

                def told(numbers: Mapping[str, int], over: list[str] = over) -> str:
                    return ",".join(f"{key}={shown(_resource(key), numbers.get(key, 0))}" for key in over)

                return f"exceeded quota: {name}, requested: {told(asked)}, used: {told(used)}, limited: {told(hard)}"
            charges.append((used, asked))
        for used, asked in charges:
            for key, number in asked.items():
                used[key] = used.get(key, 0) + number
        return ""


def uncounted(quota: Body) -> list[str]:
    """The scopes of a quota that are not understood here, so that it counts no pod."""
    scopes = get(quota, "spec", "scopes", kind=list)
    listed = [str(one) for one in scopes] if isinstance(scopes, list) else []
    listed += ["scopeSelector"] if mapping(quota, "spec", "scopeSelector") else []
    return [one for one in listed if one not in ("BestEffort", "NotBestEffort")]


def _counts(quota: Body, shape: Shape) -> bool:
    if uncounted(quota):
        return False
    scopes = get(quota, "spec", "scopes", kind=list)
    best_effort = not any(part.get(key) for part in (shape.request, shape.limit) for key in ("cpu", "memory"))
    return all(best_effort == (scope == "BestEffort") for scope in (scopes if isinstance(scopes, list) else ()))


def _canonical(key: str) -> str:
    return f"requests.{key}" if key in ("cpu", "memory", "ephemeral-storage") else key


def _resource(key: str) -> str:
    return key.removeprefix("requests.").removeprefix("limits.")


def _asked(shape: Shape, key: str) -> int | None:
    """How much of a quota's resource a pod takes; None for what pods do not take."""
    if key in ("pods", "count/pods"):
        return 1
    part, _, resource = _canonical(key).partition(".")
    of = {"requests": shape.request, "limits": shape.limit}.get(part)
    # `requests.storage` is about claims, not about pods.
    return None if of is None or resource == "storage" else of.get(resource, 0)


def _unset(shape: Shape) -> list[str]:
    return [f"requests.{key}" for key in shape.unset_requests] + [f"limits.{key}" for key in shape.unset_limits]


_UNITS = (("Gi", 1024**3), ("Mi", 1024**2), ("Ki", 1024))


def shown(resource: str, number: int) -> str:
    """An amount as Kubernetes writes it: 250m, 2, 512Mi."""
    if resource == "cpu":
        return f"{number}m" if number % 1000 else str(number // 1000)
    if number and (resource in ("memory", "ephemeral-storage") or resource.startswith("hugepages-")):
        for unit, size in _UNITS:
            if number % size == 0:
                return f"{number // size}{unit}"
    return str(number)
