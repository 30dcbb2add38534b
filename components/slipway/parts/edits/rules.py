"""The rules for edits of existing objects, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slipway.parts.edits.objects import Body, Rule
from slipway.parts.edits.storage import claim_refused, volume_refused
from slipway.parts.edits.traffic import service_refused
from slipway.parts.edits.workloads import pod_refused, selector_refused, stateful_set_refused

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
