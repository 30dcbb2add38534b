"""Takes over the fields of objects that another tool has declared.

In server-side apply, a field stays as long as one manager owns it. So a field that kubectl or Helm has declared, and
the program does not, would stay for ever. Before an object becomes a member of the stack's set, its fields are handed
to our field manager. Then the apply removes what the program does not declare, as it removes everything else.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
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
Owners = list[dict[str, Any]]


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
        _hand(kubectl, live, _by_us)


def hand_to_engine(kubectl: Kubectl, bodies: Iterable[Body]) -> list[str]:
    """Does the same for the Pulumi engine, which has applied the objects. Returns the kinds and names of those."""
    done = [live for live in stored(kubectl, bodies) if _hand(kubectl, live, _by_the_engine)]
    return [f"{live['kind']} {live['metadata']['name']}" for live in done]


def _hand(kubectl: Kubectl, live: Body, handed: Callable[[Body], Owners | None]) -> bool:
    for attempt in range(_ATTEMPTS):
        owners = handed(live)
        if owners is None:
            return False
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
            return True
    return False


def _by_us(live: Body) -> Owners | None:
    return _handed(live, _taken(live), MANAGER)


def _by_the_engine(live: Body) -> Owners | None:
    owners: Owners = live["metadata"].get("managedFields", [])
    engine = next((str(one["manager"]) for one in owners if _is_the_engine(one)), None)
    if engine is None:
        return None
    return _handed(live, [one for one in owners if _is_declaring(one) and one["manager"] != engine], engine)


def _handed(live: Body, taken: Owners, manager: str) -> Owners | None:
    """The owners of the object's fields once `manager` has those of `taken`; None if there are none to take."""
    if not taken:
        return None
    owners: Owners = live["metadata"]["managedFields"]
    own = [one for one in owners if one.get("manager") == manager and one.get("operation") == "Apply"]
    merged = {**taken[-1], "manager": manager, "operation": "Apply", "fieldsV1": _all(*own, *taken)}
    return [*(one for one in owners if one not in taken and one not in own), merged]


def dropped(live: Body, after: Body) -> Fields:
    """The fields that nobody owns once we have taken over the object `live` and applied it as `after`."""
    taken = _taken(live)
    owners: Owners = after["metadata"].get("managedFields", [])
    return only_in(_all(*taken), _all(*(one for one in owners if not _is_declaring(one)))) if taken else {}


def _taken(live: Body) -> Owners:
    if PART_OF in part(live, "metadata", "labels"):
        return []
    return [one for one in live["metadata"].get("managedFields", []) if _is_declaring(one)]


def _all(*owners: Body) -> Fields:
    fields: Fields = {}
    for one in owners:
        fields = united(fields, one.get("fieldsV1", {}))
    return fields


def _is_the_engine(owner: Body) -> bool:
    return str(owner.get("manager")).startswith("pulumi-kubernetes-") and owner.get("operation") == "Apply"


def _is_declaring(owner: Body) -> bool:
    """Whether a field manager is a tool that declares whole objects."""
    return not owner.get("subresource") and bool(
        _DECLARING.fullmatch(f"{owner.get('manager')}:{owner.get('operation')}")
    )


def _reference(body: Body) -> dict[str, Any]:
    metadata = {key: body["metadata"][key] for key in ("name", "namespace") if key in body["metadata"]}
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": metadata}


def _list(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": items}
