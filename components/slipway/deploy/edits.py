"""Refuses edits that would lose data or requests, or that the API server would refuse in the middle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.deploy.apply_set import APPLY, OWNER
from slipway.deploy.errors import DeployError
from slipway.deploy.kubectl import Kubectl
from slipway.deploy.ownership import built_in
from slipway.deploy.set_parents import PART_OF, set_id_of, sets
from slipway.parts.edits.rules import RULES, refused
from slipway.preview.model import Manifest

_WITH_PODS = ("DaemonSet", "Deployment", "Pod", "StatefulSet")
_WITH_DATA = ("PersistentVolumeClaim", "StatefulSet")
_INVALID = re.compile(r'\(Invalid\): (\w+)[\w.-]* "([^"]+)" is invalid: (.+)$', re.MULTILINE)
_VALUE = re.compile(r"Invalid value: (\{.*\}|\S+): ")
"""A whole pod template, perhaps with the values of its variables."""

Key = tuple[str, str | None, str]
Bodies = list[dict[str, Any]]


def check_edits(kubectl: Kubectl, owner: str, manifests: Sequence[Manifest]) -> None:
    """Raises DeployError for an object of the stack `owner` that cannot become what is declared."""
    parents = sets(kubectl, owner)
    judged = [one for one in manifests if one.kind in RULES]
    live = {_key(body): body for body in _live(kubectl, judged)}
    there = list(live.values())
    keys = {_key(one.body) for one in manifests}
    new = {one.kind for one in judged if _key(one.body) not in live and one.kind in _WITH_DATA}
    # What the program no longer declares in its namespace may have moved to another one.
    left = [one for one in _made(kubectl, owner, parents, new) if _key(one) not in keys]
    former = {(body["kind"], body["metadata"]["name"]): body for body in left}
    for one in judged:
        was = live.get(_key(one.body)) or former.get((one.kind, one.name))
        if was and (why := refused(was, one.body, there)):
            raise DeployError(f"{one.source}: {why}" if one.source else why)
    for why in _refused_by_the_server(kubectl, manifests, parents):
        raise DeployError(why)


def _key(body: Mapping[str, Any]) -> Key:
    return body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]


def _live(kubectl: Kubectl, judged: Sequence[Manifest]) -> Iterator[dict[str, Any]]:
    """The objects in the cluster of the kinds and namespaces of `judged`, and what makes pods there for a Service."""
    for namespace in sorted({one.namespace or "" for one in judged}):
        kinds = {one.kind for one in judged if (one.namespace or "") == namespace}
        plurals = ",".join(
            sorted({f"{kind.lower()}s" for kind in {*kinds, *(_WITH_PODS if "Service" in kinds else ())}})
        )
        yield from kubectl.get(plurals, *(("--namespace", namespace) if namespace else ()))


def _made(kubectl: Kubectl, owner: str, parents: Mapping[str, dict[str, Any]], kinds: set[str]) -> Bodies:
    """The objects of some kinds that earlier deployments of the stack have made in any namespace."""
    if not kinds:
        return []
    asked = (",".join(sorted(f"{kind.lower()}s" for kind in kinds)), "--all-namespaces", "--selector")
    ids = ",".join(set_id_of(parent) for parent in parents.values())
    return [
        *(kubectl.get(*asked, f"{PART_OF} in ({ids})") if ids else []),
        *kubectl.get(*asked, f"{OWNER}={owner}"),
    ]


def _refused_by_the_server(
    kubectl: Kubectl, manifests: Sequence[Manifest], parents: Mapping[str, dict[str, Any]]
) -> Iterator[str]:
    """What the API server finds invalid in what is declared. It tries each object and writes nothing.

    https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
    """
    tried = [one for one in manifests if built_in(one.body) and (one.namespace is None or one.namespace in parents)]
    if not parents or not tried:
        return
    items = [one.body for one in tried]
    try:
        kubectl.run(*APPLY, "--dry-run=server", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    except DeployError as error:
        # Other errors may be only because what the object needs is not there yet.
        for kind, name, why in _INVALID.findall(str(error)):
            found = next((one for one in tried if (one.kind, one.name) == (kind, name)), None)
            place = f" --namespace {found.namespace}" if found and found.namespace else ""
            where = f"{found.source}: " if found and found.source else ""
            yield (
                f"{where}{kind} {name!r} cannot become what is declared: {_VALUE.sub('', why)}; correct the field, "
                f"give the object another name, or delete it first, with what it holds: `kubectl delete "
                f"{kind.lower()} {name}{place}`"
            )
