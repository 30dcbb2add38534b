"""How much a pod asks for.

https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from slipway.capacity.model import Amounts
from slipway.preview.checks.fields import items, mapping, text
from slipway.preview.checks.quantities import parse

UNASKED = {"cpu": 100, "memory": 200 * 1024**2}
"""What a container that asks for nothing counts as, in scores only."""
_OF_POD = ("cpu", "memory", "hugepages-")


def amount(resource: str, quantity: Any) -> int | None:
    """A quantity as an integer, rounded up; None if it is not known or not a quantity."""
    number = parse(quantity)
    return None if number is None else ceil(number * 1000 if resource == "cpu" else number)


def amounts(given: Mapping[str, Any]) -> dict[str, int]:
    """Quantities as integers. What is not known is left out."""
    found = {resource: amount(resource, quantity) for resource, quantity in given.items()}
    return {resource: number for resource, number in found.items() if number is not None}


def pod_request(
    spec: Any, part: str = "requests", at_least: Amounts | None = None, *, of_pod: bool = True
) -> dict[str, int]:
    """The pod's request, or its limit with `part="limits"`.

    It is the sum of the containers and sidecars, or what an init container needs beside the sidecars that started
    before it, whichever is more; then the pod's own amounts in place of these; then the overhead. `at_least` stands
    in for what a container does not say. With `of_pod=False`, the pod's own amounts do not count.
    """
    total: dict[str, int] = {}
    for _, container in items(spec, "containers"):
        _add(total, _of(container, part, at_least))
    sidecars: dict[str, int] = {}
    peak: dict[str, int] = {}
    for _, container in items(spec, "initContainers"):
        asked = _of(container, part, at_least)
        if text(container, "restartPolicy") == "Always":
            _add(total, asked)
            _add(sidecars, asked)
            asked = sidecars
        else:
            asked = _sum(asked, sidecars)
        peak = _greatest((peak, asked))
    total = _greatest((total, peak))
    own = _of(spec, part, None) if of_pod else {}
    total |= {resource: number for resource, number in own.items() if resource.startswith(_OF_POD)}
    overhead = amounts(mapping(spec, "overhead"))
    # What has no limit gets none from the overhead.
    _add(total, {key: overhead[key] for key in overhead if part == "requests" or total.get(key)})
    return total


def completed(spec: Any) -> dict[str, Any]:
    """The pod's spec with each limit as the request where none is given, as the API server completes it."""
    whole: dict[str, Any] = {**mapping({"spec": spec}, "spec")}
    for field in ("containers", "initContainers"):
        if field in whole:
            whole[field] = [_completed(one) for _, one in items(whole, field)]
    limits = mapping(whole, "resources", "limits")
    if mapping(whole, "resources"):
        asked = {**{key: limits[key] for key in limits if key.startswith(_OF_POD)}, **_asked(whole)}
        whole["resources"] = {**mapping(whole, "resources"), "requests": asked}
    return whole


def _completed(container: dict[str, Any]) -> dict[str, Any]:
    limits = mapping(container, "resources", "limits")
    if not limits:
        return container
    return {**container, "resources": {"limits": limits, "requests": {**limits, **_asked(container)}}}


def _asked(holder: Any) -> dict[str, Any]:
    return mapping(holder, "resources", "requests")


def _of(holder: Any, part: str, at_least: Amounts | None) -> dict[str, int]:
    given = mapping(holder, "resources", part)
    return {**(at_least or {}), **amounts(given)}


def _add(total: dict[str, int], more: Amounts) -> None:
    for resource, number in more.items():
        total[resource] = total.get(resource, 0) + number


def _sum(one: Amounts, other: Amounts) -> dict[str, int]:
    total = dict(one)
    _add(total, other)
    return total


def _greatest(several: Iterable[Amounts]) -> dict[str, int]:
    most: dict[str, int] = {}
    for one in several:
        for resource, number in one.items():
            most[resource] = max(most.get(resource, 0), number)
    return most
