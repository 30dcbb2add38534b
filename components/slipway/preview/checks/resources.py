"""Rules `resources/…`: requests and limits that the API server refuses or warns about.

https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from slipway.preview.checks.fields import at, finding, hint, mapping, shown
from slipway.preview.checks.pods import PodTemplate, pod_templates
from slipway.preview.checks.quantities import parse
from slipway.preview.model import Finding, Manifest, Severity

_STANDARD = ("cpu", "memory", "ephemeral-storage")
_BYTES = ("memory", "ephemeral-storage")


def check(manifests: Sequence[Manifest]) -> Iterator[Finding]:
    """Finds mistakes in the resources of containers and of whole pods."""
    for template in pod_templates(manifests):
        places = [(template.at("resources"), mapping(template.spec, "resources"))]
        places += [(at(c.path, "resources"), mapping(c.body, "resources")) for c in template.containers()]
        for path, resources in places:
            for part in ("requests", "limits"):
                yield from _quantities(template, at(path, part), mapping(resources, part))
            yield from _request_above_limit(template, path, resources)


def _quantities(template: PodTemplate, path: str, quantities: dict[str, Any]) -> Iterator[Finding]:
    for name, written in quantities.items():
        where, amount = at(path, name), parse(written)
        if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
            yield finding(
                template.manifest,
                Severity.ERROR,
                "resources/unknown",
                where,
                f"`{name}` is no resource of Kubernetes"
                + (hint(name, _STANDARD) or f": use {', '.join(_STANDARD)} or `domain/name`"),
            )
        elif amount is not None and amount < 0:
            yield finding(
                template.manifest,
                Severity.ERROR,
                "resources/negative",
                where,
                f"{shown(written)} is below zero, which Kubernetes refuses: leave it out",
            )
        elif amount is not None and name in _BYTES and amount != amount.to_integral_value():
            yield finding(
                template.manifest,
                Severity.WARNING,
                "resources/fractional-bytes",
                where,
                f"{shown(written)} is {_plain(amount)} bytes of {name}: did you mean `{_in_mebibytes(written)}`?",
            )


def _request_above_limit(template: PodTemplate, path: str, resources: dict[str, Any]) -> Iterator[Finding]:
    limits = mapping(resources, "limits")
    for name, written in mapping(resources, "requests").items():
        request, limit = parse(written), parse(limits.get(name))
        if request is not None and limit is not None and request > limit:
            yield finding(
                template.manifest,
                Severity.ERROR,
                "resources/request-above-limit",
                at(path, "requests", name),
                f"the {name} request {shown(written)} is above the limit {shown(limits[name])}, "
                "which Kubernetes refuses: raise the limit or lower the request",
            )


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _in_mebibytes(written: Any) -> str:
    # `400m` is four tenths of a byte; the author means mebibytes.
    return f"{str(written).rstrip('numkMGTPEi')}Mi"
