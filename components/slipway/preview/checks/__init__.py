"""Finds mistakes in rendered manifests before a cluster sees them.

Each module is one family of rules. It has a function `check` that takes the manifests and yields
findings. docs/rules.md explains every rule.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from slipway.preview.checks import (
    autoscaling,
    backends,
    disruptions,
    duplicates,
    exposure,
    images,
    names,
    overlaps,
    pod_security,
    published,
    references,
    resources,
    schedules,
    schema,
    services,
    vertical,
    workloads,
)
from slipway.preview.checks.definitions import Definitions
from slipway.preview.checks.objects import Existing, Objects
from slipway.preview.clusters import by_cluster
from slipway.preview.model import Finding, Manifest

__all__ = ["check"]


def check(
    manifests: Sequence[Manifest],
    *,
    kubernetes_version: str = "1.36",
    complete: bool = True,
    existing: Collection[Existing] = (),
    definitions: Definitions | None = None,
) -> list[Finding]:
    """The findings of all rules in the manifests of one stack, the most severe first.

    The same manifests give the same findings in the same order. `kubernetes_version` is a minor version
    (`1.36`). Raises ValueError if it is malformed or older than the oldest schemas. Raises nothing for a
    malformed manifest: that is a finding. `complete=False` means that the program makes objects which are not
    among the manifests (a Helm release). A selector or an autoscaler without a workload is then only a warning.
    `existing` are objects that somebody else makes. `definitions` are the CRDs that are known: by default those among
    the manifests.
    """
    version = published.parse_version(kubernetes_version)
    known = definitions or Definitions(manifests)
    findings = [*duplicates.check(manifests)]
    for there in by_cluster(manifests).values():
        findings += _of_a_cluster(there, Objects(there, complete=complete, existing=existing), version, known)
    return sorted(findings, key=lambda f: (-f.severity, f.where, f.path, f.rule, f.message))


def _of_a_cluster(
    manifests: Sequence[Manifest], objects: Objects, version: published.Version, definitions: Definitions
) -> list[Finding]:
    """The findings in the objects of one cluster. No object refers to, selects or scales one of another cluster."""
    return [
        *schema.check(manifests, version, definitions),
        *names.check(manifests, version),
        *images.check(manifests),
        *resources.check(manifests),
        *workloads.check(manifests),
        *pod_security.check(objects, version),
        *references.check(objects),
        *services.check(objects),
        *overlaps.check(objects),
        *backends.check(objects),
        *disruptions.check(objects),
        *schedules.check(objects),
        *autoscaling.check(objects),
        *vertical.check(objects),
        *exposure.check(manifests),
    ]
