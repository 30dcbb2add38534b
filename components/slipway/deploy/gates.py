"""Jobs that come before what depends on them, such as a migration before the Deployment that needs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from slipway.deploy.kubectl import Kubectl
from slipway.preview.model import Manifest, Registration


@dataclass(frozen=True)
class Gate:
    """`jobs` have to succeed before the objects that are `waiting`, by URN, may be applied."""

    jobs: list[Manifest]
    waiting: frozenset[str]


def gates(manifests: Iterable[Manifest], registrations: Iterable[Registration]) -> list[Gate]:
    """The gates of a stack, in their order: a Job may itself wait for what waits for another one.

    A Job for which nothing waits is no gate: it may need what is applied behind one.
    """
    known = list(manifests)
    jobs = {one.urn: one for one in known if one.kind == "Job"}
    dependencies: dict[str, list[str]] = {one.urn: one.options.get("dependencies", []) for one in registrations}
    waited_for = {urn for named in dependencies.values() for urn in named}

    @cache
    def before(urn: str) -> int:
        """How many Jobs have to succeed one after the other before an object can be applied."""
        return max((before(one) + (one in jobs) for one in dependencies.get(urn, [])), default=0)

    depths = {one.urn: before(one.urn) for one in known}
    return [
        Gate(
            jobs=[job for urn, job in jobs.items() if urn in waited_for and depths[urn] == depth],
            waiting=frozenset(urn for urn, behind in depths.items() if behind > depth),
        )
        for depth in range(max(depths.values(), default=0))
    ]


def run_again(kubectl: Kubectl, manifests: Iterable[Manifest]) -> None:
    """Takes out the Jobs that have failed, so that applying them runs them again, as `pulumi up` does."""
    for one in manifests:
        if one.kind != "Job" or not one.namespace:
            continue
        for found in kubectl.get("job", one.name, "--namespace", one.namespace):
            conditions = found.get("status", {}).get("conditions", [])
            if any(each["type"] == "Failed" and each["status"] == "True" for each in conditions):
                kubectl.run("delete", "job", one.name, "--namespace", one.namespace, "--ignore-not-found")
