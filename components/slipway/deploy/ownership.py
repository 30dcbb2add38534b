"""Takes over the fields of objects that another tool has declared.

In server-side apply, a field stays as long as one manager owns it. So a field that kubectl or Helm has declared, and
the program does not, would stay for ever. Before an object becomes a member of the stack's set, its fields are handed
to our field manager. Then the apply removes what the program does not declare, as it removes everything else.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from slipway.deploy.errors import DeployError
from slipway.deploy.field_sets import Fields, only_in, united
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.replicas import MANAGER
from slipway.deploy.set_parents import PART_OF
from slipway.parts.edits.objects import part

_DECLARING = re.compile(
    r"kubectl-client-side-apply:Update|kubectl-(create|replace):Update|kubectl:Apply|helm:\w+|pulumi-.*:\w+"
)
"""The managers that declare whole objects, and how they write. Those of single fields, such as `kubectl-rollout` and
autoscalers, keep what they own."""

_BUILT_IN = re.compile(r"v1|(apps|batch|autoscaling|policy|(rbac\.authorization|networking)\.k8s\.io)/v\d")
"""The groups of objects whose kinds are there in every cluster."""

_ATTEMPTS = 5

Body = Mapping[str, Any]


def built_in(body: Body) -> bool:
    return bool(_BUILT_IN.fullmatch(body["apiVersion"]))


def stored(kubectl: Kubectl, bodies: Iterable[Body]) -> list[dict[str, Any]]:
    """Those of the objects that the cluster has, with the owners of their fields. Custom kinds are left out."""
    asked = [_reference(body) for body in bodies if built_in(body)]
    if not asked:
        return []
    return kubectl.get("--filename=-", "--show-managed-fields", stdin=json.dumps(_list(asked)))


def take_over(kubectl: Kubectl, bodies: Iterable[Body]) -> None:
    """Hands our field manager the fields of the objects that no stack has, and that another tool has declared."""
    for live in stored(kubectl, bodies):
        _take_over(kubectl, live)


def _take_over(kubectl: Kubectl, live: Body) -> None:
    for attempt in range(_ATTEMPTS):
        owners = handed_over(live)
        if owners is None:
            return
        change = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"], "managedFields": owners}}
        try:
            kubectl.run(
                *("patch", "--filename=-", "--type=merge", f"--field-manager={MANAGER}", "--patch", json.dumps(change)),
                stdin=json.dumps(_reference(live)),
            )
        except DeployError as error:
            # A controller has written it since it was read.
            if "(Conflict)" not in str(error) or attempt == _ATTEMPTS - 1:
                raise
            [live] = stored(kubectl, [live])
        else:
            return


def handed_over(live: Body) -> list[dict[str, Any]] | None:
    """The owners of its fields once we have taken it over; None if there is nothing to take over."""
    taken = _taken(live)
    if not taken:
        return None
    owners: list[dict[str, Any]] = live["metadata"]["managedFields"]
    ours = [one for one in owners if _is_ours(one)]
    merged = {**taken[-1], "manager": MANAGER, "operation": "Apply", "fieldsV1": _all(*ours, *taken)}
    return [*(one for one in owners if one not in taken and one not in ours), merged]


def dropped(live: Body, after: Body) -> Fields:
    """The fields that nobody owns once we have taken over the object `live` and applied it as `after`."""
    taken = _taken(live)
    owners: list[dict[str, Any]] = after["metadata"].get("managedFields", [])
    return only_in(_all(*taken), _all(*(one for one in owners if not is_declaring(one)))) if taken else {}


def _taken(live: Body) -> list[dict[str, Any]]:
    if PART_OF in part(live, "metadata", "labels"):
        return []
    return [one for one in live["metadata"].get("managedFields", []) if is_declaring(one)]


def _all(*owners: Body) -> Fields:
    fields: Fields = {}
    for one in owners:
        fields = united(fields, one.get("fieldsV1", {}))
    return fields


def _is_ours(owner: Body) -> bool:
    return owner.get("manager") == MANAGER and owner.get("operation") == "Apply"


def is_declaring(owner: Body) -> bool:
    """Whether a field manager is a tool that declares whole objects."""
    return not owner.get("subresource") and bool(
        _DECLARING.fullmatch(f"{owner.get('manager')}:{owner.get('operation')}")
    )


def _reference(body: Body) -> dict[str, Any]:
    metadata = {key: body["metadata"][key] for key in ("name", "namespace") if key in body["metadata"]}
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": metadata}


def _list(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": items}
